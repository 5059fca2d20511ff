//! Declared vehicles, from outside the crate.
//!
//! Invariant: every error in a vehicle is found by the time of the start.

use std::io::ErrorKind;

use smartcar_simulator::{Powertrain, SimulatedVehicle, Simulator};

use crate::http::ask;

async fn problem(vehicles: impl IntoIterator<Item = SimulatedVehicle>) -> String {
    let builder = vehicles
        .into_iter()
        .fold(Simulator::builder(), |builder, vehicle| {
            builder.vehicle(vehicle)
        });
    let error = builder.start().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    error.to_string()
}

#[tokio::test]
async fn a_vehicle_that_cannot_be_stops_the_start() {
    let new = || SimulatedVehicle::new("car-1").make("TESLA");
    assert_eq!(
        problem([new().battery_fraction(1.5)]).await,
        "vehicle `car-1`: battery_fraction must be from 0 to 1"
    );
    assert_eq!(
        problem([new().fuel_fraction(0.5)]).await,
        "vehicle `car-1` is BEV and has no tank; remove the settings for it, or change the \
         powertrain"
    );
    assert_eq!(
        problem([new(), new().powertrain(Powertrain::Phev)]).await,
        "vehicle `car-1` is declared twice; use a unique id for each vehicle"
    );
}

#[test]
fn a_builder_shows_neither_the_vin_nor_the_place() {
    let vehicle = SimulatedVehicle::new("car-1")
        .vin("5YJ3E1EA7KF000001")
        .location(12.345, 67.891);
    let shown = format!("{:?}", Simulator::builder().vehicle(vehicle));
    assert!(shown.contains("car-1"), "{shown}");
    for secret in ["5YJ3E1EA7KF000001", "12.345", "67.891"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test]
async fn what_one_token_reads_is_not_told_to_another() {
    let simulator = Simulator::builder()
        .token("driver", ["read_vin"])
        .start()
        .await
        .unwrap();
    let body = r#"{"requests":[{"path":"/permissions"}]}"#;
    let mut told = Vec::new();
    for token in [simulator.token(), "driver", simulator.token()] {
        let line = "POST /v2.0/vehicles/car/batch";
        let batch = ask(&simulator, line, token, body).await.json();
        let alone = "GET /v2.0/vehicles/car/permissions";
        let alone = ask(&simulator, alone, token, "").await.json();
        let item = &batch["responses"][0]["body"]["permissions"];
        assert_eq!(&alone["permissions"], item);
        told.push(item.as_array().unwrap().len());
    }
    assert!(told[0] > 10 && told[1..] == [1, told[0]], "{told:?}");
}
