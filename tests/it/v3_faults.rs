//! The façade on version 3 with an irregular list of signals: signals missing,
//! duplicated, reordered, unknown or malformed.
//!
//! Invariant: a fault affects only the items built from its signal. Every item is
//! the same as without the fault, or an error.

use serde_json::json;
use smartcar_batch::{
    AccessToken, Api, Client, ItemError, NotAvailableReason, PathResults, Plan, Response, UserId,
    Vehicle, VehicleId, WarningKind,
};
use smartcar_simulator::{Fault, SimulatedVehicle, Simulator};

const ODOMETER: &str = "/signals/odometer-traveleddistance";
/// The requested paths: endpoints of v2.0, and signals.
const PATHS: [&str; 7] = [
    "/odometer",
    ODOMETER,
    "/battery",
    "/signals/tractionbattery-stateofcharge",
    "/tires/pressure",
    "/security",
    "/location",
];

fn vehicle(simulator: &Simulator) -> Vehicle {
    let client = Client::builder()
        .api(Api::V3)
        .access_token(AccessToken::new(simulator.token()).unwrap())
        .api_origin(simulator.origin())
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new("car").unwrap());
    vehicle.with_user(UserId::new("user").unwrap())
}

async fn ask(vehicle: &Vehicle) -> Response<PathResults> {
    let answered = vehicle.batch_paths(PATHS).unwrap().send().await.unwrap();
    assert_eq!((answered.plan, answered.requests), (Plan::Signals, 1));
    answered
}

/// Each item: its body and times as received, or the kind of its error.
fn outcomes(answers: &PathResults) -> Vec<(&str, String)> {
    let outcome = |path| match answers.raw(path).unwrap() {
        Ok(item) => format!("{} {:?}", item.body.get(), item.meta.data_age),
        Err(ItemError::NotAvailable(missing)) => {
            assert_eq!(missing.reason, NotAvailableReason::NotStored);
            format!("not stored: {:?}", missing.signals)
        }
        Err(ItemError::Malformed(_)) => "malformed".to_owned(),
        Err(error) => format!("status {:?}", error.status()),
    };
    PATHS.iter().map(|path| (*path, outcome(path))).collect()
}

/// Sends the requests under each fault. The paths are those that fail, with their
/// results.
async fn check(cases: Vec<(Fault, &[&str], &str, &[WarningKind])>) {
    let car = SimulatedVehicle::new("car").make("TESLA");
    let simulator = Simulator::builder().vehicle(car).start().await.unwrap();
    let vehicle = vehicle(&simulator);
    let honest = ask(&vehicle).await;
    assert!(honest.all_ok(), "{:?}", honest.failures());
    let honest = outcomes(&honest.data);
    for (fault, failed, outcome, warnings) in cases {
        let case = format!("{fault:?}");
        simulator.fault(fault.times(1)).unwrap();
        let answered = ask(&vehicle).await;
        assert!(simulator.faults().is_empty(), "the fault applied: {case}");
        let expected: Vec<_> = honest
            .iter()
            .map(|(path, good)| {
                let text = if failed.contains(path) { outcome } else { good };
                (*path, text.to_owned())
            })
            .collect();
        assert_eq!(outcomes(&answered.data), expected, "{case}");
        let kinds: Vec<_> = answered.warnings.iter().map(|it| it.kind).collect();
        assert_eq!(kinds, warnings, "{case}");
    }
}

#[tokio::test]
async fn order_and_company_do_not_matter() {
    let other = json!({"id": "odometer-traveleddistance", "type": "signal", "attributes": {
        "code": "odometer-traveleddistance", "body": {"value": 1, "unit": "km"}}});
    let of_v2 = json!({"path": "/odometer", "code": 200, "headers": {}, "body": {"distance": 1}});
    check(vec![
        (Fault::reversed_items(), &[], "", &[]),
        (Fault::shuffled_items(3), &[], "", &[]),
        (Fault::unasked_item("/signals/nobody-knows"), &[], "", &[]),
        (
            Fault::unasked_item(ODOMETER),
            &[],
            "",
            &[WarningKind::Duplicate],
        ),
        (
            Fault::duplicate_item(ODOMETER),
            &[],
            "",
            &[WarningKind::Duplicate],
        ),
        (Fault::extra_item(other), &[], "", &[WarningKind::Duplicate]),
        (
            Fault::extra_item(of_v2),
            &[],
            "",
            &[WarningKind::Unrequested],
        ),
        (
            Fault::extra_item(json!(42)),
            &[],
            "",
            &[WarningKind::Unrequested],
        ),
        (
            Fault::extra_item(json!(null)),
            &[],
            "",
            &[WarningKind::Unrequested],
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_signal_that_is_missing_costs_what_it_is_part_of() {
    let charge = "/signals/tractionbattery-stateofcharge";
    check(vec![
        (
            Fault::missing_item(ODOMETER),
            &["/odometer", ODOMETER],
            r#"not stored: ["odometer-traveleddistance"]"#,
            &[],
        ),
        (
            Fault::missing_item(charge),
            &["/battery", charge],
            r#"not stored: ["tractionbattery-stateofcharge"]"#,
            &[],
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_malformed_signal_costs_no_other() {
    let both: &[&str] = &["/odometer", ODOMETER];
    let gone = r#"not stored: ["odometer-traveleddistance"]"#;
    let id = "odometer-traveleddistance";
    check(vec![
        (
            Fault::item_json(ODOMETER, json!(42)),
            both,
            gone,
            &[WarningKind::Unrequested],
        ),
        (
            Fault::item_json(ODOMETER, json!({"attributes": {"body": {"value": 1}}})),
            both,
            gone,
            &[WarningKind::Unrequested],
        ),
        (
            Fault::item_json(ODOMETER, json!({"id": id})),
            both,
            "malformed",
            &[],
        ),
        (
            Fault::item_json(ODOMETER, json!({"id": id, "attributes": {"body": "x"}})),
            both,
            "malformed",
            &[],
        ),
        (
            Fault::item_body(ODOMETER, json!({"value": {"km": 1}})),
            both,
            "malformed",
            &[],
        ),
        (
            Fault::item_error(ODOMETER, "COMPATIBILITY", Some("VEHICLE_NOT_CAPABLE")),
            both,
            "status Some(501)",
            &[],
        ),
    ])
    .await;
}
