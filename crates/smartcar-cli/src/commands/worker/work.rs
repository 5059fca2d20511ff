//! Takes jobs, requests their vehicles and stores the outcomes.
//!
//! Invariant: however the worker ends, jobs that are not finished are given back.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use smartcar_batch::{Error, FleetOutcome, PathList, PathResults};
use smartcar_nats::{Finished, Queue, Ticket};
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};

use super::counts::Counts;
use super::options::Worker;
use crate::exit::Exit;
use crate::limits::Budget;
use crate::output;
use crate::report::failed::Failed;
use crate::signals::Signals;

/// How often the counts are printed.
const MINUTE: Duration = Duration::from_secs(60);

/// How often an idle worker looks whether the queue is empty.
const LOOK: Duration = Duration::from_millis(200);

/// A worker that is ready to start.
pub(super) struct Work<'a> {
    pub(super) options: &'a Worker,
    pub(super) fleet: smartcar_batch::Fleet<PathList>,
    pub(super) queue: Queue,
    pub(super) counts: Arc<Counts>,
    pub(super) limits: Arc<Budget>,
}

impl Work<'_> {
    /// Works until the queue is empty, if that was asked for, or until a signal.
    pub(super) async fn run(self, signals: &mut Signals) -> Exit {
        let slots = self.options.concurrency();
        output::note(&format!(
            "working on {}, {slots} vehicles at a time",
            self.options.nats.shown()
        ));
        let _watch = self.limits.watch();
        let counts = &self.counts;
        let mut exit = Exit::Good;
        let mut refused = None;
        {
            let jobs = self.queue.jobs(slots).inspect(|_| {
                counts.under_way.inc();
            });
            let mut outcomes = pin!(self.fleet.clone().run(jobs));
            let mut finishing = FuturesUnordered::new();
            let mut is_over = false;
            let mut end: Option<Instant> = None;
            let mut minute = interval_at(Instant::now() + MINUTE, MINUTE);
            let mut look = interval(LOOK);
            for timer in [&mut minute, &mut look] {
                timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
            }
            while !is_over || !finishing.is_empty() {
                tokio::select! {
                    () = signals.next() => {
                        if end.is_some() {
                            exit = Exit::Interrupted;
                            break;
                        }
                        end = Some(Instant::now() + self.options.drain);
                        self.queue.stop();
                    }
                    () = until(end) => break,
                    outcome = outcomes.next(), if !is_over => match outcome {
                        Some(outcome) => {
                            self.count(&outcome);
                            finishing.push(self.queue.finish(outcome));
                        }
                        None => is_over = true,
                    },
                    Some(finished) = finishing.next() => {
                        counts.under_way.dec();
                        counts.add(&finished);
                        if let Finished::Refused { error } = finished {
                            refused.get_or_insert(error);
                            break;
                        }
                    }
                    _ = minute.tick() => self.report(),
                    _ = look.tick(), if self.is_idle() => {
                        let depth = self.queue.depth().await;
                        if depth.is_ok_and(smartcar_nats::Depth::is_empty) {
                            self.queue.stop();
                        }
                    }
                }
            }
        }
        let left = counts.under_way.get();
        counts.given_back.inc_by(left);
        let waiting = self.queue.depth().await.ok().map(|depth| depth.waiting);
        let given_back = counts.given_back.get();
        self.queue.clone().close().await;
        let mut line = self.counts.line(waiting, &self.limits.left().await);
        if given_back > 0 {
            line.push_str(&format!("; {given_back} given back"));
        }
        output::note(&line);
        refused.map_or(exit, |error| refuse(error))
    }

    /// Whether to look if the queue is empty.
    fn is_idle(&self) -> bool {
        self.options.until_empty && self.counts.under_way.get() == 0
    }

    fn count(&self, outcome: &FleetOutcome<PathResults, Ticket>) {
        self.counts.asked.inc();
        let charged = match &outcome.result {
            Ok(response) => response.charged,
            Err(error) => error.charged(),
        };
        self.counts.charged.inc_by(charged.into());
    }

    /// Prints the counts, in a task: NATS may be away.
    fn report(&self) {
        let (queue, counts) = (self.queue.clone(), Arc::clone(&self.counts));
        let limits = Arc::clone(&self.limits);
        tokio::spawn(async move {
            let depth = queue.depth().await.ok();
            if let Some(depth) = depth {
                counts.queue(depth);
            }
            let waiting = depth.map(|depth| depth.waiting);
            output::note(&counts.line(waiting, &limits.left().await));
        });
    }
}

fn refuse(error: Error) -> Exit {
    Failed::of_account(error).print(false)
}

async fn until(end: Option<Instant>) {
    match end {
        Some(end) => tokio::time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}
