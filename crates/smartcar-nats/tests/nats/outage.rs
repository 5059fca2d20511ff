//! NATS is killed and started again.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use smartcar_nats::Finished;
use smartcar_simulator::Fault;
use tokio::time::{interval, sleep, timeout};

use crate::harness::{Bench, deliveries, with_short_ack_wait};

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

#[tokio::test]
async fn a_job_that_is_held_over_an_outage_is_not_asked_again() {
    let (nats, queue) = with_short_ack_wait().await;
    let mut bench = Bench::of(nats, queue).await;
    bench.enqueue(1).await;
    let mut jobs = Box::pin(bench.queue.jobs(4));
    let (_, ticket) = jobs.next().await.unwrap();
    bench.nats.kill();
    // Longer than the ack wait: the server delivers it again.
    sleep(Duration::from_secs(3)).await;
    bench.nats.restart().await.unwrap();
    let delivered_again = async {
        while deliveries(&bench.nats.url()).await < 2 {
            sleep(Duration::from_millis(100)).await;
        }
        // The delivery reaches the queue.
        sleep(Duration::from_secs(1)).await;
    };
    tokio::select! {
        again = jobs.next() => panic!("{again:?}"),
        done = timeout(Duration::from_secs(60), delivered_again) => done.unwrap(),
    }
    // It is acknowledged where the last delivery wants it.
    drop(ticket);
    let (_, ticket) = jobs.next().await.unwrap();
    assert!(ticket.deliveries() >= 3, "{}", ticket.deliveries());
}
