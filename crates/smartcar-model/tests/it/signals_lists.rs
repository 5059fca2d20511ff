//! Bodies that are lists, when some of their signals fail: which of them are
//! errors, and which are empty lists.
//!
//! Invariant: a body of which nothing was read is an error, as for any other
//! endpoint. An empty list only occurs next to something that was read.

use serde_json::{Value, json};
use smartcar_model::v3::Signals;
use smartcar_model::{ItemError, NotAvailableReason, Security, SystemStatus};

const SYSTEMS: &str = "/diagnostics/system_status";

fn good(code: &str, body: &Value) -> Value {
    json!({"id": code, "attributes": {"status": {"value": "SUCCESS"}, "body": body}})
}

fn failed(code: &str, kind: &str, about: Option<&str>) -> Value {
    let error = json!({"type": kind, "code": about});
    json!({"id": code, "attributes": {"status": {"value": "ERROR", "error": error}}})
}

fn store(signals: &[Value]) -> Signals {
    let mut read = Signals::new();
    let text = json!({ "data": signals }).to_string();
    read.read(&text, None).unwrap();
    read
}

fn kind(error: &ItemError) -> (Option<&str>, Option<u16>) {
    let api = error.api_error();
    let kind = api.and_then(|api| api.error_type.as_deref());
    (kind, error.status())
}

#[test]
fn a_list_of_failures_is_their_failure() {
    let incapable = |code| failed(code, "COMPATIBILITY", Some("VEHICLE_NOT_CAPABLE"));
    let signals = store(&[incapable("diagnostics-abs"), incapable("diagnostics-mil")]);
    let error = signals.answer(SYSTEMS).unwrap_err();
    assert_eq!(kind(&error), (Some("COMPATIBILITY"), Some(501)), "{error}");
    // The first of several, as for the members of a body.
    let signals = store(&[
        incapable("diagnostics-mil"),
        failed("diagnostics-abs", "PERMISSION", None),
    ]);
    let error = signals.answer(SYSTEMS).unwrap_err();
    assert_eq!(kind(&error), (Some("PERMISSION"), Some(403)), "{error}");
    // A failure is graver than a missing signal.
    let signals = store(&[failed("diagnostics-mil", "UPSTREAM", Some("NO_RESPONSE"))]);
    let error = signals.answer(SYSTEMS).unwrap_err();
    assert!(error.is_retryable(), "{error}");
}

#[test]
fn one_system_is_a_list_and_the_failed_ones_are_gaps() {
    let signals = store(&[
        failed("diagnostics-abs", "UPSTREAM", Some("NO_RESPONSE")),
        good("diagnostics-mil", &json!({"status": "OK"})),
    ]);
    let (answer, member_errors) = signals.answer_with_member_errors(SYSTEMS).unwrap();
    let read = answer.read::<SystemStatus>().unwrap();
    assert_eq!(read.systems.len(), 1);
    let member_errors: Vec<_> = member_errors.iter().map(|gap| kind(&gap.error)).collect();
    assert_eq!(member_errors, [(Some("UPSTREAM"), Some(502))]);
}

#[test]
fn a_store_without_any_names_what_it_lacks() {
    for (signals, expected) in [
        (store(&[]), NotAvailableReason::EmptyStore),
        (
            store(&[good("closure-islocked", &json!({"value": true}))]),
            NotAvailableReason::NotStored,
        ),
    ] {
        let error = signals.answer(SYSTEMS).unwrap_err();
        let (reason, signals) = missing(&error);
        assert_eq!(reason, expected);
        let wanted = smartcar_model::v3::Needed::of([SYSTEMS]).signals;
        assert_eq!(signals, wanted);
        assert!(wanted.len() > 10, "{wanted:?}");
    }
    // Nothing was requested.
    assert_eq!(
        Signals::new().answer(SYSTEMS).unwrap_err(),
        ItemError::Missing
    );
    // What is said of one signal is not said of those that are not there.
    let unavailable =
        json!({"id": "diagnostics-abs", "attributes": {"status": {"value": "UNAVAILABLE"}}});
    let error = store(&[unavailable]).answer(SYSTEMS).unwrap_err();
    let (reason, signals) = missing(&error);
    assert_eq!(reason, NotAvailableReason::NotOffered);
    assert_eq!(signals, ["diagnostics-abs"]);
}

fn missing(error: &ItemError) -> (NotAvailableReason, &[String]) {
    match error {
        ItemError::NotAvailable(missing) => (missing.reason, &missing.signals),
        other => panic!("{other}"),
    }
}

#[test]
fn a_signal_that_failed_is_not_named_as_missing() {
    let signals = store(&[failed("closure-windows", "PERMISSION", None)]);
    let error = signals.answer("/security").unwrap_err();
    let (reason, signals) = missing(&error);
    assert_eq!(reason, NotAvailableReason::NotStored);
    let named = |code: &str| signals.iter().filter(|named| *named == code).count();
    assert_eq!(named("closure-islocked"), 1);
    assert_eq!(named("closure-doors"), 1, "four doors are of one signal");
    assert_eq!(named("closure-windows"), 0);
}

#[test]
fn an_element_without_its_required_member_fails_the_list() {
    let codes = json!({"values": [{"code": "P0128"}, {"timestamp": "2026-03-14T09:26:53Z"}]});
    let signals = store(&[good("diagnostics-dtclist", &codes)]);
    match signals.answer("/diagnostics/dtcs") {
        Err(ItemError::Malformed(malformed)) => {
            let at = "/diagnostics-dtclist/body/values/1/code";
            assert_eq!((malformed.pointer(), malformed.reason()), (at, "no value"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn lists_beside_something_that_was_read_may_be_empty() {
    let signals = store(&[
        good("closure-islocked", &json!({"value": true})),
        failed(
            "closure-sunroof",
            "COMPATIBILITY",
            Some("VEHICLE_NOT_CAPABLE"),
        ),
    ]);
    let (answer, member_errors) = signals.answer_with_member_errors("/security").unwrap();
    let read = answer.read::<Security>().unwrap();
    assert!(read.sunroof.is_empty() && read.windows.is_empty());
    assert_eq!(member_errors.len(), 1, "{member_errors:?}");
    // A failed required member fails the body, as always.
    let signals = store(&[failed("closure-islocked", "COMPATIBILITY", None)]);
    let error = signals.answer("/security").unwrap_err();
    assert_eq!(kind(&error).0, Some("COMPATIBILITY"), "{error}");
}

#[test]
fn a_list_that_a_signal_has_may_be_empty() {
    let none = json!({"values": []});
    let dtcs = store(&[good("diagnostics-dtclist", &none)]);
    let dtcs = dtcs.answer("/diagnostics/dtcs").unwrap();
    let dtcs = dtcs.read::<smartcar_model::Dtcs>().unwrap();
    assert!(dtcs.active_codes.is_empty());
    let records = store(&[good("service-records", &none)]);
    let records = records.answer("/service/history").unwrap();
    let records = records.read::<smartcar_model::ServiceHistory>().unwrap();
    assert_eq!(serde_json::to_value(&records.body).unwrap(), json!([]));
}
