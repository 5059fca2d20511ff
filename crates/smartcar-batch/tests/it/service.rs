//! A service tested without a socket, on both versions of the API.

use std::time::Duration;

use smartcar_batch::testing::{Answer, CannedTransport, api_error};
use smartcar_batch::{
    AccessToken, Api, Batch, Client, ErrorKind, Fuel, ItemError, Location, Odometer, Reading,
    RetryPolicy, UserId, Vehicle, VehicleId, signal,
};

#[derive(Batch)]
struct Look {
    odometer: Reading<Odometer>,
    fuel: Result<Reading<Fuel>, ItemError>,
    location: Option<Reading<Location>>,
}

fn vehicle(transport: &CannedTransport, api: Api) -> Vehicle {
    let millisecond = Duration::from_millis(1);
    Client::builder()
        .api(api)
        .access_token(AccessToken::new("any").unwrap())
        .retry(RetryPolicy::standard().backoff(millisecond, millisecond, millisecond))
        .user(UserId::new("user-1").unwrap())
        .transport(transport.clone())
        .build()
        .unwrap()
        .vehicle(VehicleId::new("car-1").unwrap())
}

/// Canned answers for v2.0 and v3 of the same car.
fn car() -> CannedTransport {
    let asleep = || Answer::error(409, "VEHICLE_STATE", Some("ASLEEP"));
    CannedTransport::new()
        .on(
            "/odometer",
            Answer::ok(r#"{"distance": 18250.5}"#)
                .with_header("sc-data-age", "2026-03-14T09:12:31Z"),
        )
        .on("/fuel", asleep())
        .on(
            "/signals/odometer-traveleddistance",
            Answer::ok(r#"{"value": 18250.5, "unit": "kilometers"}"#)
                .with_header("sc-data-age", "2026-03-14T09:12:31Z"),
        )
        .on("/signals/internalcombustionengine-fuellevel", asleep())
        .on(
            "/signals/internalcombustionengine-amountremaining",
            asleep(),
        )
        .on("/signals/internalcombustionengine-range", asleep())
}

#[tokio::test]
async fn both_versions_give_the_same_from_the_same_can() {
    for api in [Api::V2, Api::V3] {
        let transport = car();
        let vehicle = vehicle(&transport, api);
        let look = vehicle.batch::<Look>().send().await.unwrap().data;
        assert!((look.odometer.distance - 18250.5).abs() < 1e-9);
        let age = "2026-03-14T09:12:31Z".parse().ok();
        assert_eq!(look.odometer.meta.data_age, age, "{api}");
        let error = look.fuel.unwrap_err();
        let error = error.api_error().unwrap();
        assert_eq!(
            (error.status, error.code.as_deref()),
            (409, Some("ASLEEP")),
            "{api}"
        );
        // There is no canned answer for it.
        assert!(look.location.is_none());
        let requests = transport.requests();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].vehicle.as_deref(), Some("car-1"));
    }
}

#[tokio::test]
async fn one_endpoint_one_signal_and_what_nobody_canned() {
    let transport = car();
    let v2 = vehicle(&transport, Api::V2);
    let odometer = v2.get::<Odometer>().send().await.unwrap().data;
    assert!((odometer.distance - 18250.5).abs() < 1e-9);
    let error = v2.get::<Location>().send().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::RequiredItem, Some(404))
    );

    let v3 = vehicle(&transport, Api::V3);
    type Distance = signal::odometer::TraveledDistance;
    let distance = v3.get::<Distance>().send().await.unwrap().data;
    assert_eq!(distance.unit.as_deref(), Some("kilometers"));
    let targets: Vec<_> = transport
        .requests()
        .into_iter()
        .map(|it| it.target)
        .collect();
    let signal = "/v3/vehicles/car-1/signals/odometer-traveleddistance";
    assert_eq!(targets[2..], [signal]);
}

#[tokio::test(start_paused = true)]
async fn whole_requests_are_answered_in_order_before_paths() {
    let transport = car()
        .then(Answer::not_sent())
        .then(Answer::status(502, "<html>bad gateway</html>"));
    let vehicle = vehicle(&transport, Api::V2);
    let answered = vehicle.batch::<(Odometer,)>().send().await.unwrap();
    assert_eq!((answered.attempts, answered.charged), (3, 2));
    assert!(answered.all_ok());

    let slow = Answer::ok("{}").with_delay(Duration::from_secs(60));
    let transport = car().then(Answer::lost()).then(slow);
    let vehicle = self::vehicle(&transport, Api::V2);
    let batch = vehicle.batch::<(Odometer,)>();
    let error = batch.deadline(Duration::from_secs(5)).send().await;
    let error = error.unwrap_err();
    assert!(error.is_timeout() && error.charged() == 2, "{error}");
}

#[test]
fn an_error_made_by_hand_is_the_catalogues() {
    let asleep = ItemError::from(api_error(409, "VEHICLE_STATE", Some("ASLEEP")));
    assert_eq!((asleep.status(), asleep.is_retryable()), (Some(409), false));
    let limited = ItemError::from(api_error(429, "RATE_LIMIT", Some("VEHICLE")));
    assert!(limited.is_retryable());
}
