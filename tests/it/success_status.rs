//! Every success status can carry a response, not only 200.
//!
//! Invariant: the body decides whether it is a valid response; the status only says
//! that the request did not fail.

use futures_util::TryStreamExt;
use smartcar_batch::{
    AccessToken, Api, Client, ErrorKind, Fuel, Odometer, Permissions, UserId, Vehicle, VehicleId,
    signal,
};
use smartcar_tests::{Canned, answer};

const BATCH: &str = r#"{"responses": [
    {"path": "/odometer", "code": 200, "body": {"distance": 10}},
    {"path": "/fuel", "code": 501, "body": {"type": "COMPATIBILITY",
        "code": "VEHICLE_NOT_CAPABLE", "description": "x", "statusCode": 501}}]}"#;
const STORE: &str = r#"{"data": [{"id": "odometer-traveleddistance", "attributes": {
    "status": {"value": "SUCCESS"}, "body": {"value": 10, "unit": "km"}}}]}"#;
const ONE: &str = r#"{"data": {"id": "odometer-traveleddistance", "attributes": {
    "status": {"value": "SUCCESS"}, "body": {"value": 10, "unit": "km"}}}}"#;
const CONNECTIONS: &str = r#"{"data": [{"id": "c", "attributes": {"permissions": ["read_vin"]},
    "relationships": {"vehicle": {"data": {"id": "v"}}, "user": {"data": {"id": "u"}}}}]}"#;
const SUCCESSES: [&str; 4] = [
    "200 OK",
    "202 Accepted",
    "203 Non-Authoritative Information",
    "207 Multi-Status",
];

async fn server(status: &str, body: &str) -> Canned {
    let reply = answer(status, "application/json", body);
    Canned::start(vec![reply]).await.unwrap()
}

fn client(server: &Canned, api: Api) -> Client {
    Client::builder()
        .api(api)
        .access_token(AccessToken::new("t").unwrap())
        .api_origin(server.origin())
        .management_origin(server.origin())
        .build()
        .unwrap()
}

fn vehicle(server: &Canned, api: Api) -> Vehicle {
    client(server, api)
        .vehicle(VehicleId::new("v").unwrap())
        .with_user(UserId::new("u").unwrap())
}

#[tokio::test]
async fn a_batch_of_v2() {
    for status in SUCCESSES {
        let server = server(status, BATCH).await;
        let request = vehicle(&server, Api::V2).batch::<(Odometer, Fuel)>();
        let response = request.send().await.expect(status);
        let (odometer, fuel) = response.data;
        assert!((odometer.unwrap().distance - 10.0).abs() < 1e-9, "{status}");
        let refused = fuel.unwrap_err();
        let code = refused.api_error().unwrap().code.as_deref();
        assert_eq!(code, Some("VEHICLE_NOT_CAPABLE"), "{status}");
        assert_eq!((response.attempts, server.requests().len()), (1, 1));
    }
}

#[tokio::test]
async fn an_endpoint_alone() {
    for status in SUCCESSES {
        let server = server(status, r#"{"distance": 10}"#).await;
        let request = vehicle(&server, Api::V2).get::<Odometer>();
        let response = request.send().await.expect(status);
        assert!((response.data.distance - 10.0).abs() < 1e-9, "{status}");
    }
}

#[tokio::test]
async fn the_store_of_signals_one_signal_and_a_connection() {
    for status in SUCCESSES {
        let store = server(status, STORE).await;
        let request = vehicle(&store, Api::V3).batch::<(
            signal::odometer::TraveledDistance,
            signal::motion::CurrentSpeed,
        )>();
        let (odometer, _) = request.send().await.expect(status).data;
        assert_eq!(odometer.unwrap().value, Some(10.0), "{status}");

        let one = server(status, ONE).await;
        let request = vehicle(&one, Api::V3).get::<Odometer>();
        let response = request.send().await.expect(status);
        assert!((response.data.distance - 10.0).abs() < 1e-9, "{status}");

        let page = server(status, CONNECTIONS).await;
        let request = vehicle(&page, Api::V3).get::<Permissions>();
        let response = request.send().await.expect(status);
        assert_eq!(response.data.permissions.len(), 1, "{status}");
    }
}

#[tokio::test]
async fn the_lists_of_vehicles() {
    for status in SUCCESSES {
        let vehicles = r#"{"vehicles": ["v"], "paging": {"count": 1, "offset": 0}}"#;
        for (api, body) in [(Api::V2, vehicles), (Api::V3, CONNECTIONS)] {
            let server = server(status, body).await;
            let client = client(&server, api);
            let listed: Vec<_> = client.vehicles().try_collect().await.expect(status);
            assert_eq!(listed.len(), 1, "{status}");
        }
    }
}

#[tokio::test]
async fn a_success_with_something_else_is_unreadable_and_says_its_status() {
    for (status, body) in [
        ("204 No Content", ""),
        ("207 Multi-Status", "<p>done</p>"),
        ("202 Accepted", r#"{"accepted": true}"#),
    ] {
        for api in [Api::V2, Api::V3] {
            let server = server(status, body).await;
            let request = vehicle(&server, api)
                .batch::<(Odometer, Fuel)>()
                .retry(smartcar_batch::RetryPolicy::none());
            let error = request.send().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{status}: {error}");
            let number = status.split(' ').next().unwrap();
            assert!(error.to_string().contains(number), "{status}: {error}");
            assert_eq!(error.status(), number.parse().ok());
        }
    }
}
