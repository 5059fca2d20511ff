//! The rules of every budget.
//!
//! Invariant: on one server and on a cluster alike.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use smartcar_batch::budget::conformance::{Limits, check};
use smartcar_redis::RedisBudget;
use smartcar_tests::Engine;

use crate::harness::say;

async fn check_at(url: &str) {
    let count = AtomicUsize::new(0);
    check(async |limits: Limits| {
        let name = format!("budget {}", count.fetch_add(1, Relaxed));
        [(), ()].map(|()| {
            let mut budget = RedisBudget::connect(url).unwrap().name(&name);
            budget = budget.reserve(limits.reserve);
            if let Some(rate) = limits.per_application {
                budget = budget.per_application(rate);
            }
            if let Some(rate) = limits.per_vehicle {
                budget = budget.per_vehicle(rate);
            }
            if let Some(requests) = limits.per_vehicle_and_month {
                budget = budget.per_vehicle_and_month(requests);
            }
            budget
        })
    })
    .await;
    assert!(count.into_inner() > 10);
}

#[tokio::test]
async fn on_one_server() {
    let engine = Engine::valkey().await.unwrap();
    check_at(&engine.url()).await;
}

#[tokio::test]
async fn on_a_cluster() {
    let engine = Engine::valkey_with(&["--cluster-enabled yes"])
        .await
        .unwrap();
    say::<()>(&engine, "CLUSTER ADDSLOTSRANGE 0 16383").await;
    while !say::<String>(&engine, "CLUSTER INFO")
        .await
        .contains("cluster_state:ok")
    {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    check_at(&engine.url().replace("redis:", "redis+cluster:")).await;
}
