//! Vehicles that have to wait.

use std::time::Duration;

use futures_util::stream::StreamExt;
use serde_json::Value;
use smartcar_batch::{
    AccessToken, BudgetDenied, BudgetFuture, BudgetKey, BudgetRequest, Client, Grant, RateBudget,
    ServerLimit,
};
use smartcar_nats::{Depth, Enqueued, Finished};
use smartcar_simulator::Fault;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use tokio::time::Instant;

use crate::harness::{Bench, eventually, vehicle, work};

/// The vehicle must wait this long.
fn limited(number: usize, seconds: u64) -> Fault {
    Fault::error("RATE_LIMIT", Some("VEHICLE"))
        .on_vehicle(format!("vehicle-{number}"))
        .header("Retry-After", seconds.to_string())
}

#[tokio::test]
async fn a_wait_of_an_hour_for_half_of_the_vehicles_slows_nobody() {
    // `SMARTCAR_SOAK_VEHICLES=4000` for as many as a fleet may have.
    let all = std::env::var("SMARTCAR_SOAK_VEHICLES").map_or(400, |it| it.parse().unwrap());
    let bench = Bench::new().await;
    // The first half must wait: with a place held for each, nothing else would come.
    for number in 0..all / 2 {
        bench.simulator.fault(limited(number, 3600)).unwrap();
    }
    bench.enqueue(all).await;
    let start = Instant::now();
    let finished = bench.work(16).await;
    let took = start.elapsed();
    let mut counts = (0, 0);
    for one in finished {
        match one {
            Finished::Stored { .. } => counts.0 += 1,
            Finished::Scheduled { .. } => counts.1 += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(counts, (all / 2, all / 2));
    assert!(took < Duration::from_secs(30), "{took:?}");
    let half = u64::try_from(all / 2).unwrap();
    let depth = bench.queue.depth().await.unwrap();
    assert_eq!((depth.ready, depth.under_way, depth.waiting), (0, 0, half));
    assert_eq!(bench.outcomes().await.len(), all / 2);
    // One that waits is left alone, and can be removed with its schedule.
    let waits = bench.queue.enqueue(&vehicle(7)).await.unwrap();
    assert_eq!(waits, Enqueued::Waiting);
    assert!(bench.queue.remove(vehicle(7).id()).await.unwrap());
    assert!(!bench.queue.remove(vehicle(7).id()).await.unwrap());
    assert_eq!(bench.queue.depth().await.unwrap().waiting, half - 1);
    assert_eq!(
        bench.queue.enqueue(&vehicle(7)).await.unwrap(),
        Enqueued::Added
    );
}

#[tokio::test]
async fn those_that_wait_come_back_at_their_time() {
    let bench = Bench::new().await;
    // Longer than a vehicle may hold a slot.
    for number in 0..5 {
        bench.simulator.fault(limited(number, 12).times(1)).unwrap();
    }
    bench.enqueue(10).await;
    let start = Instant::now();
    let finished = bench.work(4).await;
    assert_eq!(finished.len(), 10);
    assert_eq!(bench.outcomes().await.len(), 5);
    assert!(start.elapsed() < Duration::from_secs(12));
    let finished = work(&bench.queue, &bench.client, 4, |depth| {
        depth.is_empty() && depth.waiting == 0
    })
    .await;
    assert_eq!(finished.len(), 5);
    let took = start.elapsed();
    assert!(
        took >= Duration::from_secs(12) && took < Duration::from_secs(40),
        "{took:?}"
    );
    assert_eq!(bench.outcomes().await.len(), 10);
    for (vehicle, times) in bench.asked() {
        let number: usize = vehicle.trim_start_matches("vehicle-").parse().unwrap();
        assert_eq!(times, 1 + usize::from(number < 5), "{vehicle}");
    }
}

#[tokio::test]
async fn every_polls_again_and_a_removed_vehicle_does_not_come_back() {
    let mut bench = Bench::new().await;
    bench.queue = bench.queue.every(Duration::from_millis(1500));
    bench.enqueue(2).await;
    let removed = Arc::new(AtomicBool::new(false));
    let fleet = bench.client.fleet_paths(["/odometer"]).unwrap();
    let mut outcomes = Box::pin(fleet.run(bench.queue.jobs(2)));
    let start = Instant::now();
    let mut polls = [Vec::new(), Vec::new()];
    while start.elapsed() < Duration::from_secs(8) {
        let next = tokio::time::timeout(Duration::from_millis(200), outcomes.next()).await;
        let Ok(Some(outcome)) = next else { continue };
        let is_first = outcome.vehicle == *vehicle(0).id();
        polls[usize::from(!is_first)].push(start.elapsed());
        if is_first && polls[0].len() == 2 && !removed.swap(true, SeqCst) {
            // While it is under way: its outcome is stored, and that was all.
            assert!(bench.queue.remove(vehicle(0).id()).await.unwrap());
            let finished = bench.queue.finish(outcome).await;
            assert!(
                matches!(finished, Finished::Stored { next: None, .. }),
                "{finished:?}"
            );
            continue;
        }
        let finished = bench.queue.finish(outcome).await;
        assert!(
            matches!(finished, Finished::Stored { next: Some(_), .. }),
            "{finished:?}"
        );
    }
    assert_eq!(polls[0].len(), 2, "{polls:?}");
    assert!(polls[1].len() >= 3, "{polls:?}");
    for pair in polls[1].windows(2) {
        assert!(
            pair[1] >= pair[0] + Duration::from_millis(1500),
            "{polls:?}"
        );
    }
    assert_eq!(bench.queue.depth().await.unwrap().waiting, 1);
}

#[tokio::test]
async fn a_failure_without_a_time_is_scheduled_with_its_count() {
    let bench = Bench::new().await;
    bench.simulator.fault(Fault::html(502)).unwrap();
    bench.enqueue(1).await;
    let finished = bench.work(1).await;
    let [Finished::Scheduled { at }] = finished[..] else {
        panic!("{finished:?}");
    };
    let wait = at
        .duration_since(smartcar_batch::jiff::Timestamp::now())
        .as_secs();
    assert!((55..=60).contains(&wait), "{wait}");
    let waiting = crate::harness::stored(&bench.nats.url(), "SMARTCAR_VEHICLES").await;
    assert_eq!(waiting[0].subject, "smartcar.schedules.vehicle-0");
    let job = serde_json::json!({"vehicle": "vehicle-0", "user": Value::Null, "retries": 1});
    assert_eq!(waiting[0].object, job);
}

/// A budget whose store is away at first.
#[derive(Debug, Default)]
struct Away {
    denied: AtomicUsize,
}

impl RateBudget for Away {
    fn acquire<'a>(
        &'a self,
        _: BudgetRequest<'a>,
    ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
        let is_away = self.denied.fetch_add(1, SeqCst) < 12;
        Box::pin(async move {
            if is_away {
                return Err(BudgetDenied::Unavailable);
            }
            Ok(Grant::new(0))
        })
    }

    fn observe<'a>(&'a self, _: &'a BudgetKey, _: ServerLimit) -> BudgetFuture<'a, ()> {
        Box::pin(async {})
    }
}

#[tokio::test]
async fn a_budget_that_is_away_is_waited_out_and_costs_nobody_anything() {
    let bench = Bench::new().await;
    let budget = Arc::new(Away::default());
    let client = Client::builder()
        .access_token(AccessToken::new(bench.simulator.token()).unwrap())
        .api_origin(bench.simulator.origin())
        .budget(Arc::clone(&budget))
        .build()
        .unwrap();
    bench.enqueue(8).await;
    let finished = work(&bench.queue, &client, 4, Depth::is_empty).await;
    let is_stored = |one: &&Finished| matches!(one, Finished::Stored { .. });
    assert_eq!(finished.iter().filter(is_stored).count(), 8);
    assert_eq!(finished.len(), 8 + 12, "twelve were given back");
    assert_eq!(bench.outcomes().await.len(), 8);
    assert!(bench.dead().await.is_empty());
    assert!(bench.asked().values().all(|&times| times == 1));
}

#[tokio::test]
async fn a_refused_token_stops_the_queue_and_costs_nobody_anything() {
    let bench = Bench::new().await;
    let client = Client::builder()
        .access_token(AccessToken::new("wrong").unwrap())
        .api_origin(bench.simulator.origin())
        .build()
        .unwrap();
    bench.enqueue(3).await;
    let fleet = client.fleet_paths(["/odometer"]).unwrap();
    let mut outcomes = Box::pin(fleet.run(bench.queue.jobs(1)));
    while let Some(outcome) = outcomes.next().await {
        let finished = bench.queue.finish(outcome).await;
        assert!(matches!(finished, Finished::Refused { .. }), "{finished:?}");
    }
    drop(outcomes);
    bench.queue.clone().close().await;
    assert!(bench.dead().await.is_empty() && bench.outcomes().await.is_empty());
    let depth = async || bench.queue.depth().await.unwrap();
    eventually("nothing is lost", async || {
        let depth = depth().await;
        depth.ready + depth.under_way == 3
    })
    .await;
}
