//! What is kept of several responses for the same signals.
//!
//! Invariant: the value that the vehicle recorded last is kept, in whichever order the
//! responses come.

use serde_json::{Value, json};
use smartcar_model::decode::WarningKind;
use smartcar_model::v3::Signals;
use smartcar_model::{ApiError, ItemError, NotAvailableReason, ResponseHeaders};

const CODE: &str = "odometer-traveleddistance";
const OTHER: &str = "fleet-own";
const EARLY: &str = "2026-03-14T09:12:31Z";
const LATE: &str = "2026-03-14T10:12:31Z";

/// A response with one value of a signal, and when the vehicle recorded it.
fn response(code: &str, value: u32, recorded: Option<&str>) -> String {
    let body = json!({"value": value, "unit": "km"});
    let element =
        json!({"id": code, "attributes": {"body": body}, "meta": {"oemUpdatedAt": recorded}});
    json!({"data": [element]}).to_string()
}

fn value(signals: &Signals, code: &str) -> Value {
    let answer = signals.answer(&format!("/signals/{code}")).unwrap();
    let body = answer.read_raw().unwrap().body;
    serde_json::from_str::<Value>(body.get()).unwrap()["value"].clone()
}

#[test]
fn the_value_that_was_recorded_last_is_kept() {
    for code in [CODE, OTHER] {
        for (first, second, kept) in [
            (Some(EARLY), Some(LATE), 2),
            (Some(LATE), Some(EARLY), 1),
            // Of equals, and where a time is unknown, the one that came last.
            (Some(LATE), Some(LATE), 2),
            (Some(LATE), None, 2),
            (None, Some(EARLY), 2),
            (None, None, 2),
        ] {
            let mut signals = Signals::new();
            for (value, recorded) in [(1, first), (2, second)] {
                let warnings = signals.read(response(code, value, recorded), None).unwrap();
                assert_eq!(warnings, [], "{code}");
            }
            assert_eq!(value(&signals, code), kept, "{code} {first:?} {second:?}");
            let (recorded, fetched) = signals.times(code);
            let expected = [first, second][kept - 1];
            assert_eq!(recorded, expected.and_then(|time| time.parse().ok()));
            assert_eq!(fetched, None);
        }
    }
}

#[test]
fn of_two_in_one_response_the_first_is_kept_and_the_other_told() {
    let element = |value: u32, recorded: &str| json!({"id": CODE, "attributes": {"body": {"value": value}}, "meta": {"oemUpdatedAt": recorded}});
    let text = json!({"data": [element(1, EARLY), element(2, LATE)]}).to_string();
    let mut signals = Signals::new();
    let warnings = signals.read(text, None).unwrap();
    let told: Vec<_> = warnings.iter().map(|it| (&*it.path, it.kind)).collect();
    let path = format!("/signals/{CODE}");
    assert_eq!(told, [(&*path, WarningKind::Duplicate)]);
    assert_eq!(value(&signals, CODE), 1);
}

fn refused(status: u16, code: &str) -> ItemError {
    let body = json!({"errors": [{"type": "SIGNAL", "code": code, "status": status.to_string()}]});
    let headers = ResponseHeaders::default();
    ApiError::read(status, &headers, Some(&body.to_string())).into()
}

#[test]
fn a_failure_costs_no_value_and_is_replaced_by_one() {
    for code in [CODE, OTHER] {
        let mut signals = Signals::new();
        signals.fail(code, refused(500, "FIRST"));
        assert!(signals.has(code));
        assert_eq!(signals.failure(code).and_then(ItemError::status), Some(500));
        signals.fail(code, refused(502, "SECOND"));
        assert_eq!(signals.failure(code).and_then(ItemError::status), Some(502));
        signals.read(response(code, 1, Some(EARLY)), None).unwrap();
        assert_eq!(signals.failure(code), None);
        signals.fail(code, refused(500, "THIRD"));
        assert_eq!(value(&signals, code), 1);
        assert_eq!(signals.codes().collect::<Vec<_>>(), [code]);
    }
}

#[test]
fn only_a_404_about_the_signal_says_that_it_is_not_stored() {
    for (status, code, is_absent) in [
        (404, "SIGNAL_NOT_FOUND", true),
        (404, "signal_not_found", true),
        (404, "VEHICLE_NOT_FOUND", false),
        (403, "SIGNAL_NOT_FOUND", false),
    ] {
        let mut signals = Signals::new();
        signals.fail(CODE, refused(status, code));
        let reason = match signals.failure(CODE).unwrap() {
            ItemError::NotAvailable(missing) => Some(missing.reason),
            error => {
                assert_eq!(error.status(), Some(status));
                None
            }
        };
        let expected = is_absent.then_some(NotAvailableReason::NotStored);
        assert_eq!(reason, expected, "{status} {code}");
    }
}

#[test]
fn a_value_that_is_too_old_is_said_to_be() {
    let mut signals = Signals::new();
    signals.set_too_old(CODE);
    match signals.failure(CODE) {
        Some(ItemError::NotAvailable(missing)) => {
            assert_eq!(missing.reason, NotAvailableReason::TooOld);
            assert_eq!(missing.signals, [CODE]);
        }
        other => panic!("{other:?}"),
    }
}
