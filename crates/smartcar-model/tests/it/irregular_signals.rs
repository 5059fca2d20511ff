//! Every known irregularity of version 3, one by one and combined: the same
//! values are read, or only that item is an error.
//!
//! Invariant: a malformed signal does not affect the good ones next to it.

#![allow(clippy::needless_pass_by_value, reason = "a case is written in place")]

use proptest::prelude::*;
use serde_json::{Value, json};
use smartcar_model::decode::WarningKind;
use smartcar_model::v3::{self, SIGNALS, Signals, signal};
use smartcar_model::{
    ApiError, Endpoint, ItemError, Meta, NotAvailableReason, Odometer, Reading, ResponseHeaders,
    Retry,
};

const CODE: &str = "odometer-traveleddistance";

fn good(code: &str, body: &Value) -> Value {
    json!({
        "id": code, "type": "signal",
        "attributes": {"code": code, "status": {"value": "SUCCESS"}, "body": body},
        "meta": {"retrievedAt": "2026-03-14T09:27:08.000Z", "oemUpdatedAt": "2026-03-14T09:12:31.000Z"},
    })
}

fn odometer() -> Value {
    good(CODE, &json!({"value": 18250.6, "unit": "km"}))
}

fn read(document: &Value) -> Signals {
    let mut signals = Signals::new();
    signals.read(document.to_string(), None).unwrap();
    signals
}

fn listed(signal: Value) -> Signals {
    read(&json!({ "data": [signal] }))
}

fn distance(signals: &Signals) -> Result<Reading<Odometer>, ItemError> {
    signals.answer("/odometer")?.read()
}

/// Checks that the odometer and its times are read correctly.
fn is_good(signals: &Signals) {
    let reading = distance(signals).unwrap();
    assert!((reading.distance - 18250.6).abs() < 1e-9);
    let Meta {
        data_age,
        fetched_at,
        ..
    } = reading.meta;
    assert_eq!(data_age, "2026-03-14T09:12:31Z".parse().ok());
    assert_eq!(fetched_at, "2026-03-14T09:27:08Z".parse().ok());
}

#[test]
fn a_single_signal_bare_or_wrapped() {
    is_good(&read(&odometer()));
    is_good(&read(&json!({ "data": odometer() })));
    // The flat form of 2025: the members are beside the id.
    let mut flat = odometer()["attributes"].clone();
    flat["meta"] = odometer()["meta"].clone();
    is_good(&read(&flat));
    // A single signal says nothing about the rest of the store.
    let other = read(&odometer()).answer("/vin").unwrap_err();
    assert_eq!(other, ItemError::Missing);
}

#[test]
fn times_in_every_form() {
    #[rustfmt::skip]
    let forms = [
        (json!("2026-03-14T09:12:31.000Z"), true), (json!("2026-03-14T09:12:31Z"), true),
        (json!("2026-03-14T10:12:31+01:00"), true), (json!(1_773_479_551), true),
        (json!(1_773_479_551_000_u64), true), (json!(1_773_479_551.0), true),
        (json!("1773479551"), true), (json!("1773479551000"), true),
        (json!(0), false), (json!("0"), false), (json!(-5), false), (json!(1e300), false),
        (json!("yesterday"), false), (json!(null), false), (json!({}), false), (json!(true), false),
    ];
    for (form, readable) in forms {
        let mut signal = odometer();
        signal["meta"]["oemUpdatedAt"] = form.clone();
        let reading = distance(&listed(signal)).unwrap();
        let expected = readable.then(|| "2026-03-14T09:12:31Z".parse().unwrap());
        assert_eq!(reading.meta.data_age, expected, "{form}");
    }
    for meta in [json!({}), json!(null), json!([]), json!("x")] {
        let mut signal = odometer();
        signal["meta"] = meta;
        assert_eq!(distance(&listed(signal)).unwrap().meta.data_age, None);
    }
    let mut signal = odometer();
    signal["attributes"]["meta"] = signal["meta"].take();
    is_good(&listed(signal));
}

#[test]
fn errors_with_and_without_a_stale_body() {
    for body in [
        json!({"value": 1, "unit": "km"}),
        json!({"value": null}),
        Value::Null,
    ] {
        for status in [
            json!({"value": "ERROR", "error": {"type": "PERMISSION", "code": null}}),
            json!({"value": "error", "error": {"type": "PERMISSION", "code": "UNKNOWN"}}),
            json!({"error": {"type": "PERMISSION"}}),
        ] {
            let mut signal = good(CODE, &body);
            signal["attributes"]["status"] = status;
            let error = distance(&listed(signal)).unwrap_err();
            assert_eq!(error.status(), Some(403), "{error}");
        }
    }
    let mut signal = odometer();
    signal["attributes"]["status"] = json!({"value": "UNAVAILABLE"});
    let error = distance(&listed(signal)).unwrap_err();
    assert!(
        matches!(&error, ItemError::NotAvailable(found) if found.reason == NotAvailableReason::NotOffered)
    );
    let mut signal = odometer();
    signal["attributes"]["status"] = json!({"value": "ERROR"});
    let error = distance(&listed(signal)).unwrap_err();
    assert!(
        matches!(&error, ItemError::NotAvailable(found) if found.reason == NotAvailableReason::NotValid),
        "{error}"
    );
}

#[test]
fn a_success_with_an_error_is_a_success() {
    for error in [
        json!({"type": "PERMISSION", "code": "UNKNOWN"}),
        json!({}),
        json!("PERMISSION"),
    ] {
        let mut signal = odometer();
        signal["attributes"]["status"] = json!({"value": "SUCCESS", "error": error});
        is_good(&listed(signal));
    }
}

#[test]
fn a_status_that_is_missing() {
    for status in [
        json!(null),
        json!({}),
        json!({"value": null}),
        json!("SUCCESS"),
        json!({"value": " success ", "error": null}),
    ] {
        let mut signal = odometer();
        signal["attributes"]["status"] = status;
        is_good(&listed(signal));
    }
    let mut signal = odometer();
    signal["attributes"] = json!({"code": CODE, "status": {"value": "SUCCESS"}});
    let error = distance(&listed(signal)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unreadable response: /odometer-traveleddistance/body: the signal has no body"
    );
    let mut signal = odometer();
    signal["attributes"]["status"] = json!({"value": "ERROR", "error": {"type": "NEW",
        "code": "UNKNOWN", "resolution": {"type": "UNKNOWN_RESOLUTION_TYPE"}}});
    let error = distance(&listed(signal)).unwrap_err();
    assert_eq!(
        error.api_error().unwrap().resolution_type(),
        Some("UNKNOWN_RESOLUTION_TYPE")
    );
    assert!(!error.is_retryable());
}

#[test]
fn nulls_in_bodies() {
    let error = distance(&listed(good(CODE, &json!({"value": null, "unit": "km"})))).unwrap_err();
    assert!(matches!(error, ItemError::Malformed(_)), "{error}");
    let raw = listed(good(
        "closure-fronttrunk",
        &json!({"isOpen": null, "isLocked": null}),
    ));
    let raw = raw.answer(signal::closure::FrontTrunk::PATH).unwrap();
    let raw = raw.read::<signal::closure::FrontTrunk>().unwrap();
    assert_eq!((raw.is_open, raw.is_locked), (None, None));
}

#[test]
fn a_value_without_a_unit_is_in_the_documented_one() {
    let signals = listed(good(CODE, &json!({"value": "18250.6"})));
    let reading = distance(&signals).unwrap();
    assert!((reading.distance - 18250.6).abs() < 1e-9);
    assert_eq!(reading.meta.unit_system, None);
    let range = listed(good(
        "tractionbattery-range",
        &json!({"value": 302.5, "unit": "km"}),
    ));
    let range = range.answer(signal::traction_battery::Range::PATH).unwrap();
    assert_eq!(
        range
            .read::<signal::traction_battery::Range>()
            .unwrap()
            .type_,
        None
    );
    // A unit of another kind is not a distance.
    let error = distance(&listed(good(CODE, &json!({"value": 3, "unit": "volts"})))).unwrap_err();
    assert!(
        error.to_string().contains("unit cannot be converted"),
        "{error}"
    );
}

#[test]
fn texts_where_nobody_knows_the_value() {
    let signals = listed(good(CODE, &json!({"value": "invalid", "unit": "km"})));
    assert!(matches!(distance(&signals), Err(ItemError::Malformed(_))));
    let text = listed(good("charge-fastchargertype", &json!({"value": "invalid"})));
    let text = text.answer(signal::charge::FastChargerType::PATH).unwrap();
    let text = text.read::<signal::charge::FastChargerType>().unwrap();
    assert_eq!(text.value.as_deref(), Some("invalid"));
}

#[test]
fn vehicles_in_part() {
    let vehicle = v3::vehicle(
        r#"{"id": "v", "attributes": {"year": "2024", "powertrainType": null, "mode": "live"}}"#,
    );
    let attributes = vehicle.unwrap().attributes.unwrap();
    assert_eq!(
        (attributes.year, attributes.powertrain_type),
        (Some(2024), None)
    );
    let mut signals = Signals::new();
    let text =
        r#"{"data": [], "included": {"vehicle": {"id": "v", "attributes": {"mode": "live"}}}}"#;
    signals.read(text, None).unwrap();
    assert!(!signals.has_vehicle());
    assert!(matches!(signals.answer("/"), Err(ItemError::Malformed(_))));
    signals.set_vehicle(Ok(
        r#"{"data": {"attributes": {"make": "KIA", "model": "EV6", "year": 2024}}}"#,
    ));
    assert!(signals.has_vehicle() && signals.answer("/").is_ok());
}

#[test]
fn paging_by_both_names() {
    for (meta, links, next) in [
        (
            json!({"pageNumber": 2, "totalCount": 30}),
            json!({"next": "https://example.com/v3/x?page=3"}),
            true,
        ),
        (
            json!({"page": "2", "totalCount": "30"}),
            json!({"next": "/v3/x?page=3", "previous": "/"}),
            true,
        ),
        (
            json!({"page": 2, "total": 30}),
            json!({"next": null}),
            false,
        ),
        (json!({"page": 2, "total": 30}), Value::Null, false),
    ] {
        let text = json!({"data": [{"id": "c"}], "meta": meta, "links": links}).to_string();
        let (connections, page) = v3::connections(&text).unwrap();
        assert_eq!(connections[0].as_ref().unwrap().id.as_deref(), Some("c"));
        assert_eq!(
            (page.count, page.number, page.total, page.has_next),
            (1, Some(2), Some(30), next)
        );
    }
    assert!(v3::connections("{}").is_err());
}

#[test]
fn duplicates_and_the_other_name_of_the_list() {
    let second = good(CODE, &json!({"value": 1, "unit": "km"}));
    let mut signals = Signals::new();
    let text = json!({"signals": [odometer(), second, 7, {"id": 3}]}).to_string();
    let warnings = signals.read(&text, None).unwrap();
    is_good(&signals);
    let kinds: Vec<_> = warnings
        .iter()
        .map(|warning| (warning.path.as_str(), warning.kind))
        .collect();
    let path = format!("/signals/{CODE}");
    assert_eq!(
        kinds,
        [
            (path.as_str(), WarningKind::Duplicate),
            ("", WarningKind::Unrequested),
            ("", WarningKind::Unrequested)
        ]
    );
    is_good(&read(&json!([odometer()])));
}

#[test]
fn an_empty_list() {
    let mut signals = Signals::new();
    let text = r#"{"data": [], "meta": {"totalCount": 0}}"#;
    assert_eq!(signals.read(text, None), Ok(vec![]));
    assert_eq!(signals.page().unwrap().total, Some(0));
    let error = signals
        .answer(signal::odometer::TraveledDistance::PATH)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the store of this vehicle is empty"),
        "{error}"
    );
}

#[test]
fn errors_of_a_request() {
    let error =
        |body: Value| ApiError::read(404, &ResponseHeaders::default(), Some(&body.to_string()));
    let found = error(
        json!({"errors": [{"status": "404", "type": "RESOURCE_NOT_FOUND", "code": "SIGNAL_NOT_FOUND",
        "title": "Signal not found", "detail": "no such signal", "description": "deprecated: see detail",
        "resolution": {"type": "CONTACT_SUPPORT"}, "links": {"about": "https://example.com/x"},
        "meta": {"debug": {"requestId": "b0f7"}}}]}),
    );
    assert_eq!(found.error_type.as_deref(), Some("RESOURCE_NOT_FOUND"));
    assert_eq!(found.code.as_deref(), Some("SIGNAL_NOT_FOUND"));
    assert_eq!(found.description.as_deref(), Some("no such signal"));
    assert_eq!(found.request_id.as_deref(), Some("b0f7"));
    assert_eq!(found.doc_url.as_deref(), Some("https://example.com/x"));
    assert_eq!(
        (found.status, found.retry(), &found.detail),
        (404, Retry::No, &None)
    );
    let old = error(
        json!({"errors": [{"code": "signal_not_found", "title": "Not found"}, {"code": "x"}]}),
    );
    assert_eq!(
        (old.error_type, old.description.as_deref()),
        (None, Some("Not found"))
    );
    assert!(
        old.detail
            .is_some_and(|detail| detail.as_array().unwrap().len() == 2)
    );
    assert_eq!(
        error(json!({"error": "nope"})).error_type.as_deref(),
        Some("nope")
    );
    for odd in [
        json!({"errors": []}),
        json!({"errors": [3]}),
        json!({"errors": "x"}),
    ] {
        assert_eq!(error(odd).status, 404);
    }
    // A 404 for a single signal means that the store lacks it. Any other failure
    // is the signal's own.
    let mut signals = Signals::new();
    signals.fail(CODE, ItemError::Api(Box::new(found)));
    assert!(distance(&signals).unwrap_err().is_missing());
    signals.fail(
        "vehicleidentification-vin",
        ItemError::Api(Box::new(ApiError::from_status(500))),
    );
    assert_eq!(signals.answer("/vin").unwrap_err().status(), Some(500));
}

#[test]
fn a_fraction_is_a_percentage_all_the_same() {
    let signals = listed(good(
        "internalcombustionengine-fuellevel",
        &json!({"value": 0.5, "unit": "percent"}),
    ));
    let fuel = signals
        .answer("/fuel")
        .unwrap()
        .read::<smartcar_model::Fuel>()
        .unwrap();
    assert_eq!(
        fuel.percent_remaining,
        Some(0.005),
        "the documentation is trusted"
    );
}

#[test]
fn what_is_no_answer_with_signals() {
    for text in [
        "",
        "{",
        "null",
        "3",
        "<html>",
        "{}",
        r#"{"data": 3}"#,
        r#"{"data": null}"#,
        r#"{"errors": []}"#,
    ] {
        assert!(Signals::new().read(text, None).is_err(), "{text}");
    }
}

/// A number that does not fit a double only affects its own signal.
#[test]
fn an_unreadable_body_costs_no_other_signal() {
    let text = format!(
        r#"{{"data": [{{"id": "charge-voltage", "attributes": {{"body": {{"value": 1e400}}}}}}, {}]}}"#,
        odometer()
    );
    let mut signals = Signals::new();
    signals.read(&text, None).unwrap();
    is_good(&signals);
    let error = signals.answer("/tesla/charge/voltmeter").unwrap_err();
    assert!(matches!(error, ItemError::Malformed(_)), "{error}");
}

/// How one good signal is written.
#[derive(Debug, Clone)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each one is an independent choice"
)]
struct Spelling {
    times: u8,
    misplaced: bool,
    status: u8,
    upper: bool,
    text: bool,
    extra: bool,
}

fn spelling() -> impl Strategy<Value = Spelling> {
    (
        0..5_u8,
        any::<bool>(),
        0..4_u8,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(times, misplaced, status, upper, text, extra)| Spelling {
            times,
            misplaced,
            status,
            upper,
            text,
            extra,
        })
}

fn written(code: &str, body: &Value, how: &Spelling) -> Value {
    let mut signal = good(code, body);
    let (retrieved, updated) = (1_773_480_428_u64, 1_773_479_551_u64);
    signal["meta"] = match how.times {
        0 => signal["meta"].clone(),
        1 => json!({"retrievedAt": retrieved, "oemUpdatedAt": updated}),
        2 => json!({"retrievedAt": retrieved * 1000, "oemUpdatedAt": updated * 1000}),
        3 => {
            json!({"retrievedAt": retrieved.to_string(), "oemUpdatedAt": (updated * 1000).to_string()})
        }
        _ => {
            json!({"retrievedAt": "2026-03-14T09:27:08Z", "oemUpdatedAt": "2026-03-14T10:12:31+01:00"})
        }
    };
    if how.misplaced {
        signal["attributes"]["meta"] = signal["meta"].take();
    }
    match how.status {
        0 => {}
        1 => signal["attributes"]["status"] = Value::Null,
        2 => signal["attributes"]["status"] = json!("SUCCESS"),
        _ => {
            signal["attributes"]
                .as_object_mut()
                .unwrap()
                .remove("status");
        }
    }
    if how.upper {
        signal["attributes"].as_object_mut().unwrap().remove("code");
    }
    if how.text
        && let Some(number) = body["value"].as_f64()
    {
        signal["attributes"]["body"]["value"] = json!(number.to_string());
    }
    if how.extra {
        signal["attributes"]["body"]["unknown"] = json!([1, {"a": null}]);
        signal["unknown"] = json!("x");
    }
    signal
}

/// Any JSON of limited size.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let keys = prop_oneof![
            Just("id"),
            Just("code"),
            Just("attributes"),
            Just("status"),
            Just("body"),
            Just("meta"),
            Just("value"),
            Just("values"),
            Just("unit"),
            Just("error"),
            Just("isOpen"),
            Just("row"),
        ];
        let keys = keys.prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys, inner), 0..5).prop_map(|members| members
                .into_iter()
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

/// Good signals of every kind, with their expected values.
fn goods() -> Vec<(&'static str, Value)> {
    vec![
        (CODE, json!({"value": 18250.6, "unit": "km"})),
        (
            "vehicleidentification-vin",
            json!({"value": "KNAC381AZP5000042"}),
        ),
        (
            "tractionbattery-stateofcharge",
            json!({"value": 71, "unit": "percent"}),
        ),
        ("closure-islocked", json!({"value": true})),
        (
            "closure-doors",
            json!({"values": [{"row": 0, "column": 0, "isOpen": null}]}),
        ),
        (
            "diagnostics-mil",
            json!({"status": "OK", "description": null}),
        ),
    ]
}

/// The normal form of a signal, and its times.
fn outcome(
    signals: &Signals,
    code: &str,
) -> (String, Option<jiff::Timestamp>, Option<jiff::Timestamp>) {
    let info = v3::SignalInfo::of(code).unwrap();
    let reading = signals.answer(info.path).unwrap().read_raw().unwrap();
    let body = info.normalize(&reading.body).unwrap();
    (
        body.get().to_owned(),
        reading.meta.data_age,
        reading.meta.fetched_at,
    )
}

proptest! {
    #[test]
    fn any_spelling_gives_the_same_values(
        spellings in prop::collection::vec(spelling(), 6),
        around in 0..3_u8,
        odd in prop::collection::vec(anything(), 0..3),
    ) {
        let goods = goods();
        let plain: Vec<_> = goods.iter().map(|(code, body)| good(code, body)).collect();
        let plain = read(&json!({ "data": plain }));
        let mut list: Vec<_> = goods.iter().zip(&spellings).map(|((code, body), how)| written(code, body, how)).collect();
        list.extend(odd);
        let document = match around {
            0 => json!({ "data": list }),
            1 => json!({ "signals": list, "meta": {"page": 1} }),
            _ => json!(list),
        };
        let signals = read(&document);
        for (code, _) in &goods {
            prop_assert_eq!(outcome(&signals, code), outcome(&plain, code));
        }
    }

    #[test]
    fn whatever_a_signal_is_every_path_has_an_outcome(
        code in prop::sample::select(SIGNALS.iter().map(|info| info.code).collect::<Vec<_>>()),
        body in anything(), status in anything(), meta in anything(), vehicle in anything(),
    ) {
        let odd = json!({"id": code, "attributes": {"status": status, "body": body}, "meta": meta});
        let document = json!({"data": [odd, odometer()], "included": {"vehicle": vehicle}});
        let mut signals = Signals::new();
        signals.read(document.to_string(), None).unwrap();
        if code != CODE {
            is_good(&signals);
        }
        let paths = smartcar_model::ENDPOINTS.iter().map(|info| info.path);
        for path in paths.chain(SIGNALS.iter().map(|info| info.path)) {
            if let Err(error) = signals.answer_with_member_errors(path) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}", document in anything()) {
        let _ = Signals::new().read(&text, None);
        let mut signals = Signals::new();
        let _ = signals.read(document.to_string(), None);
        signals.set_vehicle(Ok(&document.to_string()));
        signals.set_connection(Ok(&document.to_string()));
        for info in smartcar_model::ENDPOINTS {
            let _ = signals.answer(info.path);
        }
    }
}
