//! A store that goes away and comes back.
//!
//! Invariant: while it is away, nothing is granted.

use std::time::{Duration, Instant};

use smartcar_batch::{
    BudgetDenied, BudgetKey::Application, InProcessBudget, RateBudget, ServerLimit,
};
use smartcar_redis::RedisBudget;
use smartcar_tests::Engine;

use crate::harness::{budget, car, fixed, take, units};

#[tokio::test]
async fn nothing_is_granted_while_it_is_away_and_months_are_kept() {
    let mut engine = Engine::valkey().await.unwrap();
    let open = || {
        budget(&engine)
            .per_vehicle_and_month(units(100))
            .per_application(fixed(60))
    };
    let (one, other) = (open(), open());
    let keys = [car("a"), Application];
    take(&one, &keys, 20).await.unwrap();
    let grant = take(&other, &keys, 20).await.unwrap();

    engine.kill();
    for budget in [&one, &other, &one] {
        let start = Instant::now();
        let denied = take(budget, &keys, 1).await.unwrap_err();
        assert_eq!(denied, BudgetDenied::Unavailable);
        assert!(
            start.elapsed() < Duration::from_secs(15),
            "{:?}",
            start.elapsed()
        );
        assert!(budget.outage().is_some());
    }
    let unused = smartcar_batch::BudgetRequest::new(&keys, units(20));
    other.release(unused, grant).await;

    engine.restart().await.unwrap();
    // The first request after it opens the connection again. What was not released in
    // time stays spent: 40 of the application's 60 and of the month's 100.
    for budget in [&one, &other] {
        let start = Instant::now();
        while take(budget, &keys, 1).await.is_err() {
            assert!(start.elapsed() < Duration::from_secs(10));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(budget.outage(), None);
    }
    assert!(take(&one, &keys, 19).await.is_err());
    take(&other, &keys, 18).await.unwrap();
    assert!(take(&one, &keys[..1], 41).await.is_err());
    take(&one, &keys[..1], 40).await.unwrap();
}

#[tokio::test]
async fn a_wait_reaches_a_store_that_was_away() {
    let mut engine = Engine::valkey().await.unwrap();
    let (one, other) = (budget(&engine), budget(&engine));
    let keys = [car("a"), Application];
    take(&one, &keys, 1).await.unwrap();
    engine.kill();
    let wait = ServerLimit::RetryAfter(Duration::from_secs(60));
    let (key, later) = (car("a"), Duration::from_millis(700));
    let restart = async {
        tokio::time::sleep(later).await;
        engine.restart().await.unwrap();
    };
    tokio::join!(one.observe(&key, wait), restart);
    let denied = take(&other, &keys, 1).await.unwrap_err();
    let left = denied.retry_at().unwrap() - smartcar_batch::jiff::Timestamp::now();
    // It counts from the response, and not from when the store was back.
    let left = left.as_secs_f64();
    assert!(
        left > 30.0 && left < 60.0 - later.as_secs_f64() + 0.1,
        "{left}"
    );
}

#[tokio::test]
async fn another_choice_has_to_be_said() {
    let mut engine = Engine::valkey().await.unwrap();
    let fallback = InProcessBudget::unlimited().per_application(fixed(2));
    let budget = budget(&engine)
        .per_application(fixed(5))
        .fall_back_to(fallback);
    let keys = [car("a"), Application];
    take(&budget, &keys, 4).await.unwrap();
    engine.kill();
    let grant = take(&budget, &keys, 2).await.unwrap();
    let denied = take(&budget, &keys, 1).await.unwrap_err();
    assert!(
        matches!(denied, BudgetDenied::ApplicationRetryAt(_)),
        "{denied}"
    );
    engine.restart().await.unwrap();
    // What the fallback granted is not released into the store.
    let unused = smartcar_batch::BudgetRequest::new(&keys, units(2));
    budget.release(unused, grant).await;
    assert!(take(&budget, &keys, 2).await.is_err());
    take(&budget, &keys, 1).await.unwrap();
}

#[tokio::test]
async fn a_store_that_does_not_serve_says_why() {
    let engine = Engine::valkey_with(&["--requirepass letmein"])
        .await
        .unwrap();
    let at = |user: &str| engine.url().replace("//", &format!("//{user}"));
    RedisBudget::connect(&at(":letmein@"))
        .unwrap()
        .check()
        .await
        .unwrap();
    for (url, says) in [
        (engine.url(), "NOAUTH"),
        (at(":wrong@"), "assword"),
        ("redis://127.0.0.1:1".to_owned(), "refused"),
    ] {
        let budget = RedisBudget::connect(&url).unwrap();
        let error = budget.check().await.unwrap_err();
        assert!(!error.is_invalid_url());
        let outage = budget.outage().unwrap();
        assert!(outage.starts_with(&error.to_string()), "{outage}");
        assert!(
            outage.contains(says) && !outage.contains("wrong"),
            "{outage}"
        );
        let denied = take(&budget, &[Application], 1).await.unwrap_err();
        assert_eq!(denied, BudgetDenied::Unavailable);
    }
}
