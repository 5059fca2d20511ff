//! One suite for both versions of the API: what the façade reads of a vehicle at
//! one moment is the same through v2.0 and through version 3.
//!
//! Invariant: nothing here knows how a version is asked; only the client's
//! construction differs. What has no counterpart is listed, with the reason.

#![allow(
    clippy::unwrap_used,
    reason = "a failed `unwrap` in a test is the test's message"
)]

use std::time::Duration;

use serde_json::Value;
use smartcar_batch::{
    AccessToken, Answers, Api, Attributes, Battery, BatteryCapacity, Charge, ChargeLimit, Client,
    Dtcs, Endpoint, EngineOil, Fuel, ItemError, Location, NominalCapacity, Odometer, Permissions,
    Security, ServiceHistory, SystemStatus, TirePressure, UnitSystem, UserId, Vehicle, VehicleId,
    Vin,
};
use smartcar_simulator::{Powertrain, SimulatedVehicle, Simulator};

/// What the two versions are known to say differently, and why.
const DIFFERENT: [(&str, &str); 2] = [
    (
        SystemStatus::PATH,
        "version 3 lists every system, v2.0 those of its example; where the car has \
         none of them, version 3 has no entry and v2.0 a COMPATIBILITY error",
    ),
    (
        ServiceHistory::PATH,
        "whether imperial converts the odometer of a record is not known",
    ),
];

/// Members that version 3 has no counterpart of, and why.
const ONLY_V2: [(&str, &str); 1] = [("paging", "a connection lists its permissions at once")];

/// All common endpoints of both answers, typed.
fn compare(v2: &Answers, v3: &Answers, case: &str) {
    same::<Attributes>(v2, v3, case);
    same::<Vin>(v2, v3, case);
    same::<Odometer>(v2, v3, case);
    same::<Location>(v2, v3, case);
    same::<Fuel>(v2, v3, case);
    same::<Battery>(v2, v3, case);
    same::<BatteryCapacity>(v2, v3, case);
    same::<NominalCapacity>(v2, v3, case);
    same::<Charge>(v2, v3, case);
    same::<ChargeLimit>(v2, v3, case);
    same::<EngineOil>(v2, v3, case);
    same::<TirePressure>(v2, v3, case);
    same::<Security>(v2, v3, case);
    same::<Permissions>(v2, v3, case);
    same::<SystemStatus>(v2, v3, case);
    same::<Dtcs>(v2, v3, case);
    same::<ServiceHistory>(v2, v3, case);
}

/// The owner of the simulated vehicles.
const OWNER: &str = "9a4e1b70-2f5c-4c1e-b6a8-31d0f2c7e855";

const COMMON: [&str; 17] = [
    Attributes::PATH,
    Vin::PATH,
    Odometer::PATH,
    Location::PATH,
    Fuel::PATH,
    Battery::PATH,
    BatteryCapacity::PATH,
    NominalCapacity::PATH,
    Charge::PATH,
    ChargeLimit::PATH,
    EngineOil::PATH,
    TirePressure::PATH,
    Security::PATH,
    Permissions::PATH,
    SystemStatus::PATH,
    Dtcs::PATH,
    ServiceHistory::PATH,
];

fn same<E: Endpoint>(v2: &Answers, v3: &Answers, case: &str) {
    let case = format!("{} {case}", E::PATH);
    match (v2.get::<E>().unwrap(), v3.get::<E>().unwrap()) {
        (Ok(of_v2), Ok(of_v3)) => {
            let is_different = DIFFERENT.iter().any(|(path, _)| *path == E::PATH);
            if !is_different {
                let body = |body: &E| serde_json::to_value(body).unwrap();
                alike(&body(&of_v2.body), &body(&of_v3.body), &case);
                let unit_systems = (&of_v2.meta.unit_system, &of_v3.meta.unit_system);
                if unit_systems.0.is_some() {
                    assert_eq!(unit_systems.0, unit_systems.1, "{case}");
                }
            }
            if of_v2.meta.data_age.is_some() && of_v3.meta.data_age.is_some() {
                assert_eq!(of_v2.meta.data_age, of_v3.meta.data_age, "{case}");
                assert_eq!(of_v2.meta.fetched_at, of_v3.meta.fetched_at, "{case}");
            }
        }
        (Err(ItemError::Api(of_v2)), Err(ItemError::Api(of_v3))) => {
            assert_eq!(of_v2.error_type, of_v3.error_type, "{case}");
            assert_eq!(of_v2.status, of_v3.status, "{case}");
        }
        (Err(_), Err(_)) if DIFFERENT.iter().any(|(path, _)| *path == E::PATH) => {}
        (of_v2, of_v3) => panic!("{case}: {of_v2:?} and {of_v3:?}"),
    }
}

/// The same within what a rounded percentage can tell.
fn alike(of_v2: &Value, of_v3: &Value, case: &str) {
    match (of_v2, of_v3) {
        (Value::Number(one), Value::Number(other)) => {
            let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
            let close = (one - other).abs() <= 1e-3_f64.max(one.abs() * 1e-3);
            assert!(close, "{case}: {one} and {other}");
        }
        (Value::Object(one), Value::Object(other)) => {
            for (name, value) in one {
                if ONLY_V2.iter().any(|(only, _)| only == name) {
                    assert_eq!(
                        other.get(name).unwrap_or(&Value::Null),
                        &Value::Null,
                        "{case}"
                    );
                    continue;
                }
                // Absent and null are the same to a reader.
                let counterpart = other.get(name).unwrap_or(&Value::Null);
                alike(value, counterpart, &format!("{case} {name}"));
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            assert_eq!(one.len(), other.len(), "{case}: {one:?} and {other:?}");
            for (one, other) in one.iter().zip(other) {
                alike(one, other, case);
            }
        }
        (one, other) => assert_eq!(one, other, "{case}"),
    }
}

fn cars() -> Vec<SimulatedVehicle> {
    vec![
        SimulatedVehicle::new("tesla").make("TESLA"),
        SimulatedVehicle::new("hybrid")
            .make("FORD")
            .powertrain(Powertrain::Phev),
        SimulatedVehicle::new("diesel")
            .make("BMW")
            .powertrain(Powertrain::Ice),
        SimulatedVehicle::new("private")
            .make("KIA")
            .permissions(["read_vehicle_info", "read_odometer"]),
    ]
}

fn vehicle(simulator: &Simulator, api: Api, id: &str) -> Vehicle {
    let client = Client::builder()
        .api(api)
        .access_token(AccessToken::new(simulator.token()).unwrap())
        .api_origin(simulator.origin())
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new(id).unwrap());
    match api {
        Api::V3 => vehicle.user(UserId::new(OWNER).unwrap()),
        _ => vehicle,
    }
}

#[tokio::test]
async fn a_vehicle_reads_the_same_through_both_versions() {
    let builder = cars()
        .into_iter()
        .fold(Simulator::builder().seed(11), |builder, car| {
            builder.vehicle(car)
        });
    let simulator = builder.start().await.unwrap();
    for hours in [0, 9, 13, 40] {
        simulator.advance(Duration::from_secs(hours * 3600));
        for id in ["tesla", "hybrid", "diesel", "private"] {
            for units in [UnitSystem::Metric, UnitSystem::Imperial] {
                let case = format!("of {id} at {} in {units:?}", simulator.now());
                let ask = async |api| {
                    let vehicle = vehicle(&simulator, api, id);
                    let batch = vehicle.batch_paths(COMMON).unwrap();
                    batch.units(units.clone()).send().await.unwrap().items
                };
                compare(&ask(Api::V2).await, &ask(Api::V3).await, &case);
            }
        }
    }
}

/// A service's own code, which knows of no version.
async fn service(vehicle: &Vehicle) -> (f64, Option<f64>) {
    let (odometer, battery) = vehicle
        .batch::<(Odometer, Battery)>()
        .send()
        .await
        .unwrap()
        .items;
    let battery = battery.ok().map(|battery| battery.percent_remaining);
    (odometer.unwrap().distance, battery)
}

#[tokio::test]
async fn typed_batches_run_unchanged() {
    let simulator = Simulator::builder()
        .vehicle(SimulatedVehicle::new("tesla").make("TESLA"))
        .start()
        .await
        .unwrap();
    simulator.advance(Duration::from_secs(30 * 3600));
    let of_v2 = service(&vehicle(&simulator, Api::V2, "tesla")).await;
    let of_v3 = service(&vehicle(&simulator, Api::V3, "tesla")).await;
    assert!((of_v2.0 - of_v3.0).abs() < 0.01, "{of_v2:?} and {of_v3:?}");
    let (one, other) = (of_v2.1.unwrap(), of_v3.1.unwrap());
    assert!((one - other).abs() < 1e-6, "{one} and {other}");
}
