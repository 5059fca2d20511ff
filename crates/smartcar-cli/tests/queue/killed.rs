//! Four workers on one queue, one of which is killed every second.
//!
//! Invariant: every vehicle has an outcome stored, and none more often than it was
//! delivered.
//!
//! `cargo xtask soak --fleet` runs it with 2,000 vehicles and twenty seeds:
//! `SMARTCAR_SOAK_VEHICLES`, `SMARTCAR_SOAK_SEEDS`, and `SMARTCAR_SOAK_SEED` to repeat one.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rustix::process::Signal;
use smartcar_simulator::Fault;

use crate::harness::{Bench, Running};

const WORKERS: usize = 4;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is not a number: {text}"))
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_are_killed_and_every_vehicle_has_its_outcome() {
    let vehicles = usize::try_from(setting("SMARTCAR_SOAK_VEHICLES", 150)).unwrap();
    let first = setting("SMARTCAR_SOAK_SEED", 1);
    for seed in first..first + setting("SMARTCAR_SOAK_SEEDS", 1) {
        round(seed, vehicles).await;
    }
}

async fn round(seed: u64, vehicles: usize) {
    let mut random = Rng::with_seed(seed);
    let bench = Bench::new().await;
    let latency = Fault::latency(Duration::from_millis(200));
    bench.simulator.fault(latency).unwrap();
    bench.enqueue(vehicles).await;
    let start = || -> Running {
        bench.start(&["worker", "/odometer", "--until-empty", "--concurrency", "8"])
    };
    let begin = Instant::now();
    let mut workers: Vec<_> = (0..WORKERS).map(|_| start()).collect();
    let mut kills = 0;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if workers.iter_mut().all(Running::is_over) {
            break;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(600),
            "seed {seed} never ends"
        );
        // One that has ended because the queue was empty is not started again.
        let victim = random.usize(..WORKERS);
        if !workers[victim].is_over() {
            workers[victim].signal(Signal::KILL);
            kills += 1;
            workers[victim] = start();
        }
    }
    for worker in workers {
        let ended = worker.end().await;
        assert_eq!(ended.code, Some(0), "seed {seed}: {ended:?}");
    }
    let mut stored = BTreeMap::<_, usize>::new();
    for (_, object) in bench.stored("SMARTCAR_OUTCOMES").await {
        *stored.entry(object["vehicle"].to_string()).or_default() += 1;
    }
    let mut asked = BTreeMap::<_, usize>::new();
    for vehicle in bench.asked() {
        *asked.entry(format!("\"{vehicle}\"")).or_default() += 1;
    }
    let requests: usize = asked.values().sum();
    println!(
        "seed {seed}: {vehicles} vehicles, {kills} kills, {} with an outcome, {} outcomes, at \
         most {} per vehicle, {requests} requests, at most {} per vehicle, {:.0} s",
        stored.len(),
        stored.values().sum::<usize>(),
        stored.values().max().unwrap(),
        asked.values().max().unwrap(),
        begin.elapsed().as_secs_f64(),
    );
    assert_eq!(stored.len(), vehicles, "seed {seed}");
    // The message ID makes one outcome of several deliveries.
    assert!(
        stored.values().all(|&count| count == 1),
        "seed {seed}: {stored:?}"
    );
    // Each kill costs its eight jobs one request at most.
    assert!(
        requests <= vehicles + 8 * kills,
        "seed {seed}: {requests}, {kills}"
    );
    assert!(bench.stored("SMARTCAR_DEAD").await.is_empty());
}
