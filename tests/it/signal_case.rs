//! A signal's code in another letter case means the same signal. It is requested in
//! the catalogue's spelling, and the result keeps the path as the caller wrote it.

use smartcar_batch::{AccessToken, Api, Client, UserId, Vehicle, VehicleId};
use smartcar_tests::Canned;

const ONE: &str = r#"{"data": {"id": "odometer-traveleddistance", "attributes": {
    "status": {"value": "SUCCESS"}, "body": {"value": 10, "unit": "km"}}}}"#;
const WRITTEN: &str = "/signals/Odometer-TraveledDistance";

fn vehicle(server: &Canned) -> Vehicle {
    Client::builder()
        .api(Api::V3)
        .access_token(AccessToken::new("t").unwrap())
        .api_origin(server.origin())
        .build()
        .unwrap()
        .vehicle(VehicleId::new("v").unwrap())
        .with_user(UserId::new("u").unwrap())
}

fn targets(server: &Canned) -> Vec<String> {
    let target = |request: &String| request.split(' ').nth(1).unwrap().to_owned();
    server.requests().iter().map(target).collect()
}

#[tokio::test]
async fn a_single_signal_is_requested_as_the_catalogue_writes_it() {
    let server = Canned::json(ONE).await.unwrap();
    let request = vehicle(&server).batch_paths([WRITTEN]).unwrap();
    let response = request.send().await.unwrap();
    let target = "/v3/vehicles/v/signals/odometer-traveleddistance";
    assert_eq!(targets(&server), [target]);
    let written = response.data.iter().map(|(path, _)| path);
    assert_eq!(written.collect::<Vec<_>>(), [WRITTEN]);
    let body = &response.data.raw(WRITTEN).unwrap().unwrap().body;
    assert_eq!(body.get(), r#"{"value": 10, "unit": "km"}"#);
    // The lookup of the catalogue's type also works.
    let normalized = response.data.normalized(WRITTEN).unwrap();
    assert_eq!(normalized.get(), r#"{"unit":"km","value":10.0}"#);
}

#[tokio::test]
async fn two_spellings_of_one_signal_are_one_request() {
    let server = Canned::json(ONE).await.unwrap();
    let paths = [WRITTEN, "/signals/odometer-traveleddistance", "/odometer"];
    let response = vehicle(&server).batch_paths(paths).unwrap().send().await;
    let response = response.unwrap();
    let target = "/v3/vehicles/v/signals/odometer-traveleddistance";
    assert_eq!(targets(&server), [target]);
    assert!(response.all_ok(), "{:?}", response.failures());
    assert_eq!(response.charged, 1);
}

#[tokio::test]
async fn a_code_that_the_catalogue_does_not_know_is_sent_as_written() {
    let server = Canned::json(ONE).await.unwrap();
    let request = vehicle(&server).batch_paths(["/signals/New-Signal"]);
    let response = request.unwrap().send().await.unwrap();
    assert_eq!(targets(&server), ["/v3/vehicles/v/signals/New-Signal"]);
    assert!(!response.all_ok());
}
