//! One suite for both versions of the API: for every endpoint, the façade reads the
//! same values of a vehicle at one moment through v2.0 and through version 3.
//!
//! Invariant: only the client's construction depends on the version. Every
//! difference is listed with its reason, and the list is exact: a listed difference
//! that does not occur fails too.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use smartcar_batch::{
    AccessToken, Api, Battery, Client, ENDPOINTS, EndpointInfo, ItemError, Meta, Odometer,
    PathResults, UnitSystem, UserId, Vehicle, VehicleId,
};
use smartcar_simulator::{Powertrain, SimulatedVehicle, Simulator, SimulatorBuilder};

/// Endpoints without a counterpart in version 3; there they are always
/// `Unsupported`.
const NOT_ON_V3: [&str; 8] = [
    "/ford/charge/schedule_by_location",
    "/lincoln/charge/schedule_by_location",
    "/nissan/charge/schedule",
    "/tesla/alerts",
    "/tesla/charge/schedule",
    "/tesla/migration",
    // The only member that it needs has a value only for a sleeping car.
    "/tesla/status",
    "/tesla/user/info",
];

/// The differences between the two versions: endpoint, members, and why.
const DIFFERENT: [(&str, &[&str], &str); 16] = [
    (
        "/permissions",
        &["/paging"],
        "a connection lists its permissions at once",
    ),
    (
        "/diagnostics/system_status",
        &["/systems"],
        "version 3 lists every system, v2.0 only those of its example",
    ),
    (
        "/service/history",
        &["/odometerDistance"],
        "whether imperial units apply to the odometer of a record is unknown",
    ),
    (
        "/audi/charge",
        &[
            "/chargeMode",
            "/chargePortLatch",
            "/chargeType",
            "/chargingStatus",
            "/externalPowerStatus",
        ],
        NO_SIGNAL,
    ),
    (
        "/audi/charge",
        &["/chargePortColor"],
        "version 3 uses upper case",
    ),
    ("/bmw/charge/records", &["/records/chargingType"], NO_SIGNAL),
    (
        "/mini/charge/records",
        &["/records/chargingType"],
        NO_SIGNAL,
    ),
    (
        "/tesla/attributes",
        &[
            "/driveUnit",
            "/driverAssistVersion",
            "/efficiencyPackage",
            "/performancePackage",
            "/sentryMode/available",
            "/style/exteriorTrim",
            "/style/interiorTrim",
            "/wheel/diameter",
        ],
        NO_SIGNAL,
    ),
    ("/tesla/battery", &["/percentRemainingUsable"], NO_SIGNAL),
    (
        "/tesla/charge",
        &[
            "/amperageMaxCharger",
            "/amperageMaxVehicle",
            "/chargePortLatch",
            "/rangeAddedIdeal",
            "/rangeAddedRated",
            "/socLimitDefault",
            "/socLimitMax",
            "/socLimitMin",
        ],
        NO_SIGNAL,
    ),
    (
        "/tesla/charge",
        &["/amperage", "/voltage", "/wattage"],
        "if the car does not charge, v2.0 has 0 here and an error only for the meters; \
         the signals are those of the meters",
    ),
    (
        "/tesla/charge",
        &["/chargePortColor", "/fastChargerType"],
        EXAMPLES,
    ),
    (
        "/tesla/charge",
        &["/chargePortOpen"],
        "the signal belongs to /security, where the port is open as in the example",
    ),
    (
        "/tesla/charge/records/billing",
        &["/hasMoreData"],
        "one signal contains all records",
    ),
    (
        "/tesla/charge/records/billing",
        &[
            "/records/chargeEnd",
            "/records/chargeStart",
            "/records/energyConsumed",
            "/records/location",
            "/records/recordId",
        ],
        EXAMPLES,
    ),
    (
        "/tesla/climate/steering_wheel",
        &["/status"],
        "a boolean signal has no value for an unavailable heater",
    ),
];

const NO_SIGNAL: &str = "the mapping does not have a source for it";
const EXAMPLES: &str = "the simulator uses the examples of the two specs, which differ";

/// One car of each make that has its own endpoints, and some that do not.
fn cars() -> Vec<SimulatedVehicle> {
    let of = |make: &str, powertrain| {
        let car = SimulatedVehicle::new(make.to_lowercase());
        car.make(make).powertrain(powertrain)
    };
    vec![
        of("AUDI", Powertrain::Bev),
        of("BMW", Powertrain::Phev),
        of("CADILLAC", Powertrain::Bev),
        of("CHEVROLET", Powertrain::Phev),
        of("FORD", Powertrain::Phev),
        of("LINCOLN", Powertrain::Phev),
        of("MINI", Powertrain::Bev),
        of("NISSAN", Powertrain::Bev),
        of("TESLA", Powertrain::Bev),
        of("TOYOTA", Powertrain::Hev),
        of("VOLKSWAGEN", Powertrain::Ice),
        of("KIA", Powertrain::Bev).permissions(["read_vehicle_info", "read_odometer"]),
    ]
}

/// The endpoints to request from a car: those of every make, and those of its own.
fn endpoints(car: &str) -> impl Iterator<Item = &'static EndpointInfo> {
    let car = car.to_owned();
    let is_asked = move |info: &&EndpointInfo| info.tag == "vehicle" || info.tag == car;
    ENDPOINTS.iter().filter(is_asked)
}

/// The results for all cars.
#[derive(Default)]
struct Found {
    /// Endpoints that returned a value through both versions.
    compared: BTreeSet<&'static str>,
    not_on_v3: BTreeSet<&'static str>,
    /// One sample of the two values, by endpoint and member.
    different: BTreeMap<(&'static str, String), String>,
}

impl Found {
    fn compare(
        &mut self,
        info: &'static EndpointInfo,
        v2: &PathResults,
        v3: &PathResults,
        case: &str,
    ) {
        let case = format!("{} {case}", info.path);
        match (v2.raw(info.path).unwrap(), v3.raw(info.path).unwrap()) {
            (_, Err(ItemError::Unsupported(_))) => {
                self.not_on_v3.insert(info.path);
            }
            (Ok(of_v2), Ok(of_v3)) => {
                self.compared.insert(info.path);
                // The value after the endpoint's type has read and written it.
                let typed = |body| {
                    let body = info.normalize(body).unwrap();
                    serde_json::from_str::<Value>(body.get()).unwrap()
                };
                let (one, other) = (typed(&of_v2.body), typed(&of_v3.body));
                self.values(info.path, "", (&one, &other), &case);
                same_meta(&of_v2.meta, &of_v3.meta, &case);
            }
            (Err(ItemError::Api(of_v2)), Err(ItemError::Api(of_v3))) => {
                assert_eq!(of_v2.error_type, of_v3.error_type, "{case}");
                assert_eq!(of_v2.status, of_v3.status, "{case}");
            }
            (of_v2, of_v3) => panic!("{case}: {of_v2:?} and {of_v3:?}"),
        }
    }

    /// Records where two values differ by more than the rounding of a percentage.
    fn values(&mut self, path: &'static str, at: &str, both: (&Value, &Value), case: &str) {
        let is_same = match both {
            (Value::Number(one), Value::Number(other)) => {
                let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
                (one - other).abs() <= 1e-3_f64.max(one.abs() * 1e-3)
            }
            (Value::Object(one), Value::Object(other)) => {
                let names: BTreeSet<_> = one.keys().chain(other.keys()).collect();
                for name in names {
                    // A reader treats absent and null as the same.
                    let of = |object: &serde_json::Map<String, Value>| {
                        object.get(name).cloned().unwrap_or_default()
                    };
                    let at = format!("{at}/{name}");
                    self.values(path, &at, (&of(one), &of(other)), case);
                }
                true
            }
            (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
                for both in one.iter().zip(other) {
                    self.values(path, at, both, case);
                }
                true
            }
            (one, other) => one == other || are_close(one, other),
        };
        if !is_same {
            let sample = || format!("{} and {}, {case}", both.0, both.1);
            let place = (path, at.to_owned());
            self.different.entry(place).or_insert_with(sample);
        }
    }
}

/// Whether two texts are the same moment, up to rounding: version 3 counts rounded
/// minutes from another moment.
fn are_close(one: &Value, other: &Value) -> bool {
    let moment = |text: &Value| text.as_str()?.parse::<Timestamp>().ok();
    match (moment(one), moment(other)) {
        (Some(one), Some(other)) => one.duration_since(other).unsigned_abs().as_millis() < 100,
        _ => false,
    }
}

/// Checks that both versions give the same metadata.
fn same_meta(of_v2: &Meta, of_v3: &Meta, case: &str) {
    if of_v2.unit_system.is_some() && of_v3.unit_system.is_some() {
        assert_eq!(of_v2.unit_system, of_v3.unit_system, "{case}");
    }
    if of_v2.data_age.is_some() && of_v3.data_age.is_some() {
        assert_eq!(of_v2.data_age, of_v3.data_age, "{case}");
        assert_eq!(of_v2.fetched_at, of_v3.fetched_at, "{case}");
    }
}

fn vehicle(simulator: &Simulator, api: Api, id: &str) -> Vehicle {
    let client = Client::builder()
        .api(api)
        .access_token(AccessToken::new(simulator.token()).unwrap())
        .api_origin(simulator.origin())
        .user(UserId::new(simulator.user()).unwrap())
        .build()
        .unwrap();
    client.vehicle(VehicleId::new(id).unwrap())
}

#[tokio::test]
async fn every_endpoint_reads_the_same_through_both_versions() {
    let ids: Vec<_> = cars().iter().map(|car| car.id().to_owned()).collect();
    let builder = Simulator::builder().seed(11);
    let builder = cars().into_iter().fold(builder, SimulatorBuilder::vehicle);
    let simulator = builder.start().await.unwrap();
    let mut found = Found::default();
    for hours in [0, 9, 40] {
        simulator.advance(Duration::from_secs(hours * 3600));
        for id in &ids {
            for units in [UnitSystem::Metric, UnitSystem::Imperial] {
                let case = format!("of {id} at {} in {units:?}", simulator.now());
                let ask = async |api| {
                    let vehicle = vehicle(&simulator, api, id);
                    let paths = endpoints(id).map(|info| info.path);
                    let batch = vehicle.batch_paths(paths).unwrap();
                    batch.units(units.clone()).send().await.unwrap().data
                };
                let (v2, v3) = (ask(Api::V2).await, ask(Api::V3).await);
                for info in endpoints(id) {
                    found.compare(info, &v2, &v3, &case);
                }
            }
        }
    }
    assert_eq!(found.not_on_v3, BTreeSet::from(NOT_ON_V3));
    let paths: BTreeSet<_> = ENDPOINTS.iter().map(|info| info.path).collect();
    let known: BTreeSet<_> = found.compared.union(&found.not_on_v3).copied().collect();
    assert_eq!(known, paths, "each is compared, or has no counterpart");
    let listed = DIFFERENT.iter().flat_map(|(path, members, _)| {
        let members = members.iter();
        members.map(|member| (*path, (*member).to_owned()))
    });
    let different: BTreeSet<_> = found.different.keys().cloned().collect();
    assert_eq!(different, listed.collect(), "{:#?}", found.different);
}

/// Code of a service, independent of the version.
async fn service(vehicle: &Vehicle) -> (f64, Option<f64>) {
    let (odometer, battery) = vehicle
        .batch::<(Odometer, Battery)>()
        .send()
        .await
        .unwrap()
        .data;
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
