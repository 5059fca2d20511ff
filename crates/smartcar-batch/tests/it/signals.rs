//! A derived batch of signals and v2.0 endpoints, on v3.

#![cfg(feature = "derive")]

use std::io::{Read, Write};
use std::net::TcpListener;

use smartcar_batch::{
    AccessToken, Api, Batch, Client, ItemError, Odometer, Reading, UserId, VehicleId, signal,
};

const STORE: &str = r#"{"data": [{"id": "odometer-traveleddistance", "attributes": {
    "status": {"value": "SUCCESS"}, "body": {"value": 18250.5, "unit": "kilometers"}}}]}"#;

#[derive(Batch)]
struct Signals {
    odometer: Reading<signal::odometer::TraveledDistance>,
    speed: Option<Reading<signal::motion::CurrentSpeed>>,
    level: Result<Reading<signal::traction_battery::StateOfCharge>, ItemError>,
}

#[derive(Batch)]
struct Both {
    signals: Signals,
    odometer: Reading<Odometer>,
}

/// Serves the store for this many requests, each on its own connection.
fn serve(requests: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for _ in 0..requests {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                head.push(byte[0]);
            }
            let length = STORE.len();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            write!(stream, "{head}\r\nContent-Length: {length}\r\n\r\n{STORE}").unwrap();
        }
    });
    origin
}

#[tokio::test]
async fn structs_of_signals_alone_and_beside_endpoints() {
    let client = Client::builder()
        .api(Api::V3)
        .access_token(AccessToken::new("token").unwrap())
        .api_origin(serve(2))
        .build()
        .unwrap();
    let vehicle = client
        .vehicle(VehicleId::new("vehicle-1").unwrap())
        .with_user(UserId::new("user-1").unwrap());
    let signals = vehicle.signals::<Signals>().send().await.unwrap().data;
    assert_eq!(signals.odometer.value, Some(18250.5));
    assert!(signals.speed.is_none());
    assert!(signals.level.unwrap_err().is_missing());

    let both = vehicle.batch::<Both>().send().await.unwrap().data;
    let distance = both.odometer.distance;
    assert_eq!(both.signals.odometer.value, Some(distance));
}
