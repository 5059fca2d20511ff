//! Tests of the judge without a runtime: failures in, decision out.

use std::time::Duration;

use jiff::Timestamp;
use smartcar_model::{ApiError, Error, ErrorKind, RetryAfter, StopReason};
use tokio::time::Instant;

use super::{Judge, Moment, Next, Repeat, Scope, limits};
use crate::budget::ServerLimit;
use crate::dialect::Fault;
use crate::retry::RetryPolicy;

const SECOND: Duration = Duration::from_secs(1);

fn judge(max_wait: Option<Duration>) -> Judge {
    let policy = RetryPolicy::standard()
        .backoff(SECOND, 10 * SECOND, 60 * SECOND)
        .without_jitter();
    Judge::new(&policy, max_wait)
}

/// The first attempt of a call with a deadline of 100 s.
fn first() -> Moment {
    let instant = Instant::now();
    Moment {
        attempts: 1,
        instant,
        time: Timestamp::UNIX_EPOCH,
        deadline: instant + 100 * SECOND,
    }
}

fn api(status: u16, code: Option<&str>, wait: Option<u32>) -> ApiError {
    let mut error = ApiError::from_status(status);
    error.code = code.map(str::to_owned);
    error.retry_after = wait.map(|wait| RetryAfter::Delay(wait * SECOND));
    error
}

fn item(status: u16, wait: Option<u32>) -> Fault {
    Fault::Item(Box::new(api(status, None, wait)))
}

fn whole(status: u16, wait: Option<u32>) -> Fault {
    Fault::Whole(Error::api(api(status, None, wait)))
}

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "by the test")
}

fn lost(sent: bool) -> Fault {
    let error = error(ErrorKind::Transport);
    Fault::Lost { sent, error }
}

/// A decision as a short text, with its wait.
fn told(next: &Next) -> String {
    match next {
        Next::Done => "done".to_owned(),
        Next::Further => "further".to_owned(),
        Next::Refresh(_) => "refresh".to_owned(),
        Next::Again(Repeat { cause, wait, .. }) => format!("{cause:?} {}", wait.as_secs()),
        Next::Stop(end) => format!("stop {}", end.stopped.name()),
    }
}

#[test]
fn each_failure_has_its_decision() {
    let refused = || Fault::Refused(error(ErrorKind::Api));
    let late = |ends| Fault::Late {
        ends,
        error: error(ErrorKind::Timeout),
    };
    for (faults, decision) in [
        (vec![], "done"),
        (vec![Fault::Further], "further"),
        (vec![refused()], "refresh"),
        (vec![late(true)], "stop failed"),
        (vec![late(false)], "Transient 1"),
        (vec![lost(false)], "Transient 1"),
        (vec![lost(true)], "Transient 1"),
        (vec![whole(500, None)], "Transient 1"),
        (vec![whole(404, None)], "stop failed"),
        (vec![whole(429, Some(7))], "Throttled 17"),
        (vec![whole(430, Some(7))], "stop failed"),
        (vec![Fault::Whole(error(ErrorKind::Decode))], "stop failed"),
        (vec![item(502, None)], "Transient 1"),
        (vec![item(429, Some(7))], "Throttled 17"),
        // An item with a final error does not delay the call.
        (vec![item(403, None), item(502, None)], "Transient 1"),
        (vec![item(403, None)], "done"),
        // The longest of several waits, and the more severe cause.
        (
            vec![item(502, None), item(429, Some(7)), item(429, Some(3))],
            "Throttled 17",
        ),
        // The more severe of two failures decides.
        (vec![Fault::Further, item(502, None)], "Transient 1"),
        (vec![whole(404, None), item(502, None)], "stop failed"),
        (vec![whole(404, None), refused()], "refresh"),
    ] {
        let shown = format!("{faults:?}");
        assert_eq!(
            told(&judge(None).next(faults, 1, first())),
            decision,
            "{shown}"
        );
    }
}

#[test]
fn nothing_left_is_done_whatever_failed() {
    let next = judge(None).next(vec![whole(404, None), lost(true)], 0, first());
    assert_eq!(told(&next), "done");
}

#[test]
fn what_may_have_been_processed_is_repeated_once_and_a_token_is_refreshed_once() {
    let mut judge = judge(None);
    assert_eq!(
        told(&judge.next(vec![lost(true)], 1, first())),
        "Transient 1"
    );
    assert_eq!(
        told(&judge.next(vec![lost(false)], 1, first())),
        "Transient 2"
    );
    assert_eq!(
        told(&judge.next(vec![lost(true)], 1, first())),
        "stop failed"
    );
    let refused = || vec![Fault::Refused(error(ErrorKind::Api))];
    assert_eq!(told(&judge.next(refused(), 1, first())), "refresh");
    assert_eq!(told(&judge.next(refused(), 1, first())), "stop failed");
}

#[test]
fn requests_that_are_lost_together_are_one_loss() {
    let next = judge(None).next(vec![lost(true), lost(true)], 2, first());
    assert_eq!(told(&next), "Transient 1");
}

#[test]
fn attempts_deadline_and_max_wait_end_it_and_say_when_to_come_back() {
    let at = first();
    let last = Moment { attempts: 3, ..at };
    let soon = Moment {
        deadline: at.instant + 2 * SECOND,
        ..at
    };
    for (longest, at, faults, stopped, wait) in [
        (None, last, vec![item(429, Some(7))], "attempts", Some(7)),
        (None, last, vec![item(502, None)], "attempts", None),
        (None, soon, vec![item(429, Some(7))], "deadline", Some(17)),
        (
            Some(SECOND),
            at,
            vec![item(429, Some(7))],
            "max_wait",
            Some(17),
        ),
    ] {
        let Next::Stop(end) = judge(longest).next(faults, 1, at) else {
            panic!("it ends by {stopped}");
        };
        assert_eq!(end.stopped.name(), stopped);
        let wait = wait.map(|wait| at.instant + wait * SECOND);
        assert_eq!(end.retry_at, wait, "{stopped}");
    }
    // The error of a whole request is more informative than that the attempts are
    // used up.
    let Next::Stop(end) = judge(None).next(vec![whole(500, None)], 1, last) else {
        panic!("it ends");
    };
    assert!(matches!(end.stopped, StopReason::Failed(error) if error.status() == Some(500)));
}

#[test]
fn an_empty_quota_ends_it_as_the_decision_says() {
    let Next::Again(Repeat { otherwise, .. }) = judge(None).next(vec![item(502, None)], 1, first())
    else {
        panic!("it goes on");
    };
    assert_eq!(otherwise.stopped.name(), "retry_quota");
}

#[test]
fn a_fleet_waits_for_the_application_in_its_line() {
    let limit = || {
        vec![Fault::Item(Box::new(api(
            429,
            Some("SMARTCAR_API"),
            Some(7),
        )))]
    };
    assert_eq!(told(&judge(None).next(limit(), 1, first())), "Throttled 17");
    let fleet = judge(Some(60 * SECOND)).next(limit(), 1, first());
    assert_eq!(told(&fleet), "Throttled 10");
}

#[test]
fn limits_are_told_once_each_and_to_whom_they_belong() {
    let faults = [
        Fault::Item(Box::new(api(429, Some("VEHICLE"), Some(7)))),
        Fault::Item(Box::new(api(429, Some("VEHICLE"), Some(7)))),
        Fault::Item(Box::new(api(429, Some("SMARTCAR_API"), Some(9)))),
        Fault::Item(Box::new(api(429, Some("VEHICLE"), None))),
        Fault::Item(Box::new(api(430, Some("VEHICLE_REQUEST_LIMIT"), None))),
        Fault::Item(Box::new(api(430, Some("BILLING"), None))),
        Fault::Further,
    ];
    let seen = limits(&faults, Timestamp::UNIX_EPOCH);
    let expected = [
        (Scope::Vehicle, ServerLimit::RetryAfter(7 * SECOND)),
        (Scope::Application, ServerLimit::RetryAfter(9 * SECOND)),
        (Scope::Vehicle, ServerLimit::QuotaExhausted),
    ];
    assert_eq!(seen, expected);
}
