//! Several processes that spend one limit.
//!
//! Invariant: they start this test again with the URL of the store, and share nothing else.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use smartcar_batch::BudgetKey::Application;
use smartcar_batch::{BudgetDenied, Rate};
use smartcar_redis::RedisBudget;
use smartcar_tests::Engine;

use crate::harness::{car, take, units};

const THIS_TEST: &str = "processes::four_processes_get_exactly_the_burst";
const STORE: &str = "SMARTCAR_TEST_STORE";
const PROCESSES: usize = 4;
const TASKS: usize = 10;
const ACQUIRES_PER_TASK: usize = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_get_exactly_the_burst() {
    if let Ok(url) = std::env::var(STORE) {
        println!("granted {}", spend(&url).await);
        return;
    }
    let engine = Engine::valkey().await.unwrap();
    let start = Instant::now();
    let children: Vec<_> = (0..PROCESSES)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args([THIS_TEST, "--exact", "--nocapture"])
                .env(STORE, engine.url())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut granted = Vec::new();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let mut counts = text
            .lines()
            .filter_map(|line| line.strip_prefix("granted "));
        granted.push(counts.next().unwrap().parse::<usize>().unwrap());
    }
    let elapsed = start.elapsed();
    let acquires = PROCESSES * TASKS * ACQUIRES_PER_TASK;
    println!("{acquires} acquires by {PROCESSES} processes in {elapsed:?}, granted {granted:?}");
    assert_eq!(acquires, 20_000);
    assert!(
        elapsed < Duration::from_secs(30),
        "the next unit is due after 36 s"
    );
    assert_eq!(granted.iter().sum::<usize>(), 100);
}

/// The number of granted units.
async fn spend(url: &str) -> usize {
    let rate = Rate::new(units(100), Duration::from_secs(36));
    let budget = RedisBudget::connect(url).unwrap().per_application(rate);
    let budget = std::sync::Arc::new(budget);
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let budget = std::sync::Arc::clone(&budget);
            tokio::spawn(async move {
                let keys = [car(&format!("car-{task}")), Application];
                let mut granted = 0;
                for _ in 0..ACQUIRES_PER_TASK {
                    match take(&budget, &keys, 1).await {
                        Ok(_) => granted += 1,
                        Err(BudgetDenied::ApplicationRetryAt(_)) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
                granted
            })
        })
        .collect();
    let mut granted = 0;
    for task in tasks {
        granted += task.await.unwrap();
    }
    granted
}
