//! A worker that is asked to stop.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use smartcar_simulator::Fault;

use crate::harness::{Bench, eventually};

const SLOTS: usize = 64;

#[tokio::test]
async fn all_requests_under_way_finish_within_the_drain_time() {
    let bench = Bench::new().await;
    let latency = Fault::latency(Duration::from_secs(3));
    bench.simulator.fault(latency).unwrap();
    bench.enqueue(200).await;
    let worker = bench.start(&["worker", "/odometer", "--concurrency", "64"]);
    eventually("64 requests", || bench.asked().len() >= SLOTS).await;
    worker.signal(Signal::TERM);
    let start = Instant::now();
    let ended = worker.end().await;
    println!("{:?}: {}", start.elapsed(), ended.last_line());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(start.elapsed() < Duration::from_secs(30));
    let asked = bench.asked().len();
    let line = format!("asked {asked}, stored {asked}, waiting 0, dead 0, budget left unlimited");
    assert_eq!(ended.last_line(), line);
    assert_eq!(bench.stored("SMARTCAR_OUTCOMES").await.len(), asked);
    assert!(asked < 200, "no new ones were taken");
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_given_back() {
    let bench = Bench::new().await;
    let latency = Fault::latency(Duration::from_secs(120));
    let fault = bench.simulator.fault(latency).unwrap();
    bench.enqueue(SLOTS).await;
    let arguments = ["worker", "/odometer", "--concurrency", "64", "--drain", "1"];
    let worker = bench.start(&arguments);
    eventually("64 requests", || bench.asked().len() == SLOTS).await;
    worker.signal(Signal::TERM);
    let start = Instant::now();
    let ended = worker.end().await;
    let took = start.elapsed();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        took >= Duration::from_secs(1) && took < Duration::from_secs(10),
        "{took:?}"
    );
    let line = "asked 0, stored 0, waiting 0, dead 0, budget left unlimited; 64 given back";
    assert_eq!(ended.last_line(), line);

    // A second signal does not wait for the drain.
    let worker = bench.start(&["worker", "/odometer", "--concurrency", "64"]);
    eventually("64 requests", || bench.asked().len() == 2 * SLOTS).await;
    worker.signal(Signal::TERM);
    tokio::time::sleep(Duration::from_millis(300)).await;
    worker.signal(Signal::TERM);
    let start = Instant::now();
    let ended = worker.end().await;
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert!(start.elapsed() < Duration::from_secs(6));

    // Nobody waits for the ack wait of 30 s.
    bench.simulator.clear_fault(fault);
    let start = Instant::now();
    let worked = bench.run(&["worker", "/odometer", "--until-empty"]).await;
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
    assert!(
        worked.last_line().starts_with("asked 64, stored 64"),
        "{worked:?}"
    );
    assert_eq!(bench.stored("SMARTCAR_OUTCOMES").await.len(), SLOTS);
}
