//! Rate budgets as a client uses them: many tasks at once, through the trait.
//!
//! Invariant: however the tasks interleave, exactly as many units are granted as the
//! rates allow.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use smartcar_batch::{
    BudgetDenied, BudgetKey, BudgetRequest, InProcessBudget, Rate, RateBudget, ServerLimit,
    VehicleId,
};
use tokio::task::JoinSet;

const TASKS: u32 = 1000;

fn vehicle(id: &str) -> BudgetKey {
    BudgetKey::Vehicle(VehicleId::new(id).unwrap())
}

fn units(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

/// The number of granted requests when this many tasks ask at once.
async fn admitted(budget: &Arc<dyn RateBudget>, keys: &[BudgetKey], cost: u32) -> u32 {
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (budget, keys) = (Arc::clone(budget), keys.to_vec());
        tasks.spawn(async move {
            tokio::task::yield_now().await;
            u32::from(
                budget
                    .acquire(BudgetRequest::new(&keys, units(cost)))
                    .await
                    .is_ok(),
            )
        });
    }
    tasks.join_all().await.into_iter().sum()
}

fn paused<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(test)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn of_a_thousand_tasks_exactly_the_burst_is_admitted(
        burst in 1..900_u32,
        application in 1..900_u32,
        cost in 1..9_u32,
        windows in 1..40_u32,
    ) {
        paused(async {
            let every = Duration::from_secs(30);
            let budget: Arc<dyn RateBudget> = Arc::new(
                InProcessBudget::unlimited()
                    .per_vehicle(Rate::new(units(burst), every))
                    .per_application(Rate::new(units(application), every)),
            );
            let keys = [vehicle("a"), BudgetKey::Application];
            let tightest = burst.min(application);
            let first = admitted(&budget, &keys, cost).await;
            prop_assert_eq!(first, tightest / cost);

            tokio::time::advance(every * windows).await;
            let second = admitted(&budget, &keys, cost).await;
            let left = tightest - first * cost;
            let expected = if cost > tightest { 0 } else { (left + windows).min(tightest) / cost };
            prop_assert_eq!(second, expected);
            Ok(())
        })?;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn threads_admit_exactly_the_burst() {
    for seed in 1..=20 {
        let rate = Rate::new(units(seed * 7), Duration::from_secs(3600));
        let budget: Arc<dyn RateBudget> = Arc::new(InProcessBudget::unlimited().per_vehicle(rate));
        let keys = [vehicle("a"), BudgetKey::Application];
        assert_eq!(admitted(&budget, &keys, 1).await, seed * 7);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_vehicle_costs_the_application_nothing() {
    let day = Duration::from_secs(24 * 3600);
    let budget = InProcessBudget::unlimited()
        .per_vehicle(Rate::new(units(1), day))
        .per_application(Rate::new(units(10), day));
    let pair = |id: &str| [vehicle(id), BudgetKey::Application];
    let cost = units(1);
    budget
        .acquire(BudgetRequest::new(&pair("greedy"), cost))
        .await
        .unwrap();
    for _ in 0..50 {
        let refused = budget
            .acquire(BudgetRequest::new(&pair("greedy"), cost))
            .await;
        assert!(matches!(refused, Err(BudgetDenied::RetryAt(_))));
    }
    for id in 0..9 {
        budget
            .acquire(BudgetRequest::new(&pair(&id.to_string()), cost))
            .await
            .unwrap();
    }
    // And the reverse: the application denies, and the vehicle keeps its unit.
    let refused = budget
        .acquire(BudgetRequest::new(&pair("late"), cost))
        .await;
    assert!(matches!(refused, Err(BudgetDenied::ApplicationRetryAt(_))));
    budget
        .acquire(BudgetRequest::new(&[vehicle("late")], cost))
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_the_api_asked_for_stops_every_task() {
    let budget: Arc<dyn RateBudget> = Arc::new(InProcessBudget::default());
    let keys = [vehicle("a"), BudgetKey::Application];
    let wait = Duration::from_secs(120);
    budget
        .observe(&keys[0], ServerLimit::RetryAfter(wait))
        .await;
    assert_eq!(admitted(&budget, &keys, 1).await, 0);
    assert_eq!(admitted(&budget, &[vehicle("b")], 1).await, TASKS);
    tokio::time::advance(wait).await;
    assert_eq!(admitted(&budget, &keys, 1).await, TASKS);
}
