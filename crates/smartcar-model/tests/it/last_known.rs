//! The last known value of a failed signal, if it is requested.
//!
//! Invariant: by default the failure is the result. If the last known value is
//! requested, the reading is marked.

use serde_json::{Value, json};
use smartcar_model::v3::Signals;
use smartcar_model::{Battery, ItemError};

const CHARGE: &str = "tractionbattery-stateofcharge";
const RAW: &str = "/signals/tractionbattery-stateofcharge";

fn store(status: &Value, body: &Value, meta: &Value, last_known: bool) -> Signals {
    let data = json!([
        {"id": CHARGE, "attributes": {"status": status, "body": body}, "meta": meta},
        {"id": "tractionbattery-range", "attributes": {"body": {"value": 293.8, "unit": "km"}}},
    ]);
    let mut signals = Signals::new().last_known(last_known);
    signals.read(data.to_string(), None).unwrap();
    signals
}

fn failed() -> Value {
    json!({"value": "ERROR", "error": {"type": "UPSTREAM", "code": "NO_RESPONSE"}})
}

fn body() -> Value {
    json!({"value": 71, "unit": "percent"})
}

fn meta() -> Value {
    json!({"oemUpdatedAt": "2026-03-07T09:51:30.000Z"})
}

#[test]
fn the_last_value_comes_marked_and_only_where_it_is_asked() {
    for status in [
        failed(),
        json!({"value": "ERROR"}),
        json!({"value": "UNKNOWN"}),
        json!("UNAVAILABLE"),
    ] {
        let signals = store(&status, &body(), &meta(), true);
        let battery = signals.answer("/battery").unwrap();
        let battery = battery.read::<Battery>().unwrap();
        assert_eq!(battery.percent_remaining.to_bits(), 0.71_f64.to_bits());
        assert!(battery.meta.last_known, "{status}");
        assert_eq!(battery.meta.data_age, "2026-03-07T09:51:30Z".parse().ok());
        let raw = signals.answer(RAW).unwrap().read_raw().unwrap();
        assert!(raw.meta.last_known);
        let range = signals.answer("/signals/tractionbattery-range").unwrap();
        assert!(!range.read_raw().unwrap().meta.last_known, "a good one");
        assert!(signals.failure(CHARGE).is_some());
        for path in ["/battery", RAW] {
            assert!(
                store(&status, &body(), &meta(), false)
                    .answer(path)
                    .is_err()
            );
        }
    }
}

#[test]
fn without_a_value_or_its_time_the_failure_stays() {
    for (body, meta) in [
        (body(), json!({})),
        (body(), json!({"oemUpdatedAt": 0})),
        (json!({}), meta()),
        (json!({"value": null, "unit": null}), meta()),
        (Value::Null, meta()),
        (json!([71]), meta()),
    ] {
        let signals = store(&failed(), &body, &meta, true);
        for path in ["/battery", RAW] {
            let error = signals.answer(path).unwrap_err();
            assert_eq!(error.status(), Some(502), "{body} {meta}");
        }
    }
    // A body that the mapping cannot use.
    for body in [
        json!({"value": null, "unit": "percent"}),
        json!({"value": "?"}),
    ] {
        let signals = store(&failed(), &body, &meta(), true);
        let error = signals.answer("/battery").unwrap_err();
        assert_eq!(error.status(), Some(502), "{body}");
    }
}

#[test]
fn a_malformed_envelope_has_no_last_value() {
    for status in [json!(7), json!({"value": 7})] {
        let signals = store(&status, &body(), &meta(), true);
        let error = signals.answer(RAW).unwrap_err();
        assert!(matches!(error, ItemError::Malformed(_)), "{error}");
    }
}
