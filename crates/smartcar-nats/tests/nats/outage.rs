//! NATS is killed and started again.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use smartcar_nats::Finished;
use smartcar_simulator::Fault;
use tokio::time::{interval, sleep};

use crate::harness::Bench;

const ALL: usize = 600;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_is_killed_three_times_and_nothing_is_lost() {
    let mut bench = Bench::new().await;
    bench
        .simulator
        .fault(Fault::latency(Duration::from_millis(100)))
        .unwrap();
    bench.enqueue(ALL).await;
    let (queue, client) = (bench.queue.clone(), bench.client.clone());
    let worker = tokio::spawn(async move {
        let fleet = client.fleet_paths(["/odometer"]).unwrap().concurrency(16);
        let mut outcomes = Box::pin(fleet.run(queue.jobs(16)));
        let mut finishing = FuturesUnordered::new();
        let mut stored = 0;
        let mut look = interval(Duration::from_millis(100));
        loop {
            tokio::select! {
                Some(outcome) = outcomes.next() => finishing.push(queue.finish(outcome)),
                Some(finished) = finishing.next() => match finished {
                    Finished::Stored { .. } => stored += 1,
                    other => panic!("{other:?}"),
                },
                _ = look.tick() => {
                    let depth = queue.depth().await;
                    if depth.is_ok_and(smartcar_nats::Depth::is_empty) && finishing.is_empty() {
                        return stored;
                    }
                }
            }
        }
    });
    for _ in 0..3 {
        sleep(Duration::from_millis(700)).await;
        bench.nats.kill();
        sleep(Duration::from_millis(500)).await;
        bench.nats.restart().await.unwrap();
    }
    let stored = worker.await.unwrap();
    let outcomes = bench.outcomes().await;
    let mut by_vehicle = BTreeMap::<_, usize>::new();
    for outcome in &outcomes {
        *by_vehicle
            .entry(outcome.object["vehicle"].to_string())
            .or_default() += 1;
    }
    println!(
        "{ALL} vehicles, {stored} finished, {} stored, {} requests",
        outcomes.len(),
        bench.asked().values().sum::<usize>(),
    );
    // Nothing was acknowledged that was not stored, and duplicates were recognised.
    assert_eq!(by_vehicle.len(), ALL);
    assert!(
        by_vehicle.values().all(|&count| count == 1),
        "{by_vehicle:?}"
    );
    assert!(bench.dead().await.is_empty());
}
