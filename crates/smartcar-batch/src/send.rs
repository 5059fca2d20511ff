//! The send policy: what is asked, how often, for how long, and what an answer
//! means. Every call of the façade goes through here.
//!
//! Invariant: each path gets exactly one outcome; an answer that is good is
//! never asked again; what was charged is what left the machine.

mod check;
mod exchange;
mod part;
mod progress;
mod several;
mod store;
#[cfg(test)]
pub(crate) mod tests;
mod verdict;

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::budget::{BudgetKey, Denied, Grant, Observed};
use crate::client::Inner;
use crate::limits::{BUDGET_PAUSE, BUDGET_PAUSE_CEILING, TOKEN_MARGIN};
use crate::request::{Options, Query, Request};
use crate::{Answered, Client, Error, ErrorKind, Stopped, UserId, Vehicle, observe};
use exchange::Exchange;
pub(crate) use part::price;
use progress::Progress;
use store::Store;
use verdict::{Timeout, Verdict};

/// Whom a call asks about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject<'a> {
    /// One vehicle.
    Vehicle(&'a Vehicle),
    /// The token's vehicles, from a position of the list on.
    Vehicles { offset: u32 },
    /// Version 3: a page of the application's connections, which name the
    /// vehicles; of one user, or of all.
    Connections { user: Option<&'a UserId>, page: u32 },
}

/// Sends a request until every item is good or asking again cannot help.
pub(crate) async fn send<Q: Query>(request: Request<Q>) -> Result<Answered<Q::Items>, Error> {
    let Request {
        vehicle,
        query,
        options,
    } = request;
    let subject = Subject::Vehicle(&vehicle);
    call(&vehicle.client, subject, &query, &options).await
}

/// Asks until every item is good or asking again cannot help.
pub(crate) async fn call<Q: Query>(
    client: &Client,
    subject: Subject<'_>,
    query: &Q,
    options: &Options,
) -> Result<Answered<Q::Items>, Error> {
    let client = &*client.inner;
    let paths = query.paths();
    check::check(client.api, subject, &paths)?;
    let store = Store::of(client, subject);
    let progress = Progress::<Q>::new(subject, &paths, query.outcomes(), store);
    let span = observe::call(paths.len(), Q::SINGLE);
    let limit = options.deadline.unwrap_or(client.deadline);
    let run = Run {
        client,
        options,
        limit,
        deadline: deadline(limit),
        progress,
    };
    observe::within(span, run.finish()).await
}

/// The end of a span from now; a span beyond what the clock can hold ends in a
/// year, which is the same to whoever waits.
fn deadline(limit: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(366 * 24 * 60 * 60);
    Instant::now() + limit.min(YEAR)
}

struct Run<'a, Q: Query> {
    client: &'a Inner,
    options: &'a Options,
    limit: Duration,
    deadline: Instant,
    progress: Progress<'a, Q>,
}

/// Why asking ended with something left to ask.
struct End {
    stopped: Stopped,
    retry_at: Option<Instant>,
}

impl<Q: Query> Run<'_, Q> {
    async fn finish(mut self) -> Result<Answered<Q::Items>, Error> {
        let end = match self.progress.pending() {
            0 => None,
            _ => self.ask().await.err(),
        };
        let clock = self.client.clock;
        let retry_at = end.as_ref().and_then(|end| end.retry_at);
        let retry_at = retry_at.map(|at| clock.moment_of(at));
        observe::ended(self.progress.attempts, end.as_ref().map(|end| &end.stopped));
        self.progress
            .finish(end.map(|end| end.stopped), retry_at, clock)
    }

    /// Asks until nothing is left that asking again can mend.
    async fn ask(&mut self) -> Result<(), End> {
        let policy = self.options.retry.as_ref().unwrap_or(&self.client.retry);
        let mut schedule = policy.schedule();
        let mut last_cause = None;
        let (mut refused, mut further) = (None, false);
        loop {
            let mut lease = match refused.take() {
                Some(lease) => lease,
                None => self.in_time(self.client.tokens.current()).await??,
            };
            let ready = Instant::now();
            let grant = self.admit().await?;
            let sent = Instant::now();
            // A token that has aged in the budgets' line may have ended. If no
            // other can be had, the API is the judge of this one.
            if sent - ready >= TOKEN_MARGIN
                && let Ok(Ok(fresh)) = self.in_time(self.client.tokens.current()).await
            {
                lease = fresh;
            }
            let until = policy
                .timeout()
                .and_then(|timeout| sent.checked_add(timeout))
                .map_or(self.deadline, |until| until.min(self.deadline));
            let parts = self.progress.begin(std::mem::take(&mut further));
            let exchange = Exchange {
                client: self.client,
                units: self.options.units.as_ref(),
                token: &lease.token,
                attempt: self.progress.attempts,
                until,
            };
            let answers = exchange.all(&parts).await;
            let timeout = match policy.timeout() {
                Some(timeout) if until < self.deadline => Timeout::Attempt(timeout),
                _ => Timeout::Call(self.limit),
            };
            let verdict = self.progress.judge(answers, timeout, self.client.clock);
            let everyone_waits = self.account(grant).await;
            let (cause, asked, error) = match verdict {
                Verdict::Done => {
                    self.client.quota.succeeded(last_cause);
                    return Ok(());
                }
                Verdict::Further => {
                    further = true;
                    continue;
                }
                Verdict::Final(error) => return Err(End::of(Stopped::Failed(error))),
                Verdict::Refused(error) => {
                    // Once a call: a fresh token that is refused too will stay refused.
                    let fresh = if self.progress.refreshed {
                        None
                    } else {
                        self.progress.refreshed = true;
                        self.in_time(self.client.tokens.after_refusal(&lease))
                            .await?
                    };
                    match fresh {
                        Some(lease) => refused = Some(lease?),
                        None => return Err(End::of(Stopped::Failed(error))),
                    }
                    continue;
                }
                Verdict::Repeat {
                    cause,
                    asked,
                    error,
                } => (cause, asked, error),
            };
            let patience = self.options.patience.as_ref();
            // A fleet waits for the application in its line.
            let own = asked.filter(|_| patience.is_none() || !everyone_waits);
            let wait = schedule.next(cause, own);
            let stop = |stopped: Stopped| End {
                // An error of the whole request says more than that asking stopped.
                stopped: error.map_or(stopped, Stopped::Failed),
                retry_at: asked.and_then(|asked| Instant::now().checked_add(asked)),
            };
            if self.progress.attempts >= policy.max_attempts() {
                return Err(stop(Stopped::Attempts));
            }
            let at = Instant::now().checked_add(wait);
            let stopped = if at.is_none_or(|at| at >= self.deadline) {
                Some(Stopped::Deadline)
            } else if patience.is_some_and(|patience| wait > patience.longest_wait) {
                Some(Stopped::LongestWait)
            } else {
                None
            };
            if let Some(stopped) = stopped {
                return Err(End {
                    retry_at: at,
                    ..stop(stopped)
                });
            }
            if !self.client.quota.try_take(cause) {
                return Err(stop(Stopped::RetryQuota));
            }
            last_cause = Some(cause);
            observe::repeat(cause, wait, self.progress.pending());
            sleep(wait).await;
        }
    }

    /// Waits until the budgets admit what is left to ask.
    ///
    /// A fleet's calls stand in one line: the first of it waits for the
    /// application, and no time of the deadlines passes meanwhile. Whoever waits
    /// for its own vehicle steps out of the line.
    async fn admit(&mut self) -> Result<Grant, End> {
        let cost = self.progress.cost();
        // Many may wait for the same moment, and only some get it: each asks
        // less often from time to time, and none spins if two clocks disagree.
        let mut pause = BUDGET_PAUSE;
        let keys = self.keys();
        let patience = self.options.patience.as_ref();
        let mut turn = None;
        loop {
            if let (Some(patience), None) = (patience, &turn) {
                let since = Instant::now();
                turn = Some(patience.line.lock().await);
                self.deadline += since.elapsed();
            }
            let denied = match self
                .in_time(self.client.budget.acquire(&keys, cost))
                .await?
            {
                Ok(grant) => return Ok(grant),
                Err(denied) => denied,
            };
            let Some(moment) = denied.retry_at() else {
                return Err(End::of(Stopped::Budget(denied)));
            };
            let in_line = patience.is_some() && matches!(denied, Denied::ApplicationRetryAt(_));
            let now = Instant::now();
            let latest = patience
                .and_then(|patience| now.checked_add(patience.longest_wait))
                .map_or(self.deadline, |latest| latest.min(self.deadline));
            let at = match self.client.clock.instant_of(moment) {
                Some(at) if in_line || at < latest => at,
                // Too long: whoever keeps a queue should know now.
                at => {
                    return Err(End {
                        retry_at: at,
                        stopped: Stopped::Budget(denied),
                    });
                }
            };
            observe::parked();
            if !in_line {
                turn = None;
            }
            tokio::time::sleep_until(at.max(now + pause)).await;
            pause = (pause * 2).min(BUDGET_PAUSE_CEILING);
            if in_line {
                self.deadline += now.elapsed();
            }
        }
    }

    /// Whose budgets the call draws on.
    fn keys(&self) -> Vec<BudgetKey> {
        match self.progress.subject {
            Subject::Vehicle(vehicle) => {
                vec![
                    BudgetKey::Vehicle(vehicle.id.clone()),
                    BudgetKey::Application,
                ]
            }
            Subject::Vehicles { .. } | Subject::Connections { .. } => {
                vec![BudgetKey::Application]
            }
        }
    }

    /// Tells the budgets what the answer said, and gives back what was never
    /// sent. Whether the application as a whole has to wait.
    async fn account(&mut self, grant: Grant) -> bool {
        if let Some(unsent) = self.progress.unsent.take() {
            let keys = self.keys();
            self.client.budget.release(&keys, unsent, grant).await;
        }
        let mut everyone_waits = false;
        for (scope, seen) in self.progress.seen.drain(..) {
            let key = match (scope, self.progress.subject) {
                (verdict::Scope::Vehicle, Subject::Vehicle(vehicle)) => {
                    BudgetKey::Vehicle(vehicle.id.clone())
                }
                // No vehicle's month can be used up by the list of them.
                _ if seen == Observed::QuotaExhausted => continue,
                _ => BudgetKey::Application,
            };
            everyone_waits |=
                key == BudgetKey::Application && matches!(seen, Observed::RetryAfter(_));
            self.client.budget.observe(&key, seen).await;
        }
        everyone_waits
    }

    /// Waits for something of the caller's own, but not past the deadline.
    async fn in_time<T>(&self, future: impl Future<Output = T>) -> Result<T, End> {
        timeout_at(self.deadline, future).await.map_err(|_| {
            let message = "the deadline passed before the request could be sent";
            End::of(Stopped::Failed(Error::new(ErrorKind::Timeout, message)))
        })
    }
}

impl End {
    fn of(stopped: Stopped) -> Self {
        Self {
            stopped,
            retry_at: None,
        }
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::of(Stopped::Failed(error))
    }
}
