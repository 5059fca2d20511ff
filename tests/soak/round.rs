//! A round: a share of the batches, then silence, then the accounts.
//!
//! Invariant: nothing of a round is left when the next begins, neither a call nor a
//! connection nor a row.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};

use crate::answer::CALM;
use crate::budget::Counting;
use crate::counts::Counts;
use crate::lag::Lag;
use crate::lane::{Lane, Setup};
use crate::ledger::{Ledger, Number, Verdict};
use crate::load::{FLEET, Load, recovers};
use crate::report::Report;
use crate::server::Server;
use crate::tokens::Refreshes;

/// How many calls are on their way at a time.
const AT_ONCE: usize = if cfg!(debug_assertions) { 24 } else { 128 };

/// How long a round's last tasks may take: a report to the budget, an idle
/// connection's end, a frozen one.
const SETTLE: Duration = Duration::from_secs(20);

/// The servers, the clients that live as long as the soak, and the accounts.
pub(crate) struct Soak {
    seed: u64,
    setup: Setup,
    counts: Arc<Counts>,
    lanes: Vec<Lane>,
    lag: Arc<Lag>,
    /// The next vehicle's number.
    next: Number,
    calm: Number,
}

impl Soak {
    pub(crate) async fn start(seed: u64) -> Self {
        let ledger = Arc::new(Ledger::default());
        let counts = Arc::new(Counts::new(seed, Arc::clone(&ledger)));
        let setup = Setup {
            seed,
            http1: Server::start(false, &counts).await.unwrap(),
            http2: Server::start(true, &counts).await.unwrap(),
            budget: Arc::new(Counting::new(seed, Arc::clone(&ledger))),
            ledger,
            refreshes: Arc::new(Refreshes::default()),
        };
        Self {
            seed,
            lanes: setup.lanes(0),
            setup,
            counts,
            lag: Arc::new(Lag::watch()),
            next: 1000,
            calm: CALM,
        }
    }

    /// Runs so many batches, or those that begin until a moment, waits for silence and closes the accounts.
    pub(crate) async fn run(&mut self, batches: u64, enough: Instant, report: &mut Report) {
        // Half of the clients live for the soak, half for the round.
        let mut lanes = self.lanes.clone();
        lanes.extend(self.setup.lanes(self.next));
        self.load(&lanes, batches, enough, report).await;
        for lane in &lanes {
            self.calm += 1000;
            let recovered = recovers(lane, &self.setup.ledger, self.calm).await;
            recovered.unwrap_or_else(|wrong| self.fail(&wrong));
        }
        drop(lanes);
        self.settle(report).await;
    }

    async fn load(&mut self, lanes: &[Lane], batches: u64, enough: Instant, report: &mut Report) {
        let goal = report.batches() + batches;
        // Far more than it needs: a soak that hangs must not hang for ever.
        let limit = Duration::from_secs(120) + Duration::from_millis(20 * batches);
        let until = Instant::now() + limit;
        let (first, done) = (self.next, Cell::new(false));
        let calls = lanes.iter().cycle().zip(0..).take_while(|_| !done.get());
        let calls = calls.map(|(lane, at)| {
            let (number, lane) = (first + at * FLEET, lane.clone());
            let (seed, ledger, lag) = (
                self.seed,
                Arc::clone(&self.setup.ledger),
                Arc::clone(&self.lag),
            );
            let call = async move {
                let load = Load {
                    seed,
                    ledger: &ledger,
                    lag: &lag,
                };
                load.call(&lane, number).await
            };
            async move { (number, tokio::spawn(call).await) }
        });
        let mut ended = stream::iter(calls).buffer_unordered(AT_ONCE);
        let mut last = first;
        loop {
            let next = tokio::time::timeout_at(until.into(), ended.next()).await;
            let Ok(next) = next else {
                self.fail(&format!("the round did not end within {limit:?}"))
            };
            let Some((number, call)) = next else {
                break;
            };
            match call {
                Ok(Ok(ends)) => report.take(&ends),
                Ok(Err(wrong)) => self.fail(&format!("call {number}: {wrong}")),
                Err(panic) => self.fail(&format!("call {number}: {panic}")),
            }
            last = last.max(number);
            done.set(report.batches() >= goal || Instant::now() >= enough);
        }
        drop(ended);
        self.next = last + FLEET;
    }

    /// Waits until all is quiet, then closes the accounts.
    async fn settle(&mut self, report: &mut Report) {
        let until = Instant::now() + SETTLE;
        loop {
            let open = self.counts.open.load(SeqCst);
            let rows = self.setup.ledger.open_rows();
            let wrong = rows
                .iter()
                .find(|(.., verdict)| matches!(verdict, Verdict::Wrong(_)));
            let missed = rows.iter().map(|(.., verdict)| match verdict {
                Verdict::Unseen(requests) => *requests,
                _ => 0,
            });
            // What was charged and not shown by the library is among the frames.
            let unseen = report.unseen + missed.sum::<u64>();
            let hidden = self.counts.framed.load(SeqCst) - self.counts.shown.load(SeqCst);
            if open == 0 && wrong.is_none() && unseen <= hidden {
                let given_up = rows.iter().filter(|(.., it)| *it == Verdict::GivenUp);
                report.given_up += given_up.count();
                (report.unseen, report.hidden) = (unseen, hidden);
                break;
            }
            if Instant::now() >= until {
                self.fail(&format!(
                    "{open} connections are open, {unseen} charged requests are unseen of {hidden} hidden, and the first wrong account is {wrong:?}"
                ));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for (what, count) in [
            ("requests of which a part came", &self.counts.partial),
            ("lost refresh tokens", &self.setup.refreshes.lost),
        ] {
            let count = count.load(SeqCst);
            if count > 0 {
                self.fail(&format!("{count} {what}"));
            }
        }
        let strange = self.counts.strange();
        if !strange.is_empty() {
            self.fail(&format!("nobody made these requests: {strange:?}"));
        }
        report.sums += self.setup.ledger.sums();
        report.opened = self.counts.opened.load(SeqCst);
        report.refreshes = self.setup.refreshes.done.load(SeqCst);
        report.failed_refreshes = self.setup.refreshes.failed.load(SeqCst);
        report.lag = self.lag.longest();
        self.setup.ledger.clear();
    }

    fn fail(&self, wrong: &str) -> ! {
        panic!("seed {}: {wrong}", self.seed)
    }

    /// Prints how often each fault struck.
    pub(crate) fn print_faults(&self) {
        println!("faults: {:?}", self.counts.struck());
    }
}
