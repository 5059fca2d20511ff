//! The send policy: what is asked, how often, for how long, and what an answer
//! means. Every call of the façade goes through here.
//!
//! Invariant: each path gets exactly one outcome; an answer that is good is
//! never asked again; what was charged is what left the machine.

mod progress;
#[cfg(test)]
mod tests;
mod verdict;

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::budget::{BudgetKey, Denied, Grant};
use crate::client::Inner;
use crate::limits::{BUDGET_PAUSE, BUDGET_PAUSE_CEILING};
use crate::request::{Options, Query, Request};
use crate::transport::Call;
use crate::{Answered, BatchPath, Error, ErrorKind, Stopped, VehicleId, observe};
use progress::Progress;
use verdict::{Timeout, Verdict};

/// Sends a request until every item is good or asking again cannot help.
pub(crate) async fn send<Q: Query>(request: Request<Q>) -> Result<Answered<Q::Items>, Error> {
    let Request {
        vehicle,
        query,
        options,
    } = request;
    let paths = query.paths();
    check(&paths)?;
    let client = &*vehicle.client.inner;
    let progress = Progress::<Q>::new(&paths, query.outcomes());
    let span = observe::call(paths.len(), Q::SINGLE);
    let limit = options.deadline.unwrap_or(client.deadline);
    let run = Run {
        client,
        vehicle: &vehicle.id,
        options: &options,
        limit,
        deadline: deadline(limit),
        progress,
    };
    observe::within(span, run.finish()).await
}

/// A typed batch names its paths in constants that nobody has checked yet.
fn check(paths: &[&str]) -> Result<(), Error> {
    for path in paths {
        BatchPath::new(*path)?;
    }
    Ok(())
}

/// The end of a span from now; a span beyond what the clock can hold ends in a
/// year, which is the same to whoever waits.
fn deadline(limit: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(366 * 24 * 60 * 60);
    Instant::now() + limit.min(YEAR)
}

struct Run<'a, Q: Query> {
    client: &'a Inner,
    vehicle: &'a VehicleId,
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
        let end = self.ask().await.err();
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
        let mut refused = None;
        loop {
            let lease = match refused.take() {
                Some(lease) => lease,
                None => self.in_time(self.client.tokens.current()).await??,
            };
            let grant = self.admit().await?;
            let sent = Instant::now();
            let until = policy
                .timeout()
                .and_then(|timeout| sent.checked_add(timeout))
                .map_or(self.deadline, |until| until.min(self.deadline));
            let ask = self.progress.begin();
            let call = Call {
                vehicle: self.vehicle,
                ask: ask.get(),
                units: self.options.units.as_ref(),
                token: &lease.token,
            };
            let attempt = observe::attempt(&self.client.server, &call, self.progress.attempts);
            let answer = timeout_at(until, self.client.transport.send(call));
            let answer = observe::within(attempt.clone(), answer).await;
            observe::answered(&attempt, &answer);
            let timeout = match policy.timeout() {
                Some(timeout) if until < self.deadline => Timeout::Attempt(timeout),
                _ => Timeout::Call(self.limit),
            };
            let verdict = self.progress.judge(answer, timeout, self.client.clock);
            self.account(grant).await;
            let (cause, asked, error) = match verdict {
                Verdict::Done => {
                    self.client.quota.succeeded(last_cause);
                    return Ok(());
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
            let wait = schedule.next(cause, asked);
            let stop = |stopped: Stopped| End {
                // An error of the whole request says more than that asking stopped.
                stopped: error.map_or(stopped, Stopped::Failed),
                retry_at: asked.and_then(|asked| Instant::now().checked_add(asked)),
            };
            if self.progress.attempts >= policy.max_attempts() {
                return Err(stop(Stopped::Attempts));
            }
            if Instant::now()
                .checked_add(wait)
                .is_none_or(|at| at >= self.deadline)
            {
                return Err(End {
                    retry_at: Instant::now().checked_add(wait),
                    ..stop(Stopped::Deadline)
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
    async fn admit(&self) -> Result<Grant, End> {
        let cost = self.progress.cost();
        // Many may wait for the same moment, and only some get it: each asks
        // less often from time to time, and none spins if two clocks disagree.
        let mut pause = BUDGET_PAUSE;
        let keys = [
            BudgetKey::Vehicle(self.vehicle.clone()),
            BudgetKey::Application,
        ];
        loop {
            let denied = match self
                .in_time(self.client.budget.acquire(&keys, cost))
                .await?
            {
                Ok(grant) => return Ok(grant),
                Err(denied) => denied,
            };
            let Denied::RetryAt(moment) = denied else {
                return Err(End::of(Stopped::Budget(denied)));
            };
            let at = self.client.clock.instant_of(moment);
            // Longer than the deadline: whoever keeps a queue should know now.
            if at.is_none_or(|at| at >= self.deadline) {
                return Err(End {
                    retry_at: at,
                    stopped: Stopped::Budget(denied),
                });
            }
            observe::parked();
            if let Some(at) = at {
                tokio::time::sleep_until(at.max(Instant::now() + pause)).await;
                pause = (pause * 2).min(BUDGET_PAUSE_CEILING);
            }
        }
    }

    /// Tells the budgets what the answer said, and gives back what was never sent.
    async fn account(&mut self, grant: Grant) {
        let vehicle = BudgetKey::Vehicle(self.vehicle.clone());
        if let Some(unsent) = self.progress.unsent.take() {
            let keys = [vehicle.clone(), BudgetKey::Application];
            self.client.budget.release(&keys, unsent, grant).await;
        }
        for (scope, seen) in self.progress.seen.drain(..) {
            let key = match scope {
                verdict::Scope::Vehicle => vehicle.clone(),
                verdict::Scope::Application => BudgetKey::Application,
            };
            self.client.budget.observe(&key, seen).await;
        }
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
