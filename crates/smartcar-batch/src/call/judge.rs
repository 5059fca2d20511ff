//! What the failures of an attempt mean for the rest of the call.
//!
//! Invariant: a pure function of the failures and of the state so far. An error
//! is classified by its body first (`resolution.type`, then type and code), then
//! by its status; 430 and what the catalogue calls *later* or *no* end the call.

use std::time::Duration;

use jiff::Timestamp;
use smartcar_model::{ApiError, Error, Retry, StopReason};
use tokio::time::Instant;

use super::end::End;
use crate::budget::ServerLimit;
use crate::dialect::Fault;
use crate::retry::{Cause, RetryPolicy, Schedule};

/// What to do after an attempt.
#[derive(Debug)]
pub(super) enum Next {
    /// Every outcome is final.
    Done,
    /// Ask at once for what the replies did not bring along.
    Further,
    /// Get another token. The error if there is none.
    Refresh(Error),
    /// Ask again what is left.
    Again(Repeat),
    /// Asking again cannot help, or may not be done.
    Stop(End),
}

/// Asking again, after a wait.
#[derive(Debug)]
pub(super) struct Repeat {
    pub(super) cause: Cause,
    pub(super) wait: Duration,
    /// How the call ends if the retry quota is empty.
    pub(super) otherwise: End,
}

/// When an attempt ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// How many attempts were made.
    pub(super) attempts: u32,
    pub(super) instant: Instant,
    pub(super) time: Timestamp,
    /// When the call has to end.
    pub(super) deadline: Instant,
}

/// What is known of a call so far.
#[derive(Debug)]
pub(super) struct Judge {
    schedule: Schedule,
    max_attempts: u32,
    /// The longest wait for one vehicle, where many share a place to wait in.
    max_wait: Option<Duration>,
    /// Whether a request that was lost on the way was repeated: once per call.
    lost: bool,
    /// Whether a token was refreshed: once per call.
    refreshed: bool,
}

/// What the failures of an attempt amount to, the least grave first.
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

/// Whose limit an answer speaks of.
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

    /// Judges an attempt. `left` is how much is left to ask after it.
    pub(super) fn next(&mut self, faults: Vec<Fault>, left: usize, at: Moment) -> Next {
        if left == 0 {
            return Next::Done;
        }
        // A fleet waits for the application in its line.
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

    /// Judges that the token source failed, which counts as an attempt. A stated
    /// wait is everyone's: a fleet waits for it in its line.
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
        // An error of the whole request says more than that asking stopped.
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

    /// The graver of two. Two repeats are one, with the longer wait and the first
    /// error.
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

/// Why an error of the API is worth asking again by itself, and after which wait.
fn api_verdict(api: &ApiError, now: Timestamp) -> Option<(Cause, Option<Duration>)> {
    let cause = match api.retry() {
        Retry::Wait => Cause::Throttled,
        Retry::Auto if api.status == 429 => Cause::Throttled,
        Retry::Auto => Cause::Transient,
        _ => return None,
    };
    Some((cause, api.retry_after.map(|wait| wait.delay_from(now))))
}

/// What the failures say about limits, for everyone who shares them.
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
        // Only the vehicle's own month: the other limits have no such counter,
        // and a vehicle that is parked by mistake is parked for long.
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
