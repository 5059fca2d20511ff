//! The signals that a vehicle has, as a list.
//!
//! Invariant: every element with a code is listed once, and names come from the
//! response before the spec.

use serde_json::json;
use smartcar_model::v3::{Needed, SignalInfo, Signals, listed};
use smartcar_model::{ApiError, ItemError, NotAvailableReason};

const ODOMETER: &str = "odometer-traveleddistance";

#[test]
fn every_code_is_listed_once_in_order_whatever_its_status() {
    let list = json!([
        {"id": ODOMETER, "attributes": {"body": {"value": 10, "unit": "km"}},
         "meta": {"oemUpdatedAt": "2026-03-14T09:12:31Z", "retrievedAt": "2026-03-14T09:27:08Z"}},
        {"id": "fleet-own", "attributes": {"status": {"value": "ERROR"}}},
        {"id": ODOMETER, "attributes": {"body": {"value": 11, "unit": "km"}}},
    ]);
    let listed = listed(&list.to_string()).unwrap();
    let codes: Vec<_> = listed.iter().map(|signal| &*signal.code).collect();
    assert_eq!(codes, ["fleet-own", ODOMETER]);

    let [own, odometer] = listed.as_slice() else {
        panic!("{listed:?}");
    };
    let body = odometer.body.as_ref().unwrap();
    assert_eq!(body.body.get(), r#"{"unit":"km","value":10}"#);
    assert_eq!(odometer.data_age, "2026-03-14T09:12:31Z".parse().ok());
    assert_eq!(odometer.fetched_at, "2026-03-14T09:27:08Z".parse().ok());
    assert_eq!(odometer.used_by(), ["/odometer"]);
    assert!(own.body.as_ref().unwrap_err().is_missing());
    assert_eq!((own.data_age, own.fetched_at), (None, None));
    assert!(own.info.is_none() && own.used_by().is_empty());
}

#[test]
fn group_and_name_come_from_the_response_then_from_the_spec() {
    let names = |signal| {
        let listed = listed(&json!([signal]).to_string()).unwrap();
        let [signal] = listed.as_slice() else {
            panic!("{listed:?}");
        };
        let (group, name) = (signal.group.clone(), signal.name.clone());
        [group.unwrap_or_default(), name.unwrap_or_default()]
    };
    let own = |code: &str| json!({"id": "s1", "attributes": {"code": code, "group": "Way", "name": "Driven", "body": {}}});
    for code in [
        ODOMETER,
        "Odometer.TraveledDistance",
        "fleet-own",
        " FLEET-own ",
    ] {
        assert_eq!(names(own(code)), ["Way", "Driven"], "{code}");
    }
    let beside = json!({"code": ODOMETER, "group": "Way", "name": "Driven", "body": {}});
    assert_eq!(names(beside), ["Way", "Driven"]);
    let part = json!({"id": ODOMETER, "attributes": {"name": "Driven", "body": {}}});
    assert_eq!(names(part), ["Odometer", "Driven"]);
    let none = json!({"id": ODOMETER, "attributes": {"body": {}}});
    assert_eq!(names(none), ["Odometer", "Traveled distance"]);
    assert_eq!(names(json!({"id": "fleet-own", "body": {}})), ["", ""]);
}

#[test]
fn what_is_no_list_is_refused_and_a_body_is_never_printed() {
    let one = json!({"id": ODOMETER, "attributes": {"body": {"value": 18250}}});
    assert!(listed(&one.to_string()).is_err());
    assert!(listed("[").is_err());
    let listed = listed(&json!([one]).to_string()).unwrap();
    let shown = format!("{listed:?}");
    assert!(shown.contains(ODOMETER) && shown.contains("is_valid: true"));
    assert!(!shown.contains("18250"), "{shown}");
}

#[test]
fn the_path_of_all_signals_is_the_list_as_sent_and_tells_what_it_lacks() {
    let list = format!(r#"[{{"id": "{ODOMETER}",  "attributes": {{"body": {{"value": 10}}}}}}]"#);
    for (text, lacks) in [
        (list.clone(), None),
        (format!(r#"{{"data": {list}}}"#), None),
        (format!(r#"{{"data": null, "signals": {list}}}"#), None),
        (
            format!(r#"{{"data": {list}, "meta": {{"totalCount": 1}}}}"#),
            None,
        ),
        (
            format!(r#"{{"meta": {{"totalCount": 7}}, "data": {list}}}"#),
            Some("the response has 1 of 7 signals"),
        ),
        (
            format!(r#"{{"data": {list}, "links": {{"next": "/signals?page=2"}}}}"#),
            Some("the response has the first page of the signals only"),
        ),
    ] {
        let mut signals = Signals::new();
        let (page, warnings) = signals.read_list(text.as_str(), Some("r1")).unwrap();
        assert_eq!((page.count, warnings.len()), (1, 0), "{text}");
        assert_eq!(page.is_part(), lacks.is_some(), "{text}");
        let (answer, told) = signals.answer_with_member_errors("/signals").unwrap();
        let raw = answer.read_raw().unwrap();
        assert_eq!(raw.body.get(), list, "{text}");
        assert_eq!(raw.meta.request_id.as_deref(), Some("r1"));
        let told: Vec<_> = told
            .iter()
            .map(|told| match &told.error {
                ItemError::Malformed(why) => (&*told.path, &*told.member, why.reason()),
                other => panic!("{other}"),
            })
            .collect();
        let expected = lacks.map(|why| ("/signals", "/1", why));
        assert_eq!(told, Vec::from_iter(expected), "{text}");
    }
}

#[test]
fn a_list_that_failed_is_its_failure_until_there_is_one() {
    let of = |signals: &Signals| signals.answer("/signals").map(|_| ());
    let mut signals = Signals::new();
    signals.fail_list(ItemError::Missing);
    assert_eq!(of(&signals), Err(ItemError::Missing));
    let refused = ItemError::from(ApiError::from_status(502));
    signals.fail_list(refused.clone());
    assert_eq!(of(&signals), Err(refused.clone()));
    signals.read_list("[]", None).unwrap();
    assert_eq!(of(&signals), Ok(()));
    signals.fail_list(refused);
    assert_eq!(of(&signals), Ok(()));
}

#[test]
fn a_single_signal_is_no_list() {
    let one = json!({"id": ODOMETER, "attributes": {"body": {"value": 18250}}}).to_string();
    let mut signals = Signals::new();
    let error = signals.read_list(one.as_str(), None).unwrap_err();
    let why = "expected the list of all signals, found a single signal";
    assert_eq!(error.reason(), why);
    assert!(!signals.has(ODOMETER) && signals.page().is_none());
    signals.read(one, None).unwrap();
    assert!(signals.has(ODOMETER) && signals.page().is_none());
    let shown = format!("{signals:?}");
    assert!(
        shown.contains(ODOMETER) && !shown.contains("18250"),
        "{shown}"
    );
}

#[test]
fn what_a_delivery_lacks_was_not_delivered() {
    let reason = |delivered: bool| {
        let mut signals = Signals::new().delivered(delivered);
        let own = json!([{"id": "fleet-own", "attributes": {"body": {}}}]);
        signals.read_list(own.to_string(), None).unwrap();
        match signals.answer("/odometer") {
            Err(ItemError::NotAvailable(missing)) => missing.reason,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(reason(true), NotAvailableReason::NotDelivered);
    assert_eq!(reason(false), NotAvailableReason::NotStored);
}

#[test]
fn warnings_are_bounded() {
    let twice = vec![json!({"id": ODOMETER, "attributes": {"body": {}}}); 103];
    let warnings = Signals::new().read(json!(twice).to_string(), None).unwrap();
    assert_eq!(warnings.len(), 100);
}

#[test]
fn what_was_not_asked_for_is_missing() {
    let signals = Signals::new();
    for path in ["/signals", "/", "/permissions", "/odometer"] {
        assert_eq!(
            signals.answer(path).err(),
            Some(ItemError::Missing),
            "{path}"
        );
    }
}

#[test]
fn only_what_depends_on_the_powertrain_needs_it() {
    assert!(Needed::of(["/security"]).powertrain);
    let needed = Needed::of(["/odometer", "/battery", "/permissions"]);
    assert!(!needed.powertrain && !needed.vehicle && needed.connection);
    let info = SignalInfo::of(ODOMETER).unwrap();
    assert!(format!("{info:?}").contains(ODOMETER));
}
