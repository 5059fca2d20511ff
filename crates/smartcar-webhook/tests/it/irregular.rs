//! Every irregular form of a delivery that was seen.

use smartcar_webhook::signal::odometer::TraveledDistance;
use smartcar_webhook::{
    Delivery, DeliveryMode, ItemError, NotAvailableReason, Odometer, Security, State, TriggerType,
    VehicleErrorState, WarningKind,
};

use crate::support::{receive, state, with_signals};

const ODOMETER: &str = "/signals/odometer-traveleddistance";

/// One signal with the odometer's code, and these members beside it.
fn odometer(members: &str) -> State {
    let code = r#""code":"odometer-traveleddistance""#;
    state(&with_signals(&format!("[{{{code}{members}}}]")))
}

/// The outcome of the odometer itself.
fn outcome(state: &State) -> Result<f64, ItemError> {
    let (signal,) = state.batch::<(TraveledDistance,)>().unwrap().data;
    signal.map(|signal| signal.value.unwrap())
}

fn unread(state: &State) -> Vec<&str> {
    state
        .unread()
        .iter()
        .map(|error| error.member.as_str())
        .collect()
}

const BODY: &str = r#","body":{"value":7.5,"unit":"km"}"#;

#[test]
fn triggers_in_every_place_and_form() {
    let one = r#"{"code":"a-b","name":"B","group":"A"}"#;
    for triggers in [
        format!(r#"[{{"type":"SIGNAL_UPDATED","signal":{one}}}]"#),
        format!("[{one}]"),
        format!(r#"{{"type":"signal_updated","signal":{one}}}"#),
    ] {
        let outer = with_signals("[]").replacen('{', &format!(r#"{{"triggers":{triggers},"#), 1);
        let inner = with_signals("[]").replacen(
            r#""signals""#,
            &format!(r#""triggers":{triggers},"signals""#),
            1,
        );
        for body in [outer, inner] {
            let state = state(&body);
            let [trigger] = state.triggers() else {
                panic!("{body}");
            };
            assert_eq!(trigger.kind, TriggerType::SignalUpdated);
            assert_eq!(trigger.code.as_deref(), Some("a-b"));
            assert_eq!(trigger.name.as_deref(), Some("B"));
            assert_eq!(trigger.group.as_deref(), Some("A"));
            assert_eq!(state.raw_triggers().unwrap().get(), triggers);
        }
    }
    let triggers = r#"[{"type":"SIGNAL_UPDATED","signal":"A-B"},{"type":"FIRST_DELIVERY"},"FIRST_DELIVERY","a-b",{"type":"NEW"},null]"#;
    let body = with_signals("[]").replacen('{', &format!(r#"{{"triggers":{triggers},"#), 1);
    let state = state(&body);
    let read = state.triggers().iter();
    let read: Vec<_> = read
        .map(|trigger| (trigger.kind.as_str(), trigger.code.as_deref()))
        .collect();
    assert_eq!(
        read,
        [
            ("SIGNAL_UPDATED", Some("a-b")),
            ("FIRST_DELIVERY", None),
            ("FIRST_DELIVERY", None),
            ("SIGNAL_UPDATED", Some("a-b")),
            ("NEW", None),
        ]
    );
}

#[test]
fn times_in_every_form() {
    let recorded = "2026-03-14T09:12:31Z".parse().ok();
    let fetched = "2026-03-14T09:27:08Z".parse().ok();
    for (meta, expected) in [
        (
            r#"{"oemUpdatedAt":1773479551000,"retrievedAt":1773480428000}"#,
            (recorded, fetched),
        ),
        (
            r#"{"oemUpdatedAt":"2026-03-14T09:12:31.000Z","fetchedAt":"2026-03-14T09:27:08.000Z"}"#,
            (recorded, fetched),
        ),
        (
            r#"{"oemUpdatedAt":0,"fetchedAt":1773480428000}"#,
            (None, fetched),
        ),
        (
            r#"{"retrievedAt":1773480428000,"fetchedAt":1}"#,
            (None, fetched),
        ),
        (r#"{"oemUpdatedAt":0,"retrievedAt":0}"#, (None, None)),
        ("{}", (None, None)),
        ("null", (None, None)),
    ] {
        let state = odometer(&format!(r#"{BODY},"meta":{meta}"#));
        let (odometer,) = state.batch::<(Odometer,)>().unwrap().data;
        let meta = odometer.unwrap().meta;
        assert_eq!((meta.data_age, meta.fetched_at), expected, "{meta:?}");
        assert!(state.unread().is_empty());
    }
    for (sent, expected) in [
        ("1773480428000", fetched),
        (r#""2026-03-14T09:27:08.000Z""#, fetched),
        (r#""soon""#, None),
        ("null", None),
    ] {
        let body = with_signals("[]").replacen("1773480430120", sent, 1);
        assert_eq!(state(&body).delivered_at(), expected, "{sent}");
    }
}

#[test]
fn only_a_success_is_a_good_reading() {
    for status in [
        "",
        r#","status":null"#,
        r#","status":"SUCCESS""#,
        r#","status":{"value":"SUCCESS"}"#,
        r#","status":{"value":"success"}"#,
        r#","status":{}"#,
    ] {
        let state = odometer(&format!("{status}{BODY}"));
        assert_eq!(outcome(&state).unwrap().to_string(), "7.5", "{status}");
    }
    for (status, reason) in [
        (r#""ERROR""#, NotAvailableReason::NotValid),
        (r#"{"value":"ERROR"}"#, NotAvailableReason::NotValid),
        (r#"{"value":"UNKNOWN"}"#, NotAvailableReason::NotValid),
        (r#"{"value":"PENDING"}"#, NotAvailableReason::NotValid),
        (r#"{"value":"UNAVAILABLE"}"#, NotAvailableReason::NotOffered),
    ] {
        for body in [BODY, ""] {
            let state = odometer(&format!(r#","status":{status}{body}"#));
            match outcome(&state).unwrap_err() {
                ItemError::NotAvailable(error) => assert_eq!(error.reason, reason, "{status}"),
                other => panic!("{status}: {other:?}"),
            }
        }
    }
    let state =
        odometer(r#","status":{"value":"ERROR","error":{"type":"VEHICLE_STATE","code":"ASLEEP"}}"#);
    assert_eq!(outcome(&state).unwrap_err().status(), Some(409));
}

#[test]
fn a_stale_value_of_a_failed_signal_is_had_by_asking() {
    let state = odometer(&format!(
        r#","status":{{"value":"ERROR"}}{BODY},"meta":{{"oemUpdatedAt":1773479551000}}"#
    ));
    assert!(outcome(&state).is_err());
    let state = state.last_known(true);
    let (signal,) = state.batch::<(TraveledDistance,)>().unwrap().data;
    let signal = signal.unwrap();
    assert!(signal.meta.last_known);
    assert_eq!(signal.value, Some(7.5));
}

#[test]
fn a_map_of_signals_is_read_by_its_keys() {
    let state = state(&with_signals(
        r#"{"Odometer.TraveledDistance":{"status":"SUCCESS","body":{"value":7.5,"unit":"km"}},
            "TractionBattery.StateOfCharge":{"code":"tractionbattery-stateofcharge","body":{"value":71}},
            "Other.Name":{"code":"closure-islocked","body":{"value":true}},
            "Odd":7}"#,
    ));
    assert_eq!(outcome(&state).unwrap().to_string(), "7.5");
    let paths: Vec<_> = state.paths().collect();
    let (locked, charge) = (
        "/signals/closure-islocked",
        "/signals/tractionbattery-stateofcharge",
    );
    assert_eq!(paths, [locked, ODOMETER, charge]);
    assert_eq!(unread(&state), ["/data/signals/Odd"]);
}

#[test]
fn doors_in_every_form() {
    let list = r#"[{"row":0,"column":0,"isOpen":true},{"row":0,"column":1,"isOpen":false}]"#;
    for body in [
        format!(r#"{{"values":{list}}}"#),
        format!(r#"{{"values":{{"rowCount":2,"columnCount":2,"doors":{list}}}}}"#),
        format!(r#"{{"doors":{list}}}"#),
    ] {
        let state = state(&with_signals(&format!(
            r#"[{{"code":"closure-doors","body":{body}}},{{"code":"closure-islocked","body":{{"value":true}}}}]"#
        )));
        let response = state.batch::<(Security,)>().unwrap();
        let security = response.data.0.unwrap();
        assert!(security.is_locked);
        let doors = &security.doors;
        assert_eq!(doors.len(), 2, "{body}: {doors:?}");
        assert_eq!(doors[0].status.as_str(), "OPEN", "{body}");
    }
}

#[test]
fn a_signal_that_is_not_understood_is_told_with_its_place() {
    let state = state(&with_signals(
        r#"[7, {"code":"odometer-traveleddistance","body":{"value":7.5,"unit":"km"}},
            {"name":"X","body":{}}, null, {"code":"","body":{}}, {"code":5},
            {"code":"odometer-traveleddistance","body":{"value":8}},
            {"code":"closure-islocked","body":{"value":"perhaps"}},
            {"code":"new-signal","body":{"value":1}}]"#,
    ));
    assert_eq!(
        unread(&state),
        [
            "/data/signals/0",
            "/data/signals/2",
            "/data/signals/3",
            "/data/signals/4",
            "/data/signals/5"
        ]
    );
    let response = state.results();
    assert!(
        response
            .member_errors()
            .iter()
            .all(|error| error.path.is_empty())
    );
    assert_eq!(response.member_errors().len(), 5);
    assert_eq!(response.warnings.len(), 1);
    assert_eq!(response.warnings[0].path, ODOMETER);
    assert_eq!(response.warnings[0].kind, WarningKind::Duplicate);
    assert_eq!(outcome(&state).unwrap().to_string(), "7.5");
    let locked = response.data.raw("/signals/closure-islocked").unwrap();
    assert!(matches!(locked, Err(ItemError::Malformed(_))));
    let unknown = response.data.raw("/signals/new-signal").unwrap().unwrap();
    assert_eq!(unknown.body.get(), r#"{"value":1}"#);
}

#[test]
fn signals_that_are_no_list_are_told() {
    for (signals, count) in [("7", 1), ("null", 1), ("\"x\"", 1), ("[]", 0)] {
        let state = state(&with_signals(signals));
        assert_eq!(unread(&state).len(), count, "{signals}");
        assert_eq!(state.paths().count(), 0);
        let error = outcome(&state).unwrap_err();
        assert!(error.is_missing(), "{error}");
    }
    for data in ["", r#","data":7"#, r#","data":[]"#, r#","data":null"#] {
        let state = state(&format!(r#"{{"eventType":"VEHICLE_STATE"{data}}}"#));
        assert!(!state.unread().is_empty(), "{data}");
        assert_eq!(state.vehicle(), None);
    }
}

#[test]
fn data_that_are_no_object_are_told_and_null_is_nothing() {
    for (data, told) in [
        ("7", vec!["/data", "/data/signals"]),
        ("[]", vec!["/data", "/data/signals"]),
        ("null", vec!["/data/signals"]),
    ] {
        let state = state(&format!(r#"{{"eventType":"VEHICLE_STATE","data":{data}}}"#));
        assert_eq!(unread(&state), told, "{data}");
    }
    // Of two objects the first is used, and the other is told.
    let body = with_signals("[]");
    let twice = body.replacen(
        '{',
        r#"{"payload":{"signals":[],"vehicle":{"id":"v0"}},"#,
        1,
    );
    let state = state(&twice);
    assert_eq!(state.vehicle().unwrap().as_str(), "v0");
    assert_eq!(unread(&state), ["/payload"]);
}

#[test]
fn an_event_id_is_a_text_with_letters() {
    for (id, expected, told) in [
        (r#"" e1 ""#, Some("e1"), vec![]),
        (r#"" ""#, None, vec![]),
        ("null", None, vec![]),
        ("7", None, vec!["/eventId"]),
    ] {
        let body = with_signals("[]").replacen(r#""e1""#, id, 1);
        let state = state(&body);
        assert_eq!(state.event_id(), expected, "{id}");
        assert_eq!(unread(&state), told, "{id}");
    }
}

#[test]
fn ids_modes_and_versions_in_every_place() {
    let plain = with_signals("[]");
    let outer = plain.replacen(r#""id":"v1","#, "", 1);
    let outer = outer.replacen('{', r#"{"vehicleId":"v1","#, 1);
    for body in [&plain, &outer] {
        assert_eq!(state(body).vehicle().unwrap().as_str(), "v1");
    }
    for (meta, vehicle, mode) in [
        (
            r#""mode":"LIVE""#,
            r#""mode":"live""#,
            Some(DeliveryMode::Live),
        ),
        (
            r#""mode":"TEST""#,
            r#""mode":"live""#,
            Some(DeliveryMode::Test),
        ),
        (r#""a":1"#, r#""mode":"test""#, Some(DeliveryMode::Test)),
        (
            r#""mode":null"#,
            r#""mode":"live""#,
            Some(DeliveryMode::Live),
        ),
        (r#""mode":7"#, r#""mode":"live""#, Some(DeliveryMode::Live)),
        (r#""a":1"#, r#""mode":"simulated""#, None),
        (r#""a":1"#, r#""a":1"#, None),
    ] {
        let body = plain.replacen(r#""mode":"LIVE""#, meta, 1);
        let body = body.replacen(r#""mode":"live""#, vehicle, 1);
        assert_eq!(state(&body).mode(), mode, "{body}");
    }
    assert_eq!(state(&plain).meta().version.as_deref(), Some("4.0"));
    let state = state(
        &plain
            .replacen(r#""version":"4.0","#, "", 1)
            .replacen(r#""powertrainType":"BEV""#, r#""powertrainType":null"#, 1)
            .replacen(r#""sequence":41"#, r#""sequence":"41""#, 1),
    );
    assert_eq!(state.meta().version, None);
    assert_eq!(state.about_vehicle().powertrain_type, None);
    assert_eq!(state.sequence(), Some(41));
    assert!(state.unread().is_empty());
}

#[test]
fn a_part_that_does_not_fit_is_told_and_costs_nothing_else() {
    let body = with_signals("[]")
        .replacen(r#""sequence":41"#, r#""sequence":12345678901234567890"#, 1)
        .replacen(r#""id":"u1""#, r#""id":"a/b""#, 1)
        .replacen(r#""year":2024"#, r#""year":{}"#, 1);
    let state = state(&body);
    assert_eq!(
        unread(&state),
        ["/meta/sequence", "/data/vehicle/year", "/data/user/id"]
    );
    assert_eq!(state.delivery_id(), Some("d1"));
    assert_eq!(state.about_vehicle().make.as_deref(), Some("KIA"));
    assert_eq!((state.user(), state.sequence()), (None, None));
}

#[test]
fn a_member_twice_is_told_and_its_neighbours_are_kept() {
    let body = with_signals("[]").replacen(
        r#""deliveryId":"d1""#,
        r#""deliveryId":"d1","deliveryId":"d2""#,
        1,
    );
    let state = state(&body);
    let told = unread(&state);
    assert!(
        !told.is_empty() && told.iter().all(|at| *at == "/meta/deliveryId"),
        "{told:?}"
    );
    assert_eq!(state.delivery_id(), None);
    assert_eq!(
        (state.sequence(), state.meta().version.as_deref()),
        (Some(41), Some("4.0"))
    );
}

#[test]
fn a_single_signal_is_a_list_of_one() {
    let state = state(&with_signals(&format!(
        r#"{{"code":"odometer-traveleddistance"{BODY}}}"#
    )));
    assert_eq!(outcome(&state).unwrap().to_string(), "7.5");
    assert_eq!(state.paths().collect::<Vec<_>>(), [ODOMETER]);
    assert_eq!(unread(&state), [""; 0]);
}

#[test]
fn errors_of_a_vehicle_in_every_form() {
    let body = r#"{"eventId":"e","eventType":"VEHICLE_ERROR","data":{"vehicle":{"id":"v1"},"errors":[
        {"type":"A","code":null,"state":"ERROR","description":"d","suggestedUserMessage":"m",
         "docURL":"u","resolution":{"type":"R"},"signals":["odometer-traveleddistance",
         {"code":"Closure-Doors"},{"group":"Odometer","name":"TraveledDistance"},
         {"group":"TraveledDistance","name":"Odometer"},7]},
        {"type":"B","code":"C","state":"RESOLVED","resolution":{"type":null}},
        {"resolution":"R"}, 7]}}"#;
    let Delivery::Error(errors) = receive(body) else {
        panic!("not an error");
    };
    let [first, second, third] = errors.errors() else {
        panic!("{errors:?}");
    };
    assert_eq!(first.error_type.as_deref(), Some("A"));
    assert_eq!(
        (&first.code, &first.state),
        (&None, &Some(VehicleErrorState::Error))
    );
    assert_eq!(first.resolution.as_deref(), Some("R"));
    let odometer = "odometer-traveleddistance";
    assert_eq!(
        first.signals,
        [odometer, "closure-doors", odometer, odometer]
    );
    assert_eq!(second.state, Some(VehicleErrorState::Resolved));
    assert!(second.signals.is_empty() && second.resolution.is_none());
    assert_eq!(third.resolution.as_deref(), Some("R"));
    assert_eq!(errors.unread()[0].member, "/data/errors/3");
    assert_eq!(errors.vehicle().unwrap().as_str(), "v1");
    assert!(errors.raw().unwrap().get().starts_with('['));
}

#[test]
fn an_unknown_event_is_kept() {
    let body = r#"{"eventId":"e","eventType":"VEHICLE_MOVED","data":{"vehicle":{"id":"v1"}}}"#;
    let Delivery::Other(other) = receive(body) else {
        panic!("not another");
    };
    assert_eq!(
        (other.event_type(), other.raw().get()),
        ("VEHICLE_MOVED", body)
    );
    assert_eq!(other.vehicle().unwrap().as_str(), "v1");
    let shown = format!("{other:?}");
    assert!(shown.contains("VEHICLE_MOVED") && !shown.contains("v1"));
    assert_eq!(other.unread(), []);
    let odd = body.replacen('{', r#"{"meta":7,"#, 1);
    let Delivery::Other(other) = receive(&odd) else {
        panic!("not another");
    };
    assert_eq!(other.unread()[0].member, "/meta");
}

#[test]
fn paths_that_are_known_at_run_time_are_read_and_checked() {
    let state = odometer(BODY);
    let results = state.batch_paths(["/odometer", "/battery"]).unwrap().data;
    let read = results.get::<Odometer>().unwrap().unwrap();
    assert_eq!(read.distance.to_string(), "7.5");
    assert!(results.raw("/battery").unwrap().is_err());
    assert!(results.raw("/fuel").is_none());
    assert!(state.batch_paths(["odometer"]).is_err());
}

#[test]
fn no_value_is_shown() {
    let body = with_signals(
        r#"[{"code":"location-preciselocation","body":{"latitude":52.5163,"longitude":13.3777}},
            {"code":"vehicleidentification-vin","body":{"value":"KNAC381AZP5000042"}}]"#,
    );
    let shown = format!("{:?}", receive(&body));
    assert!(
        shown.contains("e1") && shown.contains("location-preciselocation"),
        "{shown}"
    );
    for value in ["52.5163", "13.3777", "KNAC381AZP5000042", "x1"] {
        assert!(!shown.contains(value), "{shown}");
    }
}
