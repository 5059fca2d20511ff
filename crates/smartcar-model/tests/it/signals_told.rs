//! Data from version 3 that could not be understood is reported as a malformed
//! signal, or as an error that names the member.
//!
//! Invariant: what is not reported as good never becomes a good reading, and no
//! received data becomes an empty list or a default.

#![allow(clippy::needless_pass_by_value, reason = "a case is written in place")]

use serde_json::value::RawValue;
use serde_json::{Value, json};
use smartcar_model::decode::WarningKind;
use smartcar_model::v3::{MemberError, Signals, signal};
use smartcar_model::{
    Endpoint, EndpointInfo, ItemError, Malformed, NotAvailableReason, Odometer, Reading, Security,
};

const CODE: &str = "odometer-traveleddistance";
const PATH: &str = "/signals/odometer-traveleddistance";
const BODY: &str = r#"{"value": 18250.6, "unit": "km"}"#;

fn read(text: &str) -> Signals {
    let mut signals = Signals::new();
    signals.read(text, None).unwrap();
    signals
}

/// A list with a good speed next to the text of another element.
fn beside(element: &str) -> Signals {
    let speed = r#"{"id": "motion-currentspeed", "attributes": {"body": {"value": 63.4}}}"#;
    let signals = read(&format!(r#"{{"data": [{element}, {speed}]}}"#));
    let speed = signals.answer("/tesla/speedometer").unwrap();
    let speed = speed.read::<smartcar_model::tesla::Speedometer>().unwrap();
    assert_eq!(speed.speed.to_bits(), 63.4_f64.to_bits(), "{element}");
    signals
}

fn with_status(status: &str) -> Signals {
    beside(&format!(
        r#"{{"id": "{CODE}", "attributes": {{"status": {status}, "body": {BODY}}}}}"#
    ))
}

fn distance(signals: &Signals) -> Result<Reading<Odometer>, ItemError> {
    signals.answer("/odometer")?.read()
}

fn malformed(signals: &Signals, path: &str) -> Malformed {
    match signals.answer(path) {
        Err(ItemError::Malformed(malformed)) => malformed,
        other => panic!("{path}: {other:?}"),
    }
}

fn reason(error: &ItemError) -> Option<NotAvailableReason> {
    match error {
        ItemError::NotAvailable(missing) => Some(missing.reason),
        _ => None,
    }
}

#[test]
fn any_other_word_than_success_is_not_a_reading() {
    for status in [
        r#"{"value": "UNKNOWN"}"#,
        r#"{"value": "FRESH"}"#,
        r#"{"value": "ERROR"}"#,
        r#"{"value": "ERROR", "error": null}"#,
        r#"{"value": "", "error": null}"#,
        r#""UNKNOWN""#,
        r#"{"value": "unknown", "x": 1e400}"#,
        r#"{"value": "ERROR", "\ud800": 1}"#,
    ] {
        let signals = with_status(status);
        for path in ["/odometer", PATH] {
            let error = signals.answer(path).unwrap_err();
            let expected = Some(NotAvailableReason::NotValid);
            assert_eq!(reason(&error), expected, "{status}: {error}");
            assert!(error.to_string().contains(CODE), "{error}");
            assert!(error.is_missing() && !error.is_retryable());
        }
    }
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let signals = with_status(&format!(r#"{{"value": "UNAVAILABLE", "x": {deep}}}"#));
    let error = signals.answer("/odometer").unwrap_err();
    assert_eq!(reason(&error), Some(NotAvailableReason::NotOffered));
    let signals = with_status(&format!(r#"{{"x": {deep}, "value": "SUCCESS"}}"#));
    assert!(distance(&signals).is_ok());
}

#[test]
fn an_unreadable_status_is_malformed() {
    for status in [
        "7",
        "1e400",
        "true",
        "[]",
        r#"["SUCCESS"]"#,
        r#""\ud800""#,
        r#"{"value": 1e400}"#,
        r#"{"value": ["ERROR"]}"#,
        r#"{"value": {"value": "ERROR"}}"#,
        r#"{"value": "\ud800"}"#,
        r#"{"state": "ERROR"}"#,
        r#"{"\ud800": "ERROR"}"#,
    ] {
        let signals = with_status(status);
        for path in ["/odometer", PATH] {
            let malformed = malformed(&signals, path);
            assert_eq!(malformed.pointer(), format!("/{CODE}/status"), "{status}");
        }
    }
}

#[test]
fn a_body_that_is_no_object_is_malformed() {
    for (body, why) in [
        ("7", "expected an object"),
        (r#""{}""#, "expected an object"),
        ("[18250.6]", "expected an object"),
        ("null", "the signal has no body"),
    ] {
        let element = format!(r#"{{"id": "{CODE}", "attributes": {{"body": {body}}}}}"#);
        let signals = beside(&element);
        for path in ["/odometer", PATH] {
            let malformed = malformed(&signals, path);
            assert_eq!(malformed.pointer(), format!("/{CODE}/body"), "{body}");
            assert_eq!(malformed.reason(), why, "{body}");
        }
    }
    let signals = beside(&format!(r#"{{"id": "{CODE}", "attributes": {{}}}}"#));
    assert_eq!(malformed(&signals, PATH).reason(), "the signal has no body");
}

#[test]
fn a_status_that_says_success_beside_an_error_is_success() {
    let signals = with_status(r#"{"value": "SUCCESS", "error": {"type": "UPSTREAM"}}"#);
    assert!(distance(&signals).is_ok());
    let signals = with_status(r#"{"value": "NEW", "error": {"type": "PERMISSION"}}"#);
    assert_eq!(distance(&signals).unwrap_err().status(), Some(403));
}

#[test]
fn an_error_keeps_what_can_be_read_of_it() {
    for error in [
        r#"{"type": "PERMISSION", "x": 1e400}"#,
        r#"{"\udc00": 1, "type": "PERMISSION"}"#,
        r#"{"type": "PERMISSION", "code": "A", "code": "B"}"#,
    ] {
        let signals = with_status(&format!(r#"{{"value": "ERROR", "error": {error}}}"#));
        let error = distance(&signals).unwrap_err();
        assert_eq!(error.status(), Some(403), "{error}");
        assert_eq!(error.api_error().unwrap().code, None);
    }
    let signals = with_status(r#"{"value": "ERROR", "error": "asleep"}"#);
    let error = distance(&signals).unwrap_err();
    let description = error.api_error().unwrap().description.clone();
    assert_eq!(description.as_deref(), Some("asleep"));
}

#[test]
fn a_duplicate_in_the_envelope_makes_the_signal_malformed() {
    let good = r#""status": {"value": "SUCCESS"}"#;
    let bad = r#""status": {"value": "ERROR"}"#;
    #[rustfmt::skip]
    let cases = [
        ("status", format!(r#""attributes": {{{bad}, "body": {BODY}, {good}}}"#)),
        ("status", format!(r#""attributes": {{{good}, "body": {BODY}, "status": null}}"#)),
        ("status/value", format!(r#""attributes": {{"status": {{"value": "ERROR", "value": "SUCCESS"}}, "body": {BODY}}}"#)),
        ("status/error", format!(r#""attributes": {{"status": {{"error": {{}}, "error": null}}, "body": {BODY}}}"#)),
        ("body", format!(r#""attributes": {{"body": {{"value": 1}}, "body": {BODY}}}"#)),
        ("attributes", format!(r#""attributes": {{{bad}}}, "attributes": {{"body": {BODY}}}"#)),
        ("meta", format!(r#""attributes": {{"body": {BODY}}}, "meta": {{}}, "meta": {{}}"#)),
        ("meta/oemUpdatedAt", format!(r#""attributes": {{"body": {BODY}}}, "meta": {{"oemUpdatedAt": 1, "oemUpdatedAt": 2}}"#)),
        ("code", format!(r#""attributes": {{"code": "{CODE}", "body": {BODY}, "code": "{CODE}"}}"#)),
        ("body", format!(r#""body": {{"value": 1}}, "body": {BODY}"#)),
    ];
    for (member, members) in cases {
        let element = format!(r#"{{"id": "{CODE}", {members}}}"#);
        for signals in [
            beside(&element),
            // Where the single pass fails.
            read(&format!("[{element}, 1e400]")),
            read(&format!(r#"{{"data": {element}}}"#)),
        ] {
            for path in ["/odometer", PATH] {
                let malformed = malformed(&signals, path);
                assert_eq!(
                    malformed.pointer(),
                    format!("/{CODE}/{member}"),
                    "{element}"
                );
                assert_eq!(malformed.reason(), "a duplicate member");
            }
        }
    }
}

#[test]
fn a_signal_that_names_itself_twice_is_nobodys() {
    let element = format!(r#"{{"id": "{CODE}", "id": "x", "attributes": {{"body": {BODY}}}}}"#);
    let mut signals = Signals::new();
    let warnings = signals.read(format!("[{element}]"), None).unwrap();
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].kind, WarningKind::Unrequested);
    assert!(distance(&signals).unwrap_err().is_missing());
}

#[test]
fn signals_twice_are_no_answer() {
    let list = format!(r#"[{{"id": "{CODE}", "attributes": {{"body": {BODY}}}}}]"#);
    for text in [
        format!(r#"{{"data": [], "data": {list}}}"#),
        format!(r#"{{"data": {list}, "meta": {{}}, "data": null}}"#),
        format!(r#"{{"signals": [], "signals": {list}}}"#),
        format!(r#"{{"data": {list}, "signals": []}}"#),
    ] {
        assert!(Signals::new().read(text.as_str(), None).is_err(), "{text}");
    }
    let text = format!(r#"{{"data": null, "signals": {list}}}"#);
    assert!(distance(&read(&text)).is_ok());
}

#[test]
fn a_duplicate_in_the_body_fails_what_is_typed_only() {
    for body in [
        r#"{"value": 123.4, "unit": "km", "unit": "mi"}"#,
        r#"{"value": 1, "value": 2, "unit": "km"}"#,
    ] {
        let element = format!(r#"{{"id": "{CODE}", "attributes": {{"body": {body}}}}}"#);
        let signals = beside(&element);
        malformed(&signals, "/odometer");
        let answer = signals.answer(PATH).unwrap();
        let typed = answer.read::<signal::odometer::TraveledDistance>();
        assert!(matches!(typed, Err(ItemError::Malformed(_))), "{typed:?}");
        assert_eq!(answer.read_raw().unwrap().body.get(), body);
    }
}

#[test]
fn a_name_that_cannot_be_read_costs_its_member() {
    let element = format!(
        r#"{{"\ud800": 1, "id": "{CODE}", "attributes": {{"\udc00": [], "status": {{"\ud800": 1, "value": "SUCCESS"}}, "body": {BODY}}},
            "meta": {{"\ud800": 1, "retrievedAt": 1773480428}}}}"#
    );
    let whole = format!(
        r#"{{"\ud800": 1, "data": [{element}], "included": {{"\ud800": 2, "vehicle": {{"id": "v"}}}}, "meta": {{"\ud800": 2, "totalCount": 1}}}}"#
    );
    let signals = read(&whole);
    let reading = distance(&signals).unwrap();
    assert_eq!(reading.distance.to_bits(), 18250.6_f64.to_bits());
    assert!(reading.meta.fetched_at.is_some());
    assert_eq!(signals.page().unwrap().total, Some(1));
    // If the escapes are valid, it is the same name.
    let spelled = whole.replace(r#""data""#, r#""d\u0061ta""#);
    assert!(distance(&read(&spelled)).is_ok());
}

#[test]
fn the_raw_body_is_what_was_sent() {
    let body = r#"{"value": 123456789012345678901234567890, "b": 1.10,  "a": 2, "e": 1e2, "\u00e9": "\u00e9", "b": -0.0}"#;
    let element = format!(r#"{{"id": "{CODE}", "attributes": {{"body": {body}}}}}"#);
    let signals = beside(&element);
    let raw = signals.answer(PATH).unwrap().read_raw().unwrap();
    assert_eq!(raw.body.get(), body);
}

/// A car with these doors and windows, and what was reported about it.
fn security(doors: Value, windows: Value) -> (Security, Vec<MemberError>) {
    let good = |code: &str, body: Value| json!({"id": code, "attributes": {"status": {"value": "SUCCESS"}, "body": body}});
    let data = json!({"data": [
        good("closure-islocked", json!({"value": true})),
        good("closure-doors", doors),
        good("closure-windows", windows),
    ]});
    let signals = read(&data.to_string());
    let (answer, told) = signals.answer_with_member_errors("/security").unwrap();
    (answer.read::<Security>().unwrap().into_body(), told)
}

fn two_rows(open: Value) -> Value {
    json!([
        {"row": 0, "column": 0, "isOpen": open}, {"row": 0, "column": 1, "isOpen": false},
        {"row": 1, "column": 0, "isOpen": false}, {"row": 1, "column": 1, "isOpen": false},
    ])
}

fn members(told: &[MemberError]) -> Vec<&str> {
    told.iter().map(|error| error.member.as_str()).collect()
}

#[test]
fn doors_and_windows_under_their_own_names() {
    let rows = two_rows(json!(true));
    for (doors, windows) in [
        (json!({"values": rows}), json!({"values": rows})),
        (
            json!({"doors": rows, "rowCount": 2}),
            json!({"windows": rows, "columnCount": 2}),
        ),
        (
            json!({"values": null, "doors": rows}),
            json!({"values": null, "windows": rows}),
        ),
        (
            json!({"values": {"rowCount": 2, "columnCount": 2, "doors": rows}}),
            json!({"values": {"windows": rows}}),
        ),
    ] {
        let (read, told) = security(doors.clone(), windows);
        assert_eq!(told, [], "{doors}");
        let doors: Vec<_> = read.doors.iter().map(|it| it.status.as_str()).collect();
        assert_eq!(doors, ["OPEN", "CLOSED", "CLOSED", "CLOSED"]);
        assert_eq!(read.windows.len(), 4);
    }
    let body = json!({"doors": two_rows(json!(true)), "rowCount": 2});
    let text = json!([{"id": "closure-doors", "attributes": {"body": body}}]);
    let signals = read(&text.to_string());
    let doors = signals.answer("/signals/closure-doors").unwrap();
    let doors = doors.read::<signal::closure::Doors>().unwrap();
    assert_eq!(doors.values.as_ref().unwrap()[0].is_open, Some(true));
}

#[test]
fn a_list_that_is_not_understood_is_told() {
    let good = json!({ "values": two_rows(json!(false)) });
    for (doors, at) in [
        (json!({}), "/values"),
        (json!({"values": null}), "/values"),
        (json!({"values": 7}), "/values"),
        (json!({"values": {"rowCount": 2}}), "/values"),
        (json!({"values": {"windows": []}}), "/values"),
        (json!({"values": {"doors": null}}), "/values/doors"),
        (json!({"windows": two_rows(json!(true))}), "/values"),
        (json!({"values": [], "doors": []}), "/doors"),
        (json!({"doors": "CLOSED"}), "/doors"),
    ] {
        let (read, told) = security(doors.clone(), good.clone());
        assert!(read.doors.is_empty() && read.windows.len() == 4);
        let places = [0, 1, 2, 3].map(|index| format!("/doors/{index}/status"));
        assert_eq!(members(&told), places, "{doors}");
        for error in told {
            let ItemError::Malformed(malformed) = &error.error else {
                panic!("{doors}: {error:?}");
            };
            assert_eq!(malformed.pointer(), format!("/closure-doors/body{at}"));
        }
    }
    let (read, told) = security(json!({"values": []}), good);
    assert!(
        read.doors.is_empty() && told.is_empty(),
        "a car without doors"
    );
}

#[test]
fn an_element_without_a_place_is_told() {
    let mut rows = two_rows(json!(false));
    let good = json!({"values": rows});
    let list = rows.as_array_mut().unwrap();
    list.insert(0, json!({"row": 2, "column": 0, "isOpen": true}));
    list.extend([
        json!({"row": 2, "column": 1, "isOpen": false}),
        json!({"row": 0, "column": 0, "isOpen": true}),
        json!(7),
        json!({"isOpen": true}),
        json!(null),
        json!({"row": null, "isOpen": null}),
    ]);
    let (read, told) = security(good, json!({"values": rows}));
    assert_eq!(read.windows.len(), 4);
    let told: Vec<_> = told
        .iter()
        .map(|error| match &error.error {
            ItemError::Malformed(malformed) => (error.member.as_str(), malformed.pointer()),
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            ("/windows/4", "/closure-windows/body/values/0"),
            ("/windows/5", "/closure-windows/body/values/5"),
            ("/windows/6", "/closure-windows/body/values/6"),
            ("/windows/7", "/closure-windows/body/values/7"),
            ("/windows/8", "/closure-windows/body/values/8"),
        ]
    );
}

#[test]
fn a_tire_without_a_place_is_told_after_the_four() {
    let tire = |row: u8, column: u8| json!({"row": row, "column": column, "tirePressure": 231});
    let tires = |values: &[Value]| {
        let body = json!({"values": values, "unit": "kPa"});
        let signals =
            read(&json!([{"id": "wheel-tires", "attributes": {"body": body}}]).to_string());
        let (_, told) = signals
            .answer_with_member_errors("/tires/pressure")
            .unwrap();
        told
    };
    let four = [tire(0, 0), tire(0, 1), tire(1, 0), tire(1, 1)];
    assert_eq!(tires(&four), []);
    let six = [&four[..2], &[tire(2, 0)], &four[2..], &[tire(2, 1)]].concat();
    assert_eq!(members(&tires(&six)), ["/4", "/5"]);
}

#[test]
fn an_additional_value_that_no_member_takes_is_not_told() {
    let range = json!({"value": 289, "unit": "km", "additionalValues": [
        {"type": "ESTIMATED", "value": 254.3}, {"type": "OWN", "value": 1}]});
    let data = json!([
        {"id": "tractionbattery-range", "attributes": {"body": range}},
        {"id": "tractionbattery-stateofcharge", "attributes": {"body": {"value": 64}}},
    ]);
    let signals = read(&data.to_string());
    let (_, told) = signals.answer_with_member_errors("/tesla/battery").unwrap();
    assert_eq!(told, []);
}

#[test]
fn null_is_no_value_and_not_a_word_that_is_unknown() {
    let charging = |value: Value| {
        let data = json!([
            {"id": "charge-ischargingcableconnected", "attributes": {"body": {"value": true}}},
            {"id": "charge-ischarging", "attributes": {"body": {"value": value}}},
        ]);
        read(&data.to_string()).answer("/charge").map(|_| ())
    };
    assert_eq!(charging(json!(true)), Ok(()));
    let null = charging(Value::Null).unwrap_err();
    assert_eq!(reason(&null), Some(NotAvailableReason::NotStored), "{null}");
    let word = charging(json!("SOON")).unwrap_err();
    assert!(matches!(word, ItemError::Unsupported(_)), "{word}");
}

#[test]
fn a_member_is_named_by_its_pointer() {
    let failed = |code: &str| {
        json!({"id": code, "attributes": {"status": {"value": "ERROR",
        "error": {"type": "PERMISSION"}}}})
    };
    let data = json!([
        {"id": "closure-islocked", "attributes": {"body": {"value": true}}},
        failed("closure-windows"), failed("closure-reartrunk"), failed("closure-sunroof"),
    ]);
    let signals = read(&data.to_string());
    let (_, told) = signals.answer_with_member_errors("/security").unwrap();
    assert_eq!(
        members(&told),
        [
            "/windows/0/status",
            "/windows/1/status",
            "/windows/2/status",
            "/windows/3/status",
            "/sunroof/0/status",
            "/storage/1/status",
        ]
    );
    let records = json!([{"id": "service-records", "attributes": {"body": {"values": [
        {"id": 1, "cost": {"amount": 1, "currency": "EUR"}, "odometer": 5},
        {"id": 2, "tasks": 7, "odometer": "far"},
    ]}}}]);
    let signals = read(&records.to_string());
    let (_, told) = signals
        .answer_with_member_errors("/service/history")
        .unwrap();
    assert_eq!(members(&told), ["/1/odometerDistance", "/1/serviceTasks"]);
    let pointers: Vec<_> = told.iter().map(|error| error.error.to_string()).collect();
    assert!(
        pointers[0].contains("/service-records/body/values/1/odometer"),
        "{pointers:?}"
    );
}

#[test]
fn an_element_that_says_something_unknown_is_told() {
    let records = json!([{"id": "service-records", "attributes": {"body": {"values": [
        7, {"id": 1}, null, {"id": null}, {"serviceId": 3},
    ]}}}]);
    let signals = read(&records.to_string());
    let (answer, told) = signals
        .answer_with_member_errors("/service/history")
        .unwrap();
    let raw = answer.read_raw().unwrap();
    let info = EndpointInfo::of("/service/history").unwrap();
    let list: Vec<Box<RawValue>> =
        serde_json::from_str(info.normalize(&raw.body).unwrap().get()).unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!(members(&told), ["/1", "/2"]);
    let places = told.iter().map(|told| match &told.error {
        ItemError::Malformed(malformed) => malformed.pointer(),
        other => panic!("{other}"),
    });
    let element = |index| format!("/service-records/body/values/{index}");
    assert_eq!(places.collect::<Vec<_>>(), [element(0), element(4)]);
}

#[test]
fn a_value_under_another_name_is_told() {
    let store =
        |body: Value| {
            read(&json!([
            {"id": "internalcombustionengine-fuellevel", "attributes": {"body": {"value": 50}}},
            {"id": "internalcombustionengine-range", "attributes": {"body": body}},
        ]).to_string())
        };
    let signals = store(json!({"distance": 400, "unit": "km"}));
    let (_, told) = signals.answer_with_member_errors("/fuel").unwrap();
    assert_eq!(members(&told), ["/range"]);
    for nothing in [json!({}), json!({"value": null}), json!({"unit": "km"})] {
        let signals = store(nothing);
        let (_, told) = signals.answer_with_member_errors("/fuel").unwrap();
        assert_eq!(told, []);
    }
    let systems = json!([
        {"id": "diagnostics-abs", "attributes": {"body": {"state": "ALERT"}}},
        {"id": "diagnostics-mil", "attributes": {"body": {"status": "OK"}}},
    ]);
    let signals = read(&systems.to_string());
    let path = "/diagnostics/system_status";
    let (_, told) = signals.answer_with_member_errors(path).unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].member.ends_with("/status"), "{told:?}");
}

#[test]
fn a_signal_that_is_not_valid_is_told() {
    let signals = read(&json!([
        {"id": "internalcombustionengine-fuellevel", "attributes": {"body": {"value": 50}}},
        {"id": "internalcombustionengine-range", "attributes": {"status": {"value": "UNKNOWN"}, "body": {"value": 3}}},
    ]).to_string());
    let (_, told) = signals.answer_with_member_errors("/fuel").unwrap();
    assert_eq!(members(&told), ["/range"]);
    assert_eq!(reason(&told[0].error), Some(NotAvailableReason::NotValid));
}

/// The car's lid, whatever its powertrain, and what was reported about it.
fn front(powertrain: Value, signals: &[Value]) -> (Option<String>, Vec<MemberError>) {
    let locked = json!({"id": "closure-islocked", "attributes": {"body": {"value": false}}});
    let data: Vec<_> = signals.iter().chain([&locked]).collect();
    let vehicle = json!({"attributes": {"powertrainType": powertrain}});
    let text = json!({"data": data, "included": {"vehicle": vehicle}}).to_string();
    let signals = read(&text);
    let (answer, told) = signals.answer_with_member_errors("/security").unwrap();
    let read = answer.read::<Security>().unwrap();
    let front = read.storage.iter().find(|it| it.type_.as_str() == "front");
    (front.map(|front| front.status.to_string()), told)
}

#[test]
fn the_other_lid_is_the_front_where_it_is_the_only_one() {
    let lid = |code: &str| json!({"id": code, "attributes": {"body": {"isOpen": true}}});
    let failed = |kind: &str| {
        json!({"id": "closure-fronttrunk", "attributes": {"status":
        {"value": "ERROR", "error": {"type": kind, "code": "VEHICLE_NOT_CAPABLE"}}}})
    };
    let open = Some("OPEN".to_owned());
    for (powertrain, code) in [
        ("BEV", "closure-enginecover"),
        ("ICE", "closure-fronttrunk"),
        ("PHEV", "closure-fronttrunk"),
    ] {
        let (front, told) = front(json!(powertrain), &[lid(code)]);
        assert_eq!((front, told), (open.clone(), vec![]), "{powertrain}");
    }
    let signals = [failed("COMPATIBILITY"), lid("closure-enginecover")];
    assert_eq!(front(json!("BEV"), &signals), (open.clone(), vec![]));
    // The failure of the front trunk is not lost.
    let signals = [failed("UPSTREAM"), lid("closure-enginecover")];
    let (status, told) = front(json!("BEV"), &signals);
    assert_eq!((status, members(&told)), (open, vec!["/storage/0/status"]));
}

#[test]
fn a_resource_with_a_duplicate_is_malformed() {
    for included in [
        r#"{"vehicle": {"id": "v"}, "vehicle": {"id": "w"}}"#,
        r#"{"vehicle": {"id": "v", "id": "w"}}"#,
        r#"{"vehicle": {"attributes": {"make": "A", "make": "B"}}}"#,
        r#"{}, "included": {}"#,
    ] {
        let signals = read(&format!(r#"{{"data": [], "included": {included}}}"#));
        assert!(!signals.has_vehicle());
        assert_eq!(malformed(&signals, "/").reason(), "a duplicate member");
    }
    let mut signals = Signals::new();
    signals.set_vehicle(Ok(r#"{"data": {"id": "v"}, "data": {"id": "w"}}"#));
    malformed(&signals, "/");
    signals.set_connection(Ok(
        r#"{"attributes": {"permissions": [], "permissions": ["x"]}}"#,
    ));
    malformed(&signals, "/permissions");
    // The unreadable one may be the one that was requested.
    let page =
        r#"{"data": [{"id": 1, "id": 2}, {"relationships": {"vehicle": {"data": {"id": "w"}}}}]}"#;
    signals.set_connection_of(page, "v", None);
    malformed(&signals, "/permissions");
}

/// A list of one element may come without its brackets, but an object of which
/// nothing is known is not an element.
#[test]
fn an_object_without_a_known_member_is_not_a_list_of_one() {
    let windows = |values: &str| {
        let signals = read(&format!(
            r#"{{"data": [{{"id": "closure-windows", "attributes": {{"body": {{"values": {values}}}}}}}]}}"#
        ));
        let result = signals
            .answer(signal::closure::Windows::PATH)
            .unwrap()
            .read::<signal::closure::Windows>();
        result.map(|reading| reading.body.values.map(|list| list.len()))
    };
    assert_eq!(windows(r#"{"row": 0, "column": 0}"#).unwrap(), Some(1));
    assert_eq!(windows(r#"{"row": 0, "new": 1}"#).unwrap(), Some(1));
    for unknown in ["{}", r#"{"new": 1}"#, r#"{"front": {"row": 0}}"#] {
        let Err(ItemError::Malformed(malformed)) = windows(unknown) else {
            panic!("{unknown} was read");
        };
        assert_eq!(malformed.pointer(), "/body/values", "{unknown}");
        assert_eq!(malformed.reason(), "expected a list, found an object");
    }
}
