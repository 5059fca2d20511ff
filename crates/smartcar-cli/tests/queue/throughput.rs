//! How fast the queue is, and whether a worker grows.
//!
//! `cargo xtask soak --fleet` runs it with more jobs: `SMARTCAR_SOAK_JOBS`.

use std::fs;
use std::io::Write as _;
use std::time::{Duration, Instant};

use futures_util::stream::{self, FuturesUnordered, StreamExt};
use smartcar_batch::{AccessToken, Client, VehicleId};
use smartcar_nats::Queue;
use smartcar_tests::Engine;

use crate::harness::{Bench, Run, Running, bare, setting};
use crate::stub::Stub;

const SLOTS: usize = 64;

/// Vehicles of one round of the comparison.
const ROUND: usize = 2_000;

/// The most that a worker's memory may grow from the first third to the end.
const GROWTH: u64 = 8 * 1024 * 1024;

fn id(number: usize) -> VehicleId {
    VehicleId::new(format!("vehicle-{number}")).unwrap()
}

/// Over an API that takes 100 ms, which is fast for a vehicle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_is_nearly_as_fast_as_a_fleet_in_the_process() {
    let stub = Stub::start(Duration::from_millis(100)).await;
    let nats = Engine::nats().await.unwrap();
    let client = Client::builder()
        .access_token(AccessToken::new("any").unwrap())
        .api_origin(stub.origin())
        .build()
        .unwrap();
    let queue = Queue::connect(&nats.url()).await.unwrap();
    let fleet = client
        .fleet_paths(["/odometer"])
        .unwrap()
        .concurrency(SLOTS);
    let mut ratios = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        let entries = stream::iter((0..ROUND).map(id));
        assert_eq!(fleet.clone().run(entries).count().await, ROUND);
        let alone = start.elapsed();

        stream::iter((0..ROUND).map(id))
            .for_each_concurrent(SLOTS, |id| async {
                queue.enqueue(&id.into()).await.unwrap();
            })
            .await;
        let start = Instant::now();
        let mut outcomes = Box::pin(fleet.clone().run(queue.jobs(SLOTS)));
        let mut finishing = FuturesUnordered::new();
        let mut done = 0;
        while done < ROUND {
            tokio::select! {
                Some(outcome) = outcomes.next() => finishing.push(queue.finish(outcome)),
                Some(_) = finishing.next() => done += 1,
            }
        }
        let queued = start.elapsed();
        let rate = |took: Duration| (ROUND as f64 / took.as_secs_f64()).round();
        ratios.push(alone.as_secs_f64() / queued.as_secs_f64());
        println!(
            "in the process {}/s, from the queue {}/s",
            rate(alone),
            rate(queued)
        );
    }
    ratios.sort_by(f64::total_cmp);
    println!("ratios {ratios:.2?}");
    // The median: the machine may be busy with something else for a while.
    assert!(ratios[2] >= 0.8, "{ratios:.2?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_jobs_are_enqueued_and_drained_and_the_worker_does_not_grow() {
    let jobs = usize::try_from(setting("SMARTCAR_SOAK_JOBS", 3_000)).unwrap();
    let stub = Stub::start(Duration::ZERO).await;
    let bench = Bench::new().await;
    let ids = bench.file("ids", "");
    let mut file = std::io::BufWriter::new(fs::File::create(&ids).unwrap());
    for number in 0..jobs {
        writeln!(file, "{}", id(number)).unwrap();
    }
    file.into_inner().unwrap();
    let start = Instant::now();
    let enqueued = bench.run(&["enqueue", "--ids", &ids]).await;
    assert_eq!(enqueued.code, Some(0), "{enqueued:?}");
    let enqueuing = start.elapsed();

    let start = Instant::now();
    let mut command = bare(&[
        "worker",
        "/odometer",
        "--until-empty",
        "--concurrency",
        "64",
    ]);
    command
        .env("SMARTCAR_NATS_URL", bench.nats.url())
        .env("SMARTCAR_ACCESS_TOKEN", "any")
        .env("SMARTCAR_API_ORIGIN", stub.origin());
    let mut worker = Running::start(command);
    let mut sizes = Vec::new();
    while !worker.is_over() {
        if let Some(bytes) = worker.resident() {
            sizes.push((stub.count(), bytes));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let draining = start.elapsed();
    let ended: Run = worker.end().await;
    let line = format!("asked {jobs}, stored {jobs}, waiting 0, dead 0");
    assert!(ended.last_line().starts_with(&line), "{ended:?}");
    assert_eq!(stub.count(), jobs);
    let third = sizes
        .iter()
        .find(|(count, _)| *count >= jobs / 3)
        .unwrap()
        .1;
    let most = sizes.iter().map(|(_, bytes)| *bytes).max().unwrap();
    let rate = |took: Duration| (jobs as f64 / took.as_secs_f64()).round();
    println!(
        "{jobs} jobs: enqueued at {}/s, drained at {}/s; the worker has {} KiB after a third and \
         {} KiB at most",
        rate(enqueuing),
        rate(draining),
        third / 1024,
        most / 1024,
    );
    assert!(most < third + GROWTH, "{third} {most}");
}
