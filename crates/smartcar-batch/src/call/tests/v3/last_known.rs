//! The last known value of a failed signal: with a request, a fleet, and a loader.
//!
//! Invariant: without the option, the failure is the result.

use futures_util::{StreamExt, stream};

use super::{Script, of, ok, v3};
use crate::call::tests::client_of;
use crate::{FleetVehicle, Odometer, RetryPolicy, UserId, VehicleId};

/// An odometer with a final error and a last known value.
const FAILED: &str = r#"{"data": {"id": "odometer-traveleddistance", "attributes": {
    "status": {"value": "ERROR", "error": {"type": "UPSTREAM", "code": "NO_RESPONSE",
        "resolution": {"type": "RETRY_LATER"}}},
    "body": {"value": 7.5, "unit": "km"}}, "meta": {"oemUpdatedAt": "2026-03-07T09:51:30.000Z"}}}"#;

#[tokio::test(start_paused = true)]
async fn a_request_gives_it_once_it_is_asked_for() {
    let script = Script::of([ok(FAILED)]);
    let request = of(v3(), &script).batch::<(Odometer,)>();
    let answered = request.last_known(true).send().await.unwrap();
    let odometer = answered.data.0.unwrap();
    assert!(odometer.meta.last_known);
    assert_eq!(odometer.distance.to_bits(), 7.5_f64.to_bits());
    assert_eq!(script.sent().len(), 1, "it is not retried");

    let script = Script::of([ok(FAILED)]);
    let request = of(v3(), &script).batch::<(Odometer,)>();
    let answered = request.retry(RetryPolicy::none()).send().await.unwrap();
    assert_eq!(answered.data.0.unwrap_err().status(), Some(502));
}

#[tokio::test(start_paused = true)]
async fn a_fleet_and_a_loader_give_it_too() {
    let script = Script::of([ok(FAILED), ok(FAILED), ok(FAILED)]);
    let client = client_of(v3(), &script);
    let id = VehicleId::new("vehicle-1").unwrap();
    let user = UserId::new("user-1").unwrap();
    let fleet = client.fleet::<(Odometer,)>().last_known(true);
    let vehicles = [FleetVehicle::from((id.clone(), user.clone()))];
    let outcomes: Vec<_> = fleet.run(stream::iter(vehicles)).collect().await;
    let answered = outcomes[0].result.as_ref().unwrap();
    assert!(answered.data.0.as_ref().unwrap().meta.last_known);

    // Loaders with different settings of it do not share a window.
    let vehicle = client.vehicle(id).with_user(user);
    let once = || vehicle.loader().retry(RetryPolicy::none());
    let (with, without) = (once().last_known(true), once());
    let (with, without) = tokio::join!(with.get::<Odometer>(), without.get::<Odometer>());
    assert!(with.unwrap().meta.last_known);
    assert_eq!(without.unwrap_err().item().unwrap().status(), Some(502));
}
