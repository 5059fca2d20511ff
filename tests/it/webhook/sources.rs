//! One struct from three sources: v2.0's batch, version 3's store, and a delivery.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use smartcar_batch::model::v3::SIGNALS;
use smartcar_batch::{AccessToken, Api, Client, ENDPOINTS, Response, UserId, Vehicle, VehicleId};
use smartcar_model::PathResults;
use smartcar_simulator::{Powertrain, SimulatedVehicle, Simulator};
use smartcar_tests::storm::KEY;
use smartcar_webhook::{
    Attributes, Batch, Battery, Charge, EngineOil, Fuel, ItemError, Location, Odometer, Reading,
    State, TirePressure, Vin,
};

use super::receiver::Running;

#[derive(Batch, Debug)]
#[batch(crate = "smartcar_webhook")]
struct Snapshot {
    attributes: Reading<Attributes>,
    odometer: Reading<Odometer>,
    location: Option<Reading<Location>>,
    fuel: Result<Reading<Fuel>, ItemError>,
    battery: Result<Reading<Battery>, ItemError>,
    charge: Result<Reading<Charge>, ItemError>,
    oil: Result<Reading<EngineOil>, ItemError>,
    tires: Result<Reading<TirePressure>, ItemError>,
    vin: Reading<Vin>,
}

/// The makes whose own endpoints read the battery or its charging.
const MAKES_WITH_CHARGING: [&str; 9] = [
    "audi",
    "bmw",
    "cadillac",
    "chevrolet",
    "ford",
    "lincoln",
    "mini",
    "nissan",
    "tesla",
];

/// The values of a snapshot, with the status of what failed and when it was recorded.
fn values(response: Response<Snapshot>) -> Vec<(Value, Option<jiff::Timestamp>)> {
    fn one<T: serde::Serialize>(
        item: &Result<Reading<T>, ItemError>,
    ) -> (Value, Option<jiff::Timestamp>) {
        match item {
            Ok(reading) => (
                serde_json::to_value(&reading.body).unwrap(),
                reading.meta.data_age,
            ),
            Err(error) => (Value::from(error.status()), None),
        }
    }
    let data = response.data;
    vec![
        one(&Ok(data.odometer)),
        one(&data.location.ok_or(ItemError::Missing)),
        one(&data.fuel),
        one(&data.battery),
        one(&data.charge),
        one(&data.oil),
        one(&data.tires),
        one(&Ok(data.vin)),
        (serde_json::to_value(&data.attributes.body).unwrap(), None),
    ]
}

/// A percentage that becomes a fraction can differ from v2.0's in its last bit.
fn rounded(values: Vec<(Value, Option<jiff::Timestamp>)>) -> Vec<(Value, Option<jiff::Timestamp>)> {
    fn round(value: &mut Value) {
        match value {
            Value::Number(number) => {
                let rounded = number.as_f64().map(|number| (number * 1e9).round() / 1e9);
                *value = rounded.into();
            }
            Value::Object(members) => members.values_mut().for_each(round),
            Value::Array(list) => list.iter_mut().for_each(round),
            _ => {}
        }
    }
    let mut values = values;
    for (value, _) in &mut values {
        round(value);
    }
    values
}

fn makes() -> Vec<&'static str> {
    let mut makes: Vec<_> = ENDPOINTS
        .iter()
        .flat_map(|info| info.makes.iter().copied())
        .collect();
    makes.push("KIA");
    makes.sort_unstable();
    makes.dedup();
    makes
}

fn client(simulator: &Simulator, api: Api) -> Client {
    Client::builder()
        .api(api)
        .access_token(AccessToken::new(simulator.token()).unwrap())
        .user(UserId::new(simulator.user()).unwrap())
        .api_origin(simulator.origin())
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_struct_has_the_same_values_from_all_three() {
    let kinds = [
        Powertrain::Bev,
        Powertrain::Phev,
        Powertrain::Hev,
        Powertrain::Ice,
    ];
    let mut builder = Simulator::builder().seed(11);
    let mut ids = Vec::new();
    for make in makes() {
        for kind in kinds {
            let id = format!("{make}-{}", kind.name())
                .to_lowercase()
                .replace('_', "-");
            builder = builder.vehicle(SimulatedVehicle::new(&id).make(make).powertrain(kind));
            ids.push(id);
        }
    }
    let simulator = builder.start().await.unwrap();
    let receiver = Running::start().await;
    simulator.advance(Duration::from_secs(5 * 3600 + 17 * 60));
    simulator.webhook(&receiver.url, KEY).unwrap();
    simulator.deliver().await;
    let states = std::mem::take(&mut receiver.taken.lock().unwrap().states);
    assert_eq!(states.len(), ids.len());
    let (v2, v3) = (client(&simulator, Api::V2), client(&simulator, Api::V3));
    let mut compared = 0;
    let mut hybrids = BTreeSet::new();
    for id in &ids {
        let state = states
            .iter()
            .find(|state| state.vehicle().unwrap().as_str() == id);
        let state = state.unwrap();
        let vehicle = |client: &Client| client.vehicle(VehicleId::new(id).unwrap());
        let asked = vehicle(&v2).batch::<Snapshot>().send().await.unwrap();
        let stored = vehicle(&v3).batch::<Snapshot>().send().await.unwrap();
        let delivered = state.batch::<Snapshot>().unwrap();
        let (asked, stored, delivered) = (values(asked), values(stored), values(delivered));
        assert_eq!(stored, delivered, "{id}");
        for (asked, delivered) in rounded(asked).into_iter().zip(rounded(delivered)) {
            if asked != delivered {
                assert_eq!(asked.0, Value::from(501.0), "{id}");
                hybrids.insert(id.clone());
            }
        }
        compared += everything(state, &vehicle(&v3)).await;
    }
    // The spec gives no powertrains for the endpoints of a make, so the simulator has
    // their signals for any powertrain, while v2.0's own paths are refused.
    let is_listed = |id: &String| {
        let (make, kind) = id.rsplit_once('-').unwrap();
        MAKES_WITH_CHARGING.contains(&make) && ["hev", "ice"].contains(&kind)
    };
    assert!(hybrids.iter().all(is_listed), "{hybrids:?}");
    println!(
        "{} vehicles, {compared} results of the store and of deliveries alike",
        ids.len()
    );
}

/// Compares every endpoint and signal of the store with the delivery's.
async fn everything(state: &State, vehicle: &Vehicle) -> usize {
    let paths = ENDPOINTS.iter().map(|info| info.path);
    let paths = paths.chain(SIGNALS.iter().map(|signal| signal.path));
    // A delivery does not have the connection's permissions.
    let paths: Vec<_> = paths.filter(|path| *path != "/permissions").collect();
    let stored = vehicle.batch_paths(&paths).unwrap().send().await.unwrap();
    let delivered = state.batch_paths(&paths).unwrap();
    let plain = |results: &PathResults| -> Vec<(String, String)> {
        let each = results.iter().map(|(path, outcome)| {
            let said = match outcome {
                Ok(reading) => format!("{} {:?}", reading.body, reading.meta.data_age),
                Err(error) => error.to_string(),
            };
            (path.to_owned(), said)
        });
        each.collect()
    };
    assert_eq!(plain(&stored.data), plain(&delivered.data));
    assert_eq!(stored.member_errors(), delivered.member_errors());
    paths.len()
}
