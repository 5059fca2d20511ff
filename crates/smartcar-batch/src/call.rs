//! The loop of every call: token, budget, attempt, judgement, wait.
//!
//! Invariant: an answer that is good is never asked again, and what was charged
//! is what left the machine. It knows no version of the API.

mod attempt;
mod budgets;
mod end;
mod judge;
#[cfg(test)]
pub(crate) mod tests;

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::Timestamp;
use smartcar_model::{Error, ErrorKind, PathResults, RequiredItemError, Response, StopReason};
use tokio::time::{Instant, sleep, timeout_at};

use crate::dialect::{Ask, Dialect, Fault};
use crate::limits::TOKEN_MARGIN;
use crate::observe;
use crate::options::Options;
use crate::shared::Shared;
use crate::transport::{Missed, Reply};
use attempt::Attempt;
use budgets::Budgets;
use end::{End, too_late};
use judge::{Judge, Moment, Next};

/// What a call was answered with, and what it took.
#[derive(Debug)]
pub(crate) struct Outcome<R> {
    pub(crate) told: Response<()>,
    pub(crate) results: R,
    answered_at: Timestamp,
}

impl<R> Outcome<R> {
    /// The response with its items, or the error of a required item, which keeps
    /// every result.
    pub(crate) fn with<T>(
        self,
        items: Result<T, RequiredItemError>,
        results: impl FnOnce(&R) -> PathResults,
    ) -> Result<Response<T>, Error> {
        match items {
            Ok(items) => Ok(self.told.with(items)),
            Err(failed) => {
                let error = Error::required(failed, results(&self.results));
                Err(complete(error, &self.told, self.answered_at))
            }
        }
    }
}

fn complete(error: Error, told: &Response<()>, answered_at: Timestamp) -> Error {
    let error = match &told.stop_reason {
        Some(stopped) => error.with_stop_reason(stopped.name()),
        None => error,
    };
    error
        .with_request_id(told.request_id.as_deref())
        .with_price(told.attempts, told.charged)
        .with_requests(told.requests)
        .with_retry_at(told.retry_at)
        .answered_at(answered_at)
}

/// Asks until every item is good or asking again cannot help. Fails if no attempt
/// was answered.
pub(crate) async fn run<D: Dialect>(
    client: &Shared,
    options: &Options,
    dialect: D,
) -> Result<Outcome<D::Results>, Error> {
    let limit = options.deadline.unwrap_or(client.deadline);
    let mut call = Call {
        client,
        options,
        limit,
        deadline: deadline(limit),
        dialect,
        told: Response::nothing(),
        answered_at: None,
    };
    let end = call.ask().await.err();
    let Call {
        dialect,
        mut told,
        answered_at,
        ..
    } = call;
    observe::ended(told.attempts, end.as_ref().map(|end| &end.stopped));
    let retry_at = end.as_ref().and_then(|end| end.retry_at);
    told.retry_at = retry_at.map(|at| client.clock.moment_of(at));
    let answered_at = answered_at.unwrap_or_else(|| client.clock.now());
    let stopped = end.map(|end| end.stopped);
    if let Some(results) = dialect.finish(&mut told) {
        told.stop_reason = stopped;
        return Ok(Outcome {
            told,
            results,
            answered_at,
        });
    }
    let error = match stopped {
        Some(StopReason::Failed(error)) => error,
        Some(stopped) => {
            Error::new(ErrorKind::Budget, stopped.to_string()).with_stop_reason(stopped.name())
        }
        // Nothing was asked, which `batch_paths` and tuples rule out.
        None => Error::new(ErrorKind::InvalidRequest, "nothing was asked"),
    };
    Err(complete(error, &told, answered_at))
}

/// The end of a span from now; a span beyond what the clock can hold ends in a
/// year, which makes no difference to who waits.
fn deadline(limit: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(366 * 24 * 60 * 60);
    Instant::now() + limit.min(YEAR)
}

struct Call<'a, D> {
    client: &'a Shared,
    options: &'a Options,
    limit: Duration,
    deadline: Instant,
    dialect: D,
    told: Response<()>,
    answered_at: Option<Timestamp>,
}

/// What came of an attempt's requests.
struct Sorted<A> {
    replies: Vec<(A, Reply)>,
    faults: Vec<Fault>,
    /// The price of what was never sent.
    unsent: u32,
    /// Whether anything was sent.
    sent: bool,
}

impl<D: Dialect> Call<'_, D> {
    /// Asks until nothing is left that asking again can repair.
    async fn ask(&mut self) -> Result<(), End> {
        let policy = self.options.retry.as_ref().unwrap_or(&self.client.retry);
        let max_wait = self.options.patience.as_ref().map(|it| it.max_wait);
        let mut judge = Judge::new(policy, max_wait);
        let budgets = Budgets::of(self.client, self.options, self.dialect.vehicle());
        let (mut last_cause, mut refreshed, mut further) = (None, None, false);
        loop {
            let asks = self.dialect.open();
            if self.told.attempts == 0 {
                self.told.plan = D::plan(&asks);
            }
            let cost = asks.iter().map(Ask::cost).fold(0, u32::saturating_add);
            let Some(cost) = NonZeroU32::new(cost) else {
                return Ok(());
            };
            let mut lease = match refreshed.take() {
                Some(lease) => lease,
                None => in_time(self.deadline, self.client.tokens.current()).await??,
            };
            let ready = Instant::now();
            let grant = budgets.admit(cost, &mut self.deadline).await?;
            let sent = Instant::now();
            // A token that has aged in the budgets' line may have expired. If no
            // other can be had, the API is the judge of this one.
            if sent - ready >= TOKEN_MARGIN
                && let Ok(Ok(fresh)) = in_time(self.deadline, self.client.tokens.current()).await
            {
                lease = fresh;
            }
            let until = policy
                .timeout()
                .and_then(|timeout| sent.checked_add(timeout))
                .map_or(self.deadline, |until| until.min(self.deadline));
            self.told.attempts += u32::from(!further);
            self.told.requests += u32::try_from(asks.len()).unwrap_or(u32::MAX);
            let attempt = Attempt {
                http: &self.client.http,
                units: self.options.units.as_ref(),
                token: &lease.token,
                number: self.told.attempts,
                until,
            };
            let replies = attempt.send(&asks).await;
            // An attempt that was late by its own time does not end the call.
            let late = match policy.timeout() {
                Some(timeout) if until < self.deadline => (false, timeout),
                _ => (true, self.limit),
            };
            let Sorted {
                replies,
                mut faults,
                unsent,
                sent,
            } = self.sort(asks, replies, late);
            self.told.charged += cost.get() - unsent;
            faults.extend(self.dialect.take(replies, sent && !further));
            let time = self.client.clock.now();
            budgets.account(grant, unsent, &faults, time).await;
            let at = Moment {
                attempts: self.told.attempts,
                instant: Instant::now(),
                time,
                deadline: self.deadline,
            };
            further = false;
            match judge.next(faults, self.dialect.left(), at) {
                Next::Done => {
                    self.client.quota.succeeded(last_cause);
                    return Ok(());
                }
                Next::Further => further = true,
                Next::Stop(end) => return Err(end),
                Next::Refresh(error) => {
                    let fresh = self.client.tokens.after_refusal(&lease);
                    match in_time(self.deadline, fresh).await? {
                        Some(lease) => refreshed = Some(lease?),
                        None => return Err(End::failed(error)),
                    }
                }
                Next::Again {
                    cause,
                    wait,
                    otherwise,
                } => {
                    if !self.client.quota.try_take(cause) {
                        return Err(otherwise);
                    }
                    last_cause = Some(cause);
                    observe::repeat(cause, wait, self.dialect.left());
                    sleep(wait).await;
                }
            }
        }
    }

    /// Tells the replies of the dialect from what failed on the way.
    fn sort(
        &mut self,
        asks: Vec<D::Ask>,
        replies: Vec<Result<Reply, Missed>>,
        (ends, time): (bool, Duration),
    ) -> Sorted<D::Ask> {
        let mut sorted = Sorted {
            replies: Vec::with_capacity(asks.len()),
            faults: Vec::new(),
            unsent: 0,
            sent: false,
        };
        for (ask, reply) in asks.into_iter().zip(replies) {
            let missed = match reply {
                Ok(reply) => {
                    sorted.sent = true;
                    self.told.request_id.clone_from(&reply.request_id);
                    self.answered_at = Some(self.client.clock.now());
                    match reply.status {
                        401 => sorted.faults.push(Fault::Refused(reply.error())),
                        _ => sorted.replies.push((ask, reply)),
                    }
                    continue;
                }
                Err(missed) => missed,
            };
            let was_sent = !matches!(&missed, Missed::Lost(lost) if !lost.sent);
            sorted.sent |= was_sent;
            if !was_sent {
                sorted.unsent += ask.cost();
            }
            sorted.faults.push(match missed {
                Missed::Late => {
                    let message = format!("no whole answer within {} s", time.as_secs_f64());
                    let error = Error::new(ErrorKind::Timeout, message);
                    Fault::Late { ends, error }
                }
                Missed::Lost(lost) if lost.kind == ErrorKind::Transport => Fault::Lost {
                    sent: was_sent,
                    error: lost.into_error(),
                },
                // What was asked cannot be sent, or the reply is too large.
                Missed::Lost(lost) => Fault::Whole(lost.into_error()),
            });
        }
        sorted
    }
}

/// Waits for something of the call's own, but not past the deadline.
async fn in_time<T>(deadline: Instant, future: impl Future<Output = T>) -> Result<T, End> {
    timeout_at(deadline, future).await.map_err(|_| too_late())
}
