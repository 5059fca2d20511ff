//! Several clients of one store.
//!
//! Invariant: a name is a budget.

use std::time::Duration;

use smartcar_batch::{BudgetDenied, BudgetKey::Application, RateBudget, ServerLimit};
use smartcar_tests::Engine;

use crate::harness::{budget, car, fixed, take, units};

#[tokio::test]
async fn names_do_not_share() {
    let engine = Engine::valkey().await.unwrap();
    let named = |name: &str| budget(&engine).name(name).per_application(fixed(1));
    for name in ["a", "b", "a}", "{a"] {
        take(&named(name), &[Application], 1).await.unwrap();
        assert!(take(&named(name), &[Application], 1).await.is_err());
    }
}

#[tokio::test]
async fn without_rates_waits_are_shared() {
    let engine = Engine::valkey().await.unwrap();
    let (one, other) = (budget(&engine), budget(&engine));
    let keys = [car("a"), Application];
    take(&one, &keys, 1_000_000).await.unwrap();
    let wait = ServerLimit::RetryAfter(Duration::from_secs(30));
    one.observe(&Application, wait).await;
    let denied = take(&other, &keys, 1).await.unwrap_err();
    assert!(
        matches!(denied, BudgetDenied::ApplicationRetryAt(_)),
        "{denied}"
    );
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let url = "redis://anthony:secret@127.0.0.1:1/";
    let budget = smartcar_redis::RedisBudget::connect(url).unwrap();
    let budget = budget.per_vehicle_and_month(units(5));
    assert_eq!(budget.shown_url(), "redis://127.0.0.1:1");
    let error = budget.check().await.unwrap_err();
    let outage = budget.outage().unwrap();
    for shown in [format!("{budget:?} {error:?}"), error.to_string(), outage] {
        assert!(
            !shown.contains("secret") && !shown.contains("anthony"),
            "{shown}"
        );
        assert!(shown.contains("127.0.0.1:1"), "{shown}");
    }
}
