//! Decides what the failures of an attempt mean for the rest of the call.
//!
//! Invariant: the decision is a pure function of the failures and the state so far.
//! An error is classified by its body first (`resolution.type`, then type and code),
//! then by its status. 430, and errors that the catalogue marks as *later* or *no*,
//! end the call.

use std::time::Duration;

use jiff::Timestamp;
use smartcar_model::{ApiError, Error, Retry, StopReason};
use tokio::time::Instant;

use super::end::End;
use crate::budget::ServerLimit;
use crate::dialect::Fault;
use crate::retry::{Cause, RetryPolicy, Schedule};

/// The next step after an attempt.
#[derive(Debug)]
pub(super) enum Next {
    /// Every outcome is final.
    Done,
    /// Request at once what the replies did not include.
    Further,
    /// Get another token. The error is the result if there is none.
    Refresh(Error),
    /// Retry the open items.
    Again(Repeat),
    /// A retry cannot help or is not allowed.
    Stop(End),
}

/// A retry after a wait.
#[derive(Debug)]
pub(super) struct Repeat {
    pub(super) cause: Cause,
    pub(super) wait: Duration,
    /// How the call ends if the retry quota is empty.
    pub(super) otherwise: End,
}

/// The time and state at the end of an attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// The number of attempts so far.
    pub(super) attempts: u32,
    pub(super) instant: Instant,
    pub(super) time: Timestamp,
    /// The deadline of the call.
    pub(super) deadline: Instant,
}

/// The state of a call's retries.
#[derive(Debug)]
pub(super) struct Judge {
    schedule: Schedule,
    max_attempts: u32,
    /// The longest wait for one vehicle, if the call is one of a fleet.
    max_wait: Option<Duration>,
    /// Whether a lost request was retried: at most once per call.
    lost: bool,
    /// Whether the token was refreshed: at most once per call.
    refreshed: bool,
}

/// The combined result of an attempt's failures, from the least to the most severe.
enum Verdict {
    Further,
    Again {
        cause: Cause,
        asked: Option<Duration>,
        error: Option<Error>,
    },
    Final(Error),
    Refused(Error),
}

/// Whose rate limit a response is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Vehicle,
    Application,
}

impl Judge {
    pub(super) fn new(policy: &RetryPolicy, max_wait: Option<Duration>) -> Self {
        Self {
            schedule: policy.schedule(),
            max_attempts: policy.max_attempts(),
            max_wait,
            lost: false,
            refreshed: false,
        }
    }

    /// Judges an attempt. `left` is the number of open items after it.
    pub(super) fn next(&mut self, faults: Vec<Fault>, left: usize, at: Moment) -> Next {
        if left == 0 {
            return Next::Done;
        }
        // In a fleet, waits for the application happen in its queue.
        let everyone_waits = self.max_wait.is_some()
            && limits(&faults, at.time)
                .iter()
                .any(|limit| matches!(limit, (Scope::Application, ServerLimit::RetryAfter(_))));
        let lost = self.lost;
        let verdicts = faults.into_iter().filter_map(|fault| {
            if matches!(fault, Fault::Lost { sent: true, .. }) {
                self.lost = true;
            }
            Verdict::of(fault, lost, at.time)
        });
        match verdicts.reduce(Verdict::graver) {
            None => Next::Done,
            Some(Verdict::Further) => Next::Further,
            Some(Verdict::Final(error)) => Next::Stop(End::failed(error)),
            // A fresh token that is rejected too will stay rejected.
            Some(Verdict::Refused(error)) if self.refreshed => Next::Stop(End::failed(error)),
            Some(Verdict::Refused(error)) => {
                self.refreshed = true;
                Next::Refresh(error)
            }
            Some(Verdict::Again {
                cause,
                asked,
                error,
            }) => match self.again(cause, asked, error.as_ref(), everyone_waits, at) {
                Ok(repeat) => Next::Again(repeat),
                Err(end) => Next::Stop(end),
            },
        }
    }

    /// Judges a failure of the token source, which counts as an attempt. A stated
    /// wait applies to all calls: a fleet waits for it in its queue.
    pub(super) fn no_token(&mut self, error: &Error, at: Moment) -> Result<Repeat, End> {
        if !error.is_retryable() {
            return Err(End::failed(error.clone()));
        }
        let cause = match error.status() {
            Some(429) => Cause::Throttled,
            _ => Cause::Transient,
        };
        let everyone_waits = self.max_wait.is_some();
        self.again(cause, error.retry_after(), Some(error), everyone_waits, at)
    }

    fn again(
        &mut self,
        cause: Cause,
        asked: Option<Duration>,
        error: Option<&Error>,
        everyone_waits: bool,
        at: Moment,
    ) -> Result<Repeat, End> {
        let wait = self.schedule.next(cause, asked.filter(|_| !everyone_waits));
        // An error of the whole request is more informative than the reason alone.
        let end = |stopped: StopReason, retry_at| End {
            stopped: match error {
                Some(error) => StopReason::Failed(error.clone().with_stop_reason(stopped.name())),
                None => stopped,
            },
            retry_at,
        };
        let stated = asked.and_then(|asked| at.instant.checked_add(asked));
        let next = at.instant.checked_add(wait);
        if at.attempts >= self.max_attempts {
            Err(end(StopReason::Attempts, stated))
        } else if next.is_none_or(|next| next >= at.deadline) {
            Err(end(StopReason::Deadline, next))
        } else if self.max_wait.is_some_and(|longest| wait > longest) {
            Err(end(StopReason::MaxWait, next))
        } else {
            let otherwise = end(StopReason::RetryQuota, stated);
            Ok(Repeat {
                cause,
                wait,
                otherwise,
            })
        }
    }
}

impl Verdict {
    fn of(fault: Fault, lost_before: bool, now: Timestamp) -> Option<Self> {
        let again = |error| Self::Again {
            cause: Cause::Transient,
            asked: None,
            error: Some(error),
        };
        Some(match fault {
            Fault::Refused(error) => Self::Refused(error),
            Fault::Late { ends: true, error } => Self::Final(error),
            // The server may have processed it, so it is retried at most once.
            Fault::Lost { sent: true, error } if lost_before => Self::Final(error),
            Fault::Late { error, .. } | Fault::Lost { error, .. } => again(error),
            Fault::Whole(error) => match error.api_error().map(|api| api_verdict(api, now)) {
                Some(Some((cause, asked))) => Self::Again {
                    cause,
                    asked,
                    error: Some(error),
                },
                _ => Self::Final(error),
            },
            Fault::Item(api) => {
                let (cause, asked) = api_verdict(&api, now)?;
                Self::Again {
                    cause,
                    asked,
                    error: None,
                }
            }
            Fault::Further => Self::Further,
        })
    }

    fn gravity(&self) -> u8 {
        match self {
            Self::Further => 0,
            Self::Again { .. } => 1,
            Self::Final(_) => 2,
            Self::Refused(_) => 3,
        }
    }

    /// The more severe of two. Two retries become one, with the longer wait and the
    /// first error.
    fn graver(self, other: Self) -> Self {
        match (self, other) {
            (
                Self::Again {
                    cause: one,
                    asked: first,
                    error: earlier,
                },
                Self::Again {
                    cause: two,
                    asked: second,
                    error: later,
                },
            ) => Self::Again {
                cause: if one == Cause::Throttled { one } else { two },
                asked: first.max(second),
                error: earlier.or(later),
            },
            (first, second) if first.gravity() >= second.gravity() => first,
            (_, second) => second,
        }
    }
}

/// Whether an error of the API is retryable by itself: its cause and the stated wait.
fn api_verdict(api: &ApiError, now: Timestamp) -> Option<(Cause, Option<Duration>)> {
    let cause = match api.retry() {
        Retry::Wait => Cause::Throttled,
        Retry::Auto if api.status == 429 => Cause::Throttled,
        Retry::Auto => Cause::Transient,
        _ => return None,
    };
    Some((cause, api.retry_after.map(|wait| wait.delay_from(now))))
}

/// The rate limits that the failures report, for all calls that share them.
pub(super) fn limits(faults: &[Fault], now: Timestamp) -> Vec<(Scope, ServerLimit)> {
    let mut seen = Vec::new();
    for fault in faults {
        let api = match fault {
            Fault::Item(api) => Some(&**api),
            Fault::Whole(error) => error.api_error(),
            _ => None,
        };
        let limit = api.and_then(|api| limit(api, now));
        if let Some(limit) = limit.filter(|limit| !seen.contains(limit)) {
            seen.push(limit);
        }
    }
    seen
}

fn limit(api: &ApiError, now: Timestamp) -> Option<(Scope, ServerLimit)> {
    match (api.status, api.code.as_deref()) {
        // Only the vehicle's monthly quota: other limits have no such counter, and a
        // vehicle that is blocked by mistake stays blocked for long.
        (430, Some("VEHICLE_REQUEST_LIMIT")) => Some((Scope::Vehicle, ServerLimit::QuotaExhausted)),
        (429, code) => {
            let scope = match code {
                Some("SMARTCAR_API") => Scope::Application,
                _ => Scope::Vehicle,
            };
            let wait = api.retry_after?.delay_from(now);
            Some((scope, ServerLimit::RetryAfter(wait)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
