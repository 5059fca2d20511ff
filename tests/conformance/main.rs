//! Tests the simulator against the spec alone. These checks find what is not
//! visible in a single response. Each check must also catch a simulator that is
//! broken on purpose.
//!
//! Invariant: for every check there is a broken simulator that it catches, and no
//! check fails on a correct one.
//!
//! This is a separate test binary, because `cargo xtask broken` runs it as one of
//! its judges.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

mod contract;
mod items;
mod limits;
mod origin;
mod signals;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;
use smartcar_simulator::{DEFAULT_TOKEN, Fault, Powertrain, SimulatedVehicle, Simulator};
use tokio::runtime::Runtime;
use xtask::judges::broken::{BROKEN, Broken};

use contract::Contract;
use items::{Memory, Violation};
use limits::{LIMITS, Plan};
use origin::{Case, Origin, Vehicle};

/// The second token and its permissions.
const GUEST: (&str, &[&str]) = ("guest", &["read_odometer", "read_tires", "read_charge"]);
/// Each seed is a separate run, always the same.
const SEEDS: [u8; 2] = [1, 2];
const CASES: u32 = 16;
/// The maximum number of paths in a random batch; a batch with all paths is a
/// separate case.
const MOST: usize = 12;

fn runner(seed: u8) -> TestRunner {
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    TestRunner::new_with_rng(config, rng)
}

/// Some paths in any order, without duplicates.
fn cases(contract: &Contract, vehicles: Vec<Vehicle>) -> impl Strategy<Value = Case> + use<> {
    let paths = prop::sample::subsequence(contract.paths(), 1..=MOST).prop_shuffle();
    let vehicle = prop::sample::select(vehicles);
    (vehicle, paths, prop::bool::weighted(0.3)).prop_map(|(vehicle, paths, is_guest)| Case {
        vehicle,
        paths,
        is_guest,
    })
}

/// All of these paths, with a token that has all permissions and with the guest
/// token.
fn whole(paths: &[String], vehicle: &Vehicle) -> [Case; 2] {
    [false, true].map(|is_guest| Case {
        vehicle: vehicle.clone(),
        paths: paths.to_vec(),
        is_guest,
    })
}

fn any_vehicle() -> Vehicle {
    Vehicle {
        id: "any-vehicle".to_owned(),
        kind: None,
    }
}

fn origin(simulator: &Simulator, vehicles: Vec<Vehicle>) -> Origin {
    Origin::new(simulator.origin(), DEFAULT_TOKEN, GUEST, vehicles)
}

/// Sends random batches at random times of the week.
fn is_honest(runtime: &Runtime, origin: &Origin) {
    let contract = Contract::read();
    let mut memory = Memory::default();
    for vehicle in &origin.vehicles {
        for case in whole(&contract.paths(), vehicle) {
            let found = runtime.block_on(items::check(&contract, origin, &case, &mut memory));
            assert_eq!(found, [], "all paths of {}", vehicle.id);
        }
    }
    let memory = tokio::sync::Mutex::new(memory);
    let cases = (0_u32..48, cases(&contract, origin.vehicles.clone()));
    for seed in SEEDS {
        let run = runner(seed).run(&cases, |(hours, case)| {
            let found = runtime.block_on(async {
                let later = json!({"advance_seconds": hours * 3_600});
                origin.drive("clock", &later).await;
                let mut memory = memory.lock().await;
                items::check(&contract, origin, &case, &mut memory).await
            });
            prop_assert_eq!(found, Vec::<Violation>::new());
            Ok(())
        });
        run.unwrap_or_else(|failure| panic!("seed {seed}: {failure}"));
    }
}

#[test]
fn a_vehicle_that_nobody_declared_keeps_to_the_contract() {
    let runtime = Runtime::new().unwrap();
    let simulator = runtime.block_on(start(&[]));
    is_honest(&runtime, &origin(&simulator, vec![any_vehicle()]));
}

#[test]
fn declared_vehicles_keep_to_the_contract() {
    let runtime = Runtime::new().unwrap();
    let declared = [
        ("TESLA", Powertrain::Bev),
        ("FORD", Powertrain::Ice),
        ("CHEVROLET", Powertrain::Phev),
        ("AUDI", Powertrain::Phev),
    ];
    let mut builder = Simulator::builder()
        .example_values(true)
        .token(GUEST.0, GUEST.1.iter().copied());
    let mut vehicles = Vec::new();
    for (make, powertrain) in declared {
        let vehicle = SimulatedVehicle::new(make)
            .make(make)
            .powertrain(powertrain);
        builder = builder.vehicle(vehicle);
        vehicles.push(Vehicle {
            id: make.to_owned(),
            kind: Some((make, powertrain.name())),
        });
    }
    let simulator = runtime.block_on(builder.start()).unwrap();
    is_honest(&runtime, &origin(&simulator, vehicles));
}

#[test]
fn each_limit_is_kept() {
    let runtime = Runtime::new().unwrap();
    let simulator = runtime.block_on(start(&[]));
    let origin = origin(&simulator, vec![any_vehicle()]);
    let contract = Contract::read();
    for seed in SEEDS {
        let run = runner(seed).run(&limits::plans(), |plan| {
            let found = runtime.block_on(limits::check(&contract, &origin, &plan));
            prop_assert_eq!(found, Vec::<Violation>::new());
            Ok(())
        });
        run.unwrap_or_else(|failure| panic!("seed {seed}: {failure}"));
    }
}

async fn start(faults: &[&str]) -> Simulator {
    let mut builder = Simulator::builder()
        .example_values(true)
        .token(GUEST.0, GUEST.1.iter().copied());
    for fault in faults {
        builder = builder.fault(fault.parse::<Fault>().unwrap());
    }
    builder.start().await.unwrap()
}

/// The checks that fail for a simulator, each with its first message.
async fn caught(contract: &Contract, faults: &[&str]) -> BTreeMap<&'static str, String> {
    let simulator = start(faults).await;
    let origin = origin(&simulator, vec![any_vehicle()]);
    // The faults do not affect make-specific endpoints, and there are many of
    // those.
    let mut common = contract.paths();
    common.retain(|path| contract.endpoints[path].makes.is_empty());
    let mut asked = whole(&common, &origin.vehicles[0]).to_vec();
    let mut random = runner(SEEDS[0]);
    for _ in 0..2 {
        let case = cases(contract, origin.vehicles.clone()).new_tree(&mut random);
        asked.push(case.unwrap().current());
    }
    let mut found = Vec::new();
    let mut memory = Memory::default();
    for case in &asked {
        found.extend(items::check(contract, &origin, case, &mut memory).await);
    }
    for limit in LIMITS {
        let plan = Plan {
            limit,
            most: 3,
            per_seconds: 90,
            sizes: vec![1],
        };
        found.extend(limits::check(contract, &origin, &plan).await);
    }
    // Reversed, so that each check keeps its first message.
    found.into_iter().rev().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_broken_simulator_is_caught_by_the_check_that_is_meant_for_it() {
    let contract = Arc::new(Contract::read());
    let runs = BROKEN.iter().map(|broken| {
        let contract = Arc::clone(&contract);
        tokio::spawn(async move { caught(&contract, broken.fault.as_slice()).await })
    });
    let runs: Vec<_> = runs.collect();
    let mut blind = Vec::new();
    for (Broken { name, check, .. }, run) in BROKEN.iter().zip(runs) {
        let caught = run.await.unwrap();
        println!("{name}: {caught:?}");
        if !caught.contains_key(check) {
            blind.push(format!("{name}: not {check}, but {:?}", caught.keys()));
        }
    }
    assert!(blind.is_empty(), "{blind:#?}");
    let honest = caught(&contract, &[]).await;
    assert!(honest.is_empty(), "{honest:?}");
}

#[tokio::test]
async fn version_3_keeps_to_its_contract_and_a_broken_one_is_caught() {
    let contract = signals::Contract::read();
    for faults in [vec![], vec!["reordered = true"]] {
        let simulator = start(&faults).await;
        let origin = origin(&simulator, vec![any_vehicle()]);
        let found = signals::check(&contract, &origin).await;
        assert_eq!(
            found,
            [],
            "{faults:?}: the order of signals does not matter"
        );
    }
    let mut seen = BTreeSet::new();
    for (fault, check) in signals::BROKEN {
        let simulator = start(&[fault]).await;
        let origin = origin(&simulator, vec![any_vehicle()]);
        let found = signals::check(&contract, &origin).await;
        let caught: BTreeMap<_, _> = found.into_iter().collect();
        assert!(caught.contains_key(check), "{fault}: {caught:?}");
        seen.insert(check);
    }
    assert_eq!(seen, BTreeSet::from(signals::CHECKS));
}

/// A check that no broken simulator needs could have stopped working unnoticed.
#[test]
fn every_check_has_a_broken_simulator() {
    let objections = include_str!("items.rs").split("self.object(").skip(1);
    let names = objections.map(|text| text.split('"').nth(1).unwrap());
    let there: BTreeSet<&str> = names.chain(limits::CHECKS).collect();
    let needed: BTreeSet<&str> = BROKEN.iter().map(|broken| broken.check).collect();
    assert_eq!(there, needed);
}
