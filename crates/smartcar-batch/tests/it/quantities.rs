//! Quantities of a vehicle, requested in both unit systems.
//!
//! Invariant: the quantity does not depend on the unit system; only its notation
//! does.

#![cfg(all(feature = "derive", feature = "uom"))]

use smartcar_batch::{
    AccessToken, Batch, Client, Fuel, Odometer, Reading, TirePressure, UnitSystem, VehicleId, tesla,
};
use smartcar_simulator::Simulator;

#[derive(Batch)]
struct Snapshot {
    odometer: Reading<Odometer>,
    fuel: Reading<Fuel>,
    tires: Reading<TirePressure>,
    cabin: Reading<tesla::ClimateCabin>,
    speed: Reading<tesla::Speedometer>,
}

/// In SI: length, volume, pressure, temperature, velocity.
fn measured(snapshot: &Snapshot) -> [f64; 5] {
    [
        snapshot.odometer.distance_quantity().value,
        snapshot.fuel.amount_remaining_quantity().unwrap().value,
        snapshot.tires.front_left_quantity().value,
        snapshot.cabin.temperature_quantity().value,
        snapshot.speed.speed_quantity().value,
    ]
}

#[tokio::test]
async fn both_unit_systems_tell_the_same() {
    // A vehicle with every endpoint.
    let simulator = Simulator::builder().example_values(true);
    let simulator = simulator.start().await.unwrap();
    let client = Client::builder()
        .access_token(AccessToken::new(simulator.token()).unwrap())
        .api_origin(simulator.origin())
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new("v").unwrap());
    let mut snapshots = Vec::new();
    for units in [UnitSystem::Metric, UnitSystem::Imperial] {
        let batch = vehicle.batch::<Snapshot>().units(units);
        snapshots.push(batch.send().await.unwrap().data);
    }
    let (metric, imperial) = (&snapshots[0], &snapshots[1]);
    let distances = (metric.odometer.distance, imperial.odometer.distance);
    assert!(distances.0 > 1.6 * distances.1, "{distances:?}");
    // The API rounds converted values.
    for (one, other) in measured(metric).into_iter().zip(measured(imperial)) {
        assert!((one - other).abs() <= 0.005 * one.abs(), "{one} {other}");
    }
}
