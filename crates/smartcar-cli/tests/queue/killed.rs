//! Four workers on one queue and one budget, one of which is killed every second.
//!
//! Invariant: every vehicle has an outcome stored, and none more often than it was
//! delivered. The API gets no more requests than the budget granted.
//!
//! `cargo xtask soak --fleet` runs it with 2,000 vehicles and twenty seeds:
//! `SMARTCAR_SOAK_VEHICLES`, `SMARTCAR_SOAK_SEEDS`, and `SMARTCAR_SOAK_SEED` to repeat one.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rustix::process::Signal;
use smartcar_redis::RedisBudget;
use smartcar_simulator::Fault;
use smartcar_tests::Engine;

use crate::harness::{Bench, Running, setting};

const WORKERS: usize = 4;
const SLOTS: usize = 8;

/// The budget's rate: the burst is one second's worth.
const PER_MINUTE: u64 = 6_000;
const PER_SECOND: u64 = PER_MINUTE / 60;

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
    let valkey = Engine::valkey().await.unwrap();
    let budget = RedisBudget::connect(&valkey.url()).unwrap();
    let granted = async || budget.status().await.unwrap().month.used;
    let latency = Fault::latency(Duration::from_millis(200));
    bench.simulator.fault(latency).unwrap();
    bench.enqueue(vehicles).await;
    let (url, rate, slots) = (valkey.url(), PER_MINUTE.to_string(), SLOTS.to_string());
    // The month's limit is never reached. With it, the budget counts what it grants.
    let arguments = [
        "worker",
        "/odometer",
        "--until-empty",
        "--concurrency",
        &slots,
        "--budget",
        &url,
        "--per-minute",
        &rate,
        "--per-vehicle-month",
        "1000",
    ];
    let start = || bench.start(&arguments);
    let begin = Instant::now();
    let mut workers: Vec<_> = (0..WORKERS).map(|_| start()).collect();
    let mut kills = 0;
    // What was granted at which time.
    let mut grants = vec![(begin, 0)];
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        grants.push((Instant::now(), granted().await));
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
    let (requests, granted) = (bench.simulator.request_count(), granted().await);
    // The most in a window, in parts of what its length allows.
    let mut fullest: f64 = 0.0;
    for (place, (from, before)) in grants.iter().enumerate() {
        for (to, after) in &grants[place + 1..] {
            // Half a second for the two look-ups, which take a moment each.
            let seconds = (*to - *from).as_secs_f64() + 0.5;
            let allowed = PER_SECOND as f64 * (1.0 + seconds);
            fullest = fullest.max((after - before) as f64 / allowed);
        }
    }
    println!(
        "seed {seed}: {vehicles} vehicles, {kills} kills; outcomes: {} of {} vehicles, at most {} \
         per vehicle; {granted} requests granted, {requests} seen; the fullest window had {:.0} % \
         of its limit; {:.0} s",
        stored.values().sum::<usize>(),
        stored.len(),
        stored.values().max().unwrap(),
        fullest * 100.0,
        begin.elapsed().as_secs_f64(),
    );
    assert_eq!(stored.len(), vehicles, "seed {seed}");
    // The message ID makes one outcome of several deliveries.
    assert!(
        stored.values().all(|&count| count == 1),
        "seed {seed}: {stored:?}"
    );
    assert!(u64::try_from(requests).unwrap() <= granted, "seed {seed}");
    assert!(fullest <= 1.0, "seed {seed}: {grants:?}");
    // Each kill costs its jobs one request at most.
    assert!(requests <= vehicles + SLOTS * kills, "seed {seed}");
    assert!(
        bench.stored("SMARTCAR_DEAD").await.is_empty(),
        "seed {seed}"
    );
}
