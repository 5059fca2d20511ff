//! The call loop: token, budget, attempt, judgement, wait.
//!
//! Invariant: a good result is never requested again, and exactly what left the
//! machine is charged. The loop does not know the API version.

mod answered;
mod attempt;
mod budgets;
mod end;
mod judge;
#[cfg(test)]
pub(crate) mod tests;
mod token;

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::Timestamp;
use smartcar_model::{Error, ErrorKind, PathResults, RequiredItemError, Response, StopReason};
use tokio::time::{Instant, sleep};

use crate::clock::Clock;
use crate::dialect::{Ask, Dialect, Fault, Few};
use crate::in_place::pinned;
use crate::limits::TOKEN_MARGIN;
use crate::observe;
use crate::options::Options;
use crate::shared::Shared;
use crate::transport::{Missed, Reply};
use answered::Answered;
use attempt::{Attempt, Exchange};
use budgets::Budgets;
use end::End;
use judge::{Judge, Moment, Next, Repeat};
use token::CallTokens;

/// The results of a call, and what it took.
#[derive(Debug)]
pub(crate) struct Outcome<R> {
    pub(crate) told: Response<()>,
    pub(crate) results: R,
    answered: Option<Answered>,
}

impl<R> Outcome<R> {
    /// The response with its items, or the error of a failed required item, which
    /// keeps all results.
    #[inline]
    pub(crate) fn with<T>(
        self,
        clock: &Clock,
        items: impl FnOnce() -> Result<T, RequiredItemError>,
        results: impl FnOnce(&R) -> PathResults,
    ) -> Result<Response<T>, Error> {
        match items() {
            Ok(items) => Ok(self.told.with(items)),
            Err(failed) => {
                let error = Error::required(failed, results(&self.results));
                let answered_at = time(self.answered.as_ref(), clock);
                Err(complete(error, &self.told, answered_at))
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

/// When the last response came; now, if there was none.
fn time(answered: Option<&Answered>, clock: &Clock) -> Timestamp {
    answered.map_or_else(|| clock.now(), |answered| answered.time(clock))
}

/// Sends requests until every item is good or a retry cannot help. Fails if no
/// attempt got a response.
pub(crate) async fn run<D: Dialect>(
    client: &Shared,
    options: &Options,
    dialect: &mut D,
) -> Result<Outcome<D::Results>, Error> {
    let limit = options.deadline.unwrap_or(client.deadline);
    let now = Instant::now();
    let mut call = Call {
        client,
        options,
        limit,
        deadline: deadline(now, limit),
        slept: client.clock.slept(now),
        dialect,
        told: Response::nothing(),
        answered: None,
    };
    // The attempts, and in them each attempt and each rare wait, are boxed, because an
    // allocator serves pieces of less than a KiB faster.
    let end = pinned(|| call.ask(now)).await.err();
    call.outcome(end)
}

/// The instant after a duration. A duration that the clock cannot represent
/// is cut to a year, which makes no difference in practice.
fn deadline(now: Instant, limit: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(366 * 24 * 60 * 60);
    now + limit.min(YEAR)
}

struct Call<'a, D> {
    client: &'a Shared,
    options: &'a Options,
    limit: Duration,
    deadline: Instant,
    /// How much sleep of the machine is already subtracted from the deadline.
    slept: Duration,
    dialect: &'a mut D,
    told: Response<()>,
    answered: Option<Answered>,
}

/// The replies and failures of an attempt.
struct Sorted<A> {
    replies: Few<(A, Box<Reply>)>,
    faults: Vec<Fault>,
    /// The price of the requests that were never sent.
    unsent: u32,
    /// Whether anything was sent.
    sent: bool,
}

impl<D: Dialect> Call<'_, D> {
    /// Runs attempts until no retryable item is open, from now on.
    async fn ask(&mut self, now: Instant) -> Result<(), End> {
        let policy = self.options.retry.as_ref().unwrap_or(&self.client.retry);
        let max_wait = self.options.patience.as_ref().map(|it| it.max_wait);
        let mut judge = Judge::new(policy, max_wait);
        let budgets = Budgets::of(self.client, self.options, self.dialect.vehicle());
        let mut tokens = CallTokens::of(self.client, self.options);
        let (mut last_cause, mut refreshed, mut further) = (None, None, false);
        // The clock is read again only after a wait.
        let mut known = Some(now);
        loop {
            if self.told.attempts > 0 || tokens.failures > 0 {
                self.take_in_sleep();
            }
            let asks = self.dialect.open();
            if self.told.attempts == 0 {
                self.told.plan = D::plan(&asks);
            }
            let cost = asks.iter().map(Ask::cost).fold(0, u32::saturating_add);
            let Some(cost) = NonZeroU32::new(cost) else {
                return Ok(());
            };
            let mut lease = if let Some(lease) = refreshed.take().or_else(|| tokens.ready()) {
                lease
            } else {
                known = None;
                let lease = tokens.lease(&mut judge, None, self.told.attempts, &mut self.deadline);
                Box::pin(lease).await?
            };
            let ready = known.take().unwrap_or_else(Instant::now);
            let granted = budgets.admit(cost, ready, &mut self.deadline).await?;
            let mut sent = granted.at;
            // A token may have expired while it waited for the budget.
            if sent - ready >= TOKEN_MARGIN {
                let current = Box::pin(tokens.current(self.deadline)).await;
                lease = current.unwrap_or(lease);
                sent = Instant::now();
            }
            let until = policy
                .timeout()
                .and_then(|timeout| sent.checked_add(timeout))
                .map_or(self.deadline, |until| until.min(self.deadline));
            self.told.attempts += u32::from(!further);
            let exchanges = {
                let attempt = Attempt {
                    http: &self.client.http,
                    units: self.options.units.as_ref(),
                    token: &lease.token,
                    number: self.told.attempts,
                    now: sent,
                    until,
                    unsent: &granted.unsent,
                };
                attempt.send(&asks).await
            };
            // An attempt that exceeded its own time limit does not end the call.
            let late = match policy.timeout() {
                Some(timeout) if until < self.deadline => (false, timeout),
                _ => (true, self.limit),
            };
            let Sorted {
                replies,
                mut faults,
                unsent,
                sent,
            } = self.sort(asks, exchanges, late);
            self.told.charged += cost.get() - unsent;
            faults.extend(self.dialect.take(replies, sent && !further));
            let next = if faults.is_empty() && unsent == 0 && self.dialect.left() == 0 {
                // Nothing to judge or to report, so neither needs the time.
                Next::Done
            } else {
                let at = self.moment(tokens.failures);
                let accounted = budgets.account(granted, unsent, &faults, at.time, self.deadline);
                Box::pin(accounted).await;
                judge.next(faults, self.dialect.left(), at)
            };
            further = false;
            match next {
                Next::Done => {
                    self.client.quota.succeeded(last_cause);
                    return Ok(());
                }
                Next::Further => further = true,
                Next::Stop(end) => return Err(end),
                Next::Refresh(error) => {
                    let (made, refused) = (self.told.attempts, Some((lease, error)));
                    let fresh = tokens.lease(&mut judge, refused, made, &mut self.deadline);
                    refreshed = Some(Box::pin(fresh).await?);
                }
                Next::Again(Repeat {
                    cause,
                    wait,
                    otherwise,
                }) => {
                    if !self.client.quota.try_take(cause) {
                        return Err(otherwise);
                    }
                    last_cause = Some(cause);
                    observe::repeat(cause, wait, self.dialect.left());
                    Box::pin(sleep(wait)).await;
                }
            }
        }
    }

    /// What the call came to, and why it ended with open items, if it did.
    fn outcome(self, end: Option<End>) -> Result<Outcome<D::Results>, Error> {
        let Self {
            client,
            dialect,
            mut told,
            answered,
            ..
        } = self;
        observe::ended(told.attempts, end.as_ref().map(|end| &end.stopped));
        let retry_at = end.as_ref().and_then(|end| end.retry_at);
        told.retry_at = retry_at.map(|at| client.clock.moment_of(at));
        let stopped = end.map(|end| end.stopped);
        if let Some(results) = dialect.finish(&mut told) {
            told.stop_reason = stopped;
            return Ok(Outcome {
                told,
                results,
                answered,
            });
        }
        let error = match stopped {
            Some(StopReason::Failed(error)) => error,
            Some(stopped) => {
                let name = stopped.name();
                let error = match stopped {
                    StopReason::Budget(denied) => Error::denied(denied),
                    stopped => Error::new(ErrorKind::Budget, stopped.to_string()),
                };
                error.with_stop_reason(name)
            }
            // Nothing was requested. `batch_paths` and tuples rule this out.
            None => Error::new(ErrorKind::InvalidRequest, "the batch is empty"),
        };
        let answered_at = time(answered.as_ref(), &client.clock);
        Err(complete(error, &told, answered_at))
    }

    /// The current state, for the judge.
    fn moment(&self, tokens_failed: u32) -> Moment {
        Moment {
            attempts: self.told.attempts.saturating_add(tokens_failed),
            instant: Instant::now(),
            time: time(self.answered.as_ref(), &self.client.clock),
            deadline: self.deadline,
        }
    }

    /// Subtracts sleep of the machine from the deadline. The monotonic clock may stop
    /// during sleep, but sleep counts towards the time limit of a call. Nothing is
    /// sent after the deadline.
    fn take_in_sleep(&mut self) {
        let now = Instant::now();
        let slept = self.client.clock.slept(now);
        let more = slept.saturating_sub(self.slept);
        if !more.is_zero() {
            self.slept = slept;
            self.deadline = self.deadline.checked_sub(more).unwrap_or(now);
        }
    }

    /// Separates the replies for the dialect from requests that failed on the way.
    fn sort(
        &mut self,
        asks: Few<D::Ask>,
        exchanges: Few<Exchange>,
        (ends, time): (bool, Duration),
    ) -> Sorted<D::Ask> {
        let mut sorted = Sorted {
            replies: Few::with_capacity(asks.len()),
            faults: Vec::new(),
            unsent: 0,
            sent: false,
        };
        for (ask, exchange) in asks.into_iter().zip(exchanges) {
            let Exchange { reply, was_sent } = exchange;
            self.told.requests += u32::from(was_sent);
            let missed = match reply {
                Ok(mut reply) => {
                    sorted.sent = true;
                    self.told.request_id.clone_from(&reply.request_id);
                    self.answered = Some(Answered::by(reply.date.take(), &self.client.clock));
                    match reply.status {
                        401 => sorted.faults.push(Fault::Refused(reply.error())),
                        _ => sorted.replies.push((ask, reply)),
                    }
                    continue;
                }
                Err(missed) => missed,
            };
            // A request that was sent but certainly not processed is not charged
            // either.
            let counts = was_sent && !matches!(&missed, Missed::Lost(lost) if !lost.sent);
            sorted.sent |= counts;
            if !counts {
                sorted.unsent += ask.cost();
            }
            sorted.faults.push(match missed {
                Missed::Late => {
                    let what = if was_sent {
                        "no complete response"
                    } else {
                        "the request could not be sent"
                    };
                    let message = format!("{what} within {} s", time.as_secs_f64());
                    let error = Error::new(ErrorKind::Timeout, message);
                    Fault::Late { ends, error }
                }
                Missed::Lost(lost) if lost.kind == ErrorKind::Transport => Fault::Lost {
                    sent: counts,
                    error: lost.into_error(),
                },
                // The request cannot be sent, or the reply is too large.
                Missed::Lost(lost) => Fault::Whole(lost.into_error()),
            });
        }
        sorted
    }
}
