//! Tickets that are dropped, and jobs that take long.

use std::time::Duration;

use futures_util::stream::StreamExt;
use smartcar_nats::{Finished, Queue};
use smartcar_simulator::Fault;
use tokio::time::{Instant, timeout};

use crate::harness::{Bench, eventually, vehicle, with_short_ack_wait};

#[tokio::test]
async fn a_ticket_that_is_dropped_gives_its_job_back_at_once() {
    let bench = Bench::new().await;
    bench.enqueue(1).await;
    let mut jobs = Box::pin(bench.queue.jobs(1));
    for deliveries in 1..=3 {
        let start = Instant::now();
        let (found, ticket) = jobs.next().await.unwrap();
        assert_eq!((found, ticket.deliveries()), (vehicle(0), deliveries));
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "without an ack wait"
        );
        drop(ticket);
    }
    // Tickets in other hands too: the stream of outcomes is dropped half-way.
    bench
        .simulator
        .fault(Fault::latency(Duration::from_secs(60)))
        .unwrap();
    let fleet = bench.client.fleet_paths(["/odometer"]).unwrap();
    let outcomes = fleet.run(jobs);
    let run = timeout(Duration::from_secs(2), outcomes.collect::<Vec<_>>());
    assert!(run.await.is_err());
    let mut jobs = Box::pin(bench.queue.jobs(1));
    let start = Instant::now();
    let (_, ticket) = jobs.next().await.unwrap();
    assert_eq!(ticket.deliveries(), 5);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn never_more_jobs_are_fetched_than_slots_are_free() {
    let bench = Bench::new().await;
    bench.enqueue(50).await;
    let mut jobs = Box::pin(bench.queue.jobs(4));
    let mut tickets = Vec::new();
    for _ in 0..4 {
        tickets.push(jobs.next().await.unwrap().1);
    }
    // No fifth one, even if the stream is polled.
    assert!(
        timeout(Duration::from_millis(500), jobs.next())
            .await
            .is_err()
    );
    assert_eq!(bench.queue.depth().await.unwrap().under_way, 4);
    tickets.truncate(2);
    let mut next = Vec::new();
    for _ in 0..2 {
        next.push(jobs.next().await.unwrap().1);
    }
    assert!(
        timeout(Duration::from_millis(500), jobs.next())
            .await
            .is_err()
    );
    // A stopped queue yields nothing more, and everything goes back.
    bench.queue.stop();
    assert!(jobs.next().await.is_none());
    drop((tickets, next, jobs));
    bench.queue.clone().close().await;
    let mut all = Box::pin(Queue::connect(&bench.nats.url()).await.unwrap().jobs(50));
    let start = Instant::now();
    let mut taken = Vec::new();
    while taken.len() < 50 {
        taken.push(all.next().await.unwrap());
    }
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "without an ack wait"
    );
}

#[tokio::test]
async fn a_job_that_takes_longer_than_the_ack_wait_stays_in_progress() {
    let (nats, queue) = with_short_ack_wait().await;
    let bench = Bench::of(nats, queue).await;
    bench
        .simulator
        .fault(Fault::latency(Duration::from_secs(5)))
        .unwrap();
    bench.enqueue(2).await;
    let finished = bench.work(2).await;
    assert_eq!(finished.len(), 2);
    assert_eq!(
        bench.asked().values().sum::<usize>(),
        2,
        "each was asked once"
    );

    // A worker that stops without a word loses its jobs after the ack wait.
    bench.simulator.clear_faults();
    bench.enqueue(1).await;
    let other = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let url = bench.nats.url();
    let taken = other.spawn(async move {
        let queue = Queue::connect(&url).await.unwrap();
        let job = Box::pin(queue.jobs(1)).next().await.unwrap();
        // Neither given back nor kept: the runtime ends first.
        std::mem::forget(job);
        std::mem::forget(queue);
    });
    taken.await.unwrap();
    other.shutdown_background();
    let finished = bench.work(2).await;
    assert!(matches!(finished[..], [Finished::Stored { .. }]));
    eventually("three outcomes", async || bench.outcomes().await.len() == 3).await;
}
