//! Derived batches against the simulator: what each kind of field does with a good, a
//! missing, a failed and an unreadable item.
//!
//! Invariant: one failed item never affects another, whatever the type of its field.

#![cfg(feature = "derive")]

use serde::Deserialize;
use serde_json::{Value, json};
use smartcar_batch::{
    AccessToken, Batch, Client, Endpoint, Error, ErrorKind, Fuel, ItemError, Location, Odometer,
    Reading, RequiredItemError, Response, RetryPolicy, UnitSystem, Vehicle, VehicleId, Vin, tesla,
};
use smartcar_simulator::{Fault, Simulator};

#[derive(Debug, Batch)]
struct Snapshot {
    odometer: Reading<Odometer>,
    fuel: Option<Reading<Fuel>>,
    location: Result<Reading<Location>, ItemError>,
    vin: Vin,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Wiper {
    level: f64,
}

/// Every form of a field with a path; none of the paths is in the spec.
#[derive(Debug, Batch)]
struct Wipers {
    #[batch(path = "/wiper/reading")]
    reading: Reading<Wiper>,
    #[batch(path = "/wiper/option")]
    option: Option<Reading<Wiper>>,
    #[batch(path = "/wiper/result")]
    result: Result<Reading<Value>, ItemError>,
    #[batch(path = "/wiper/plain")]
    plain: Wiper,
}

#[derive(Debug, Batch)]
struct With<E: Endpoint> {
    reading: Reading<E>,
}

#[derive(Debug, Batch)]
struct Everything<E: Endpoint> {
    speed: Option<Reading<tesla::Speedometer>>,
    snapshot: Snapshot,
    with: Option<With<E>>,
    battery: Result<With<smartcar_batch::Battery>, RequiredItemError>,
}

async fn vehicle(faults: Vec<Fault>) -> (Simulator, Vehicle) {
    let simulator = Simulator::builder().example_values(true);
    let simulator = simulator.start().await.unwrap();
    for fault in faults {
        simulator.fault(fault).unwrap();
    }
    let client = Client::builder()
        .access_token(AccessToken::new(simulator.token()).unwrap())
        .api_origin(simulator.origin())
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new("v").unwrap());
    (simulator, vehicle)
}

async fn ask<T: Batch>(faults: Vec<Fault>) -> Result<Response<T::Data>, Error> {
    let (_simulator, vehicle) = vehicle(faults).await;
    vehicle.batch::<T>().send().await
}

fn failed<T>(answered: &Response<T>) -> Vec<&str> {
    let failures = answered.failures().iter();
    failures.map(|failure| failure.path.as_str()).collect()
}

fn refused(path: &str) -> Fault {
    Fault::item_error(path, "PERMISSION", None)
}

/// A canned response with these items and bodies, because the simulator rejects
/// unknown paths.
fn wipers(bodies: &[(&str, Value)]) -> Vec<Fault> {
    let items = bodies.iter().map(|(path, body)| {
        let headers = json!({"sc-unit-system": "metric"});
        json!({"path": path, "code": 200, "body": body, "headers": headers})
    });
    let items: Vec<_> = items.collect();
    vec![Fault::raw_body(json!({"responses": items}).to_string())]
}

#[test]
fn paths_stand_in_the_order_of_the_fields() {
    assert_eq!(
        Everything::<tesla::Charge>::PATHS.to_vec(),
        [
            "/tesla/speedometer",
            "/odometer",
            "/fuel",
            "/location",
            "/vin",
            "/tesla/charge",
            "/battery"
        ]
    );
    const { assert!(Everything::<tesla::Charge>::PATHS.are_distinct()) };
}

#[tokio::test]
async fn good_items_fill_every_field() {
    let (simulator, vehicle) = vehicle(vec![Fault::reversed_items()]).await;
    let batch = vehicle.batch::<Snapshot>().units(UnitSystem::Imperial);
    assert_eq!(batch.cost(), 4);
    let answered = batch.send().await.unwrap();
    assert!(answered.all_ok());
    assert_eq!(answered.charged, 4);
    let snapshot = answered.data;
    let imperial = Some(UnitSystem::Imperial);
    assert_eq!(snapshot.odometer.meta.unit_system, imperial);
    assert!(snapshot.fuel.unwrap().range.is_some());
    assert!(snapshot.location.is_ok());
    assert_eq!(snapshot.vin.vin.len(), 17);
    assert_eq!(simulator.requests().len(), 1, "one request");
}

#[tokio::test]
async fn an_option_is_none_and_its_error_stays_in_the_failures() {
    let answered = ask::<Snapshot>(vec![refused("/fuel")]).await.unwrap();
    assert!(answered.data.fuel.is_none());
    assert!(answered.data.location.is_ok());
    assert!(!answered.all_ok());
    assert_eq!(failed(&answered), ["/fuel"]);
    assert_eq!(answered.failures()[0].error.status(), Some(403));
}

#[tokio::test]
async fn a_result_holds_each_kind_of_error() {
    let answered = ask::<Snapshot>(vec![refused("/location")]).await.unwrap();
    assert!(matches!(answered.data.location, Err(ItemError::Api(_))));
    let missing = ask::<Snapshot>(vec![Fault::missing_item("/location")]).await;
    let answered = missing.unwrap();
    assert_eq!(answered.data.location, Err(ItemError::Missing));
    let unreadable = Fault::item_body("/location", json!([1]));
    let answered = ask::<Snapshot>(vec![unreadable]).await.unwrap();
    let location = &answered.data.location;
    assert!(matches!(location, Err(ItemError::Malformed(_))));
    assert_eq!(failed(&answered), ["/location"]);
}

#[tokio::test]
async fn a_required_field_that_fails_is_an_error_with_every_other_answer() {
    for path in ["/odometer", "/vin"] {
        let faults = vec![refused(path), Fault::missing_item("/fuel")];
        let error = ask::<Snapshot>(faults).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RequiredItem);
        assert_eq!(error.item_path(), Some(path));
        assert_eq!(error.item().unwrap().status(), Some(403));
        assert_eq!(error.charged(), 4);
        let outcomes = error.results().unwrap();
        assert_eq!(outcomes.len(), 4);
        assert!(outcomes.get::<Location>().unwrap().is_ok());
        assert_eq!(outcomes.get::<Fuel>(), Some(Err(ItemError::Missing)));
    }
}

#[tokio::test]
async fn paths_that_the_description_does_not_know_are_read_as_any_type() {
    let good = || json!({"level": 0.4});
    let all = [
        ("/wiper/plain", good()),
        ("/wiper/result", good()),
        ("/wiper/option", good()),
        ("/wiper/reading", good()),
    ];
    let items = ask::<Wipers>(wipers(&all)).await.unwrap().data;
    let expected = Wiper { level: 0.4 };
    assert_eq!(items.reading.body, expected);
    assert_eq!(items.reading.meta.unit_system, Some(UnitSystem::Metric));
    assert_eq!(items.option.unwrap().body, expected);
    assert_eq!(items.result.unwrap().body, good());
    assert_eq!(items.plain, expected);

    // A body of another type, and no response.
    let some = [
        ("/wiper/reading", good()),
        ("/wiper/option", json!({})),
        ("/wiper/plain", good()),
    ];
    let answered = ask::<Wipers>(wipers(&some)).await.unwrap();
    assert!(answered.data.option.is_none());
    assert_eq!(answered.data.result, Err(ItemError::Missing));
    assert_eq!(failed(&answered), ["/wiper/option", "/wiper/result"]);

    for path in ["/wiper/reading", "/wiper/plain"] {
        let mut others = all.to_vec();
        others.retain(|(other, _)| *other != path);
        let error = ask::<Wipers>(wipers(&others)).await.unwrap_err();
        assert_eq!(error.item_path(), Some(path));
        assert_eq!(error.item(), Some(&ItemError::Missing));
        assert_eq!(error.results().unwrap().len(), 4);
    }
}

#[tokio::test]
async fn nested_and_generic_batches_each_keep_their_own() {
    let everything = ask::<Everything<tesla::Charge>>(vec![]).await.unwrap();
    assert!(everything.all_ok());
    let items = everything.data;
    assert!(items.speed.is_some());
    assert!(items.snapshot.location.is_ok());
    assert!(items.with.unwrap().reading.is_plugged_in.is_some());
    assert!(items.battery.unwrap().reading.range > 0.0);

    // A failed required field within `Option` and `Result` fails only that struct.
    let faults = vec![
        refused("/tesla/charge"),
        Fault::missing_item("/battery"),
        refused("/tesla/speedometer"),
        refused("/location"),
    ];
    let answered = ask::<Everything<tesla::Charge>>(faults).await.unwrap();
    assert_eq!(
        failed(&answered),
        [
            "/tesla/speedometer",
            "/location",
            "/tesla/charge",
            "/battery"
        ]
    );
    let items = answered.data;
    assert!(items.speed.is_none() && items.with.is_none());
    assert!(matches!(items.snapshot.location, Err(ItemError::Api(_))));
    assert_eq!(
        items.battery.unwrap_err(),
        RequiredItemError::new("/battery", ItemError::Missing)
    );

    // A nested struct is as required as its fields.
    let error = ask::<Everything<tesla::Charge>>(vec![refused("/vin")]).await;
    let error = error.unwrap_err();
    assert_eq!(error.item_path(), Some("/vin"));
    assert_eq!(error.results().unwrap().len(), 7);
}

#[tokio::test]
async fn only_what_failed_is_asked_again() {
    let transient = Fault::item_error("/location", "SERVER", Some("INTERNAL")).times(1);
    let (simulator, vehicle) = vehicle(vec![transient]).await;
    let batch = vehicle.batch::<Snapshot>().retry(RetryPolicy::default());
    let answered = batch.send().await.unwrap();
    assert!(answered.all_ok(), "{:?}", answered.failures());
    let requests = simulator.requests();
    let asked: Vec<_> = requests
        .iter()
        .map(|request| &request.batch_paths)
        .collect();
    assert_eq!(asked[0].len(), 4);
    assert_eq!(*asked[1], ["/location"]);
}
