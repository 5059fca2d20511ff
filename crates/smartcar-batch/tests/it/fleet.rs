//! A fleet against the simulator, over sockets.
//!
//! Invariant: whatever fails, each vehicle has exactly one outcome.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use smartcar_batch::VehicleMode;
use smartcar_batch::{
    AccessToken, Api, Client, ClientBuilder, ErrorKind, FleetOutcome, Fuel, Location, Odometer,
    Permissions, RetryPolicy, UserId, VehicleId,
};
use smartcar_simulator::{Fault, SimulatedVehicle, Simulator, SimulatorBuilder};

const VEHICLES: usize = 10_000;

fn builder_of(simulator: &Simulator) -> ClientBuilder {
    let millis = Duration::from_millis;
    Client::builder()
        .access_token(AccessToken::new(simulator.token()).unwrap())
        .api_origin(simulator.origin())
        .retry(RetryPolicy::standard().backoff(millis(1), millis(1), millis(5)))
}

fn client(simulator: &Simulator) -> Client {
    builder_of(simulator).build().unwrap()
}

fn id(number: usize) -> VehicleId {
    VehicleId::new(format!("vehicle-{number}")).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_vehicles_with_random_faults_have_one_outcome_each() {
    let simulator = Simulator::builder().example_values(true);
    let simulator = simulator.start().await.unwrap();
    let busy = Fault::item_error("/fuel", "UPSTREAM", Some("NO_RESPONSE"));
    // Five percent of the requests fail, in every way.
    for (seed, fault) in [
        Fault::reset(),
        Fault::truncated(40),
        Fault::html(502),
        busy,
        Fault::item_error("/location", "PERMISSION", None),
    ]
    .into_iter()
    .enumerate()
    {
        let seed = u64::try_from(seed).unwrap();
        simulator.fault(fault.with_probability(0.01, seed)).unwrap();
    }
    let client = client(&simulator);
    let fleet = client.fleet::<(Odometer, Fuel, Location)>();
    let mut outcomes = fleet
        .concurrency(64)
        .run(stream::iter((0..VEHICLES).map(id)));
    let mut left: HashSet<_> = (0..VEHICLES).map(id).collect();
    let (mut repeated, mut failed, mut incomplete) = (0, 0, 0);
    while let Some(outcome) = outcomes.next().await {
        assert!(left.remove(&outcome.vehicle), "a second outcome");
        match outcome.result {
            Ok(answered) => {
                assert!(answered.data.0.is_ok());
                repeated += usize::from(answered.attempts > 1);
                incomplete += usize::from(!answered.all_ok());
            }
            Err(error) => {
                assert!(matches!(
                    error.kind(),
                    ErrorKind::Transport | ErrorKind::Api
                ));
                failed += 1;
            }
        }
    }
    assert!(left.is_empty(), "{} without an outcome", left.len());
    // Around 400 are retried, 100 keep an item with a final error, and a few are lost
    // twice.
    assert!((200..=600).contains(&repeated), "{repeated} repeated");
    assert!((50..=200).contains(&incomplete), "{incomplete} incomplete");
    assert!(failed <= 50, "{failed} failed");
}

#[tokio::test]
async fn the_accounts_vehicles_go_through_a_fleet_on_both_versions() {
    for (api, list) in [(Api::V2, "/v2.0/vehicles?"), (Api::V3, "/v3/connections?")] {
        // Two pages.
        let cars = (0..60).map(|number| SimulatedVehicle::new(format!("car-{number}")));
        let builder = cars.fold(Simulator::builder(), SimulatorBuilder::vehicle);
        let simulator = builder.start().await.unwrap();
        simulator.fault(Fault::html(503).times(1)).unwrap();
        let client = builder_of(&simulator).api(api).build().unwrap();
        let vehicles: Vec<_> = client.vehicles().try_collect().await.unwrap();
        assert_eq!(vehicles.len(), 60);
        let user = (api == Api::V3).then(|| simulator.user());
        for vehicle in &vehicles {
            assert_eq!(vehicle.user().map(UserId::as_str), user);
        }
        let requests = simulator.requests();
        assert_eq!(requests.len(), 3);
        for request in &requests {
            assert!(request.path.starts_with(list), "{}", request.path);
        }
        let fleet = client.fleet::<(Odometer,)>().concurrency(8);
        let outcomes: Vec<_> = fleet.run(stream::iter(vehicles.clone())).collect().await;
        let asked: HashSet<_> = outcomes.iter().map(FleetOutcome::fleet_vehicle).collect();
        assert_eq!(asked, vehicles.into_iter().collect());
        for outcome in &outcomes {
            assert!(outcome.result.as_ref().unwrap().all_ok());
        }
        assert_eq!(simulator.requests().len(), 3 + 60);
    }
}

#[tokio::test]
async fn version_3_lists_the_vehicles_of_the_clients_user() {
    let simulator = Simulator::start().await.unwrap();
    let listed = async |user: &str| {
        let builder = builder_of(&simulator).api(Api::V3);
        let client = builder.user(UserId::new(user).unwrap()).build().unwrap();
        let vehicles: Vec<_> = client.vehicles().try_collect().await.unwrap();
        vehicles.len()
    };
    assert_eq!(listed(simulator.user()).await, simulator.vehicles().len());
    assert_eq!(listed("somebody-else").await, 0);
}

#[tokio::test]
async fn version_3_looks_for_simulated_vehicles_where_it_is_told_to() {
    let simulator = Simulator::start().await.unwrap();
    let builder = builder_of(&simulator).api(Api::V3);
    let client = builder.vehicle_mode(VehicleMode::Simulated);
    let client = client.build().unwrap();
    // The simulator's vehicles claim to be real.
    assert!(client.vehicles().next().await.is_none());
    let vehicle = client.vehicle(id(1)).get::<Permissions>().send().await;
    assert_eq!(vehicle.unwrap_err().item_path(), Some("/permissions"));
    for request in simulator.requests() {
        let path = request.path.replace("%5B", "[").replace("%5D", "]");
        assert!(path.contains("filter[vehicle.mode]=simulated"), "{path}");
    }
}

#[tokio::test]
async fn a_vehicle_with_a_long_retry_after_comes_back_with_a_moment() {
    let simulator = Simulator::start().await.unwrap();
    let limit = Fault::error("RATE_LIMIT", Some("VEHICLE")).header("retry-after", "120");
    simulator.fault(limit.on_vehicle("vehicle-1")).unwrap();
    let client = client(&simulator);
    let fleet = client.fleet::<(Odometer,)>().concurrency(2);
    let outcomes: Vec<_> = fleet.run(stream::iter((0..4).map(id))).collect().await;
    assert_eq!(outcomes.len(), 4);
    for outcome in outcomes {
        let must_wait = outcome.vehicle == id(1);
        assert_eq!(outcome.retry_at().is_some(), must_wait);
        assert_eq!(outcome.result.is_err(), must_wait);
    }
}
