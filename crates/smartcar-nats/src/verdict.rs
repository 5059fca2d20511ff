//! What happens to a job whose call failed as a whole.
//!
//! Invariant: a pure function. A failure that is not the vehicle's own never costs the
//! vehicle anything.

use std::time::Duration;

use smartcar_batch::jiff::Timestamp;
use smartcar_batch::{BudgetDenied, Error, ErrorKind};

/// A job is dead after this many retries without a stated time.
pub(crate) const RETRIES: u32 = 10;

/// The first wait if no time was stated. It doubles with each failure.
const FIRST_WAIT: Duration = Duration::from_secs(60);

/// The longest wait if no time was stated.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// What happens to a job.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The vehicle answered: the outcome is stored.
    Outcome,
    /// The job is scheduled, with this count of retries.
    Later { at: Timestamp, retries: u32 },
    /// The job cannot succeed.
    Dead { reason: String },
    /// Nobody's call can succeed for now: the job is given back, and pulling pauses for
    /// at least this long.
    Wait(Duration),
    /// Nobody's call can succeed until the credentials change: the job is given back.
    Refused,
}

/// Decides about an error. `retries` is the job's count so far.
pub(crate) fn of(error: &Error, retries: u32, now: Timestamp) -> Verdict {
    let wait = error.retry_after().unwrap_or_default();
    match (error.kind(), error.budget_denied()) {
        // Required items failed; the other results are in the error.
        (ErrorKind::RequiredItem, _) => return Verdict::Outcome,
        (_, Some(BudgetDenied::Unavailable)) => return Verdict::Wait(wait),
        (ErrorKind::Token, _) if error.is_retryable() => return Verdict::Wait(wait),
        (ErrorKind::Token, _) => return Verdict::Refused,
        _ if error.status() == Some(401) => return Verdict::Refused,
        _ => {}
    }
    let denied = error.budget_denied().and_then(BudgetDenied::retry_at);
    if let Some(at) = error.retry_at().or(denied) {
        return Verdict::Later { at, retries };
    }
    if !error.is_retryable() {
        return Verdict::Dead {
            reason: "the same request would fail again".to_owned(),
        };
    }
    if let Some(wait) = error.retry_after() {
        let at = after(now, wait);
        return Verdict::Later { at, retries };
    }
    if retries >= RETRIES {
        return Verdict::Dead {
            reason: format!("it still failed after {RETRIES} retries"),
        };
    }
    let wait = FIRST_WAIT * 2_u32.pow(retries.min(6));
    Verdict::Later {
        at: after(now, wait.min(LONGEST_WAIT)),
        retries: retries + 1,
    }
}

/// A time after `now`, or the latest possible one.
pub(crate) fn after(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment() -> Timestamp {
        "2026-03-01T00:00:00Z".parse().unwrap()
    }

    fn of_kind(kind: ErrorKind) -> Error {
        Error::new(kind, "x")
    }

    #[test]
    fn a_failure_without_a_time_waits_longer_each_time_and_dies_after_ten() {
        let error = of_kind(ErrorKind::Transport);
        let mut waits = Vec::new();
        let mut retries = 0;
        while let Verdict::Later { at, retries: next } = of(&error, retries, moment()) {
            waits.push(at.duration_since(moment()).as_secs() / 60);
            assert_eq!(next, retries + 1);
            retries = next;
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        let Verdict::Dead { reason } = of(&error, retries, moment()) else {
            panic!("it is dead");
        };
        assert_eq!(reason, "it still failed after 10 retries");
    }

    #[test]
    fn a_stated_time_counts_nothing_and_never_kills() {
        let later = after(moment(), Duration::from_secs(7));
        let stated = of_kind(ErrorKind::Transport).with_retry_at(Some(later));
        let month = Error::denied(BudgetDenied::RetryAt(later));
        let application = Error::denied(BudgetDenied::ApplicationRetryAt(later));
        for error in [stated, month, application] {
            for retries in [0, 10, u32::MAX] {
                let verdict = Verdict::Later { at: later, retries };
                assert_eq!(of(&error, retries, moment()), verdict);
            }
        }
    }

    #[test]
    fn what_concerns_everybody_costs_no_vehicle_its_job() {
        let zero = Verdict::Wait(Duration::ZERO);
        let away = Error::denied(BudgetDenied::Unavailable);
        assert_eq!(of(&away, 10, moment()), zero);
        let busy = of_kind(ErrorKind::Token).retryable_after(Some(Duration::from_secs(9)));
        let nine = Verdict::Wait(Duration::from_secs(9));
        assert_eq!(of(&busy, 10, moment()), nine);
        assert_eq!(
            of(&of_kind(ErrorKind::Token), 0, moment()),
            Verdict::Refused
        );
        let refused = of_kind(ErrorKind::Decode).with_status(401);
        assert_eq!(of(&refused, 0, moment()), Verdict::Refused);
    }

    #[test]
    fn what_cannot_succeed_is_dead_at_once() {
        for error in [
            of_kind(ErrorKind::InvalidRequest),
            of_kind(ErrorKind::Decode),
            Error::denied(BudgetDenied::NeverFits),
        ] {
            assert!(matches!(of(&error, 0, moment()), Verdict::Dead { .. }));
        }
    }
}
