//! Several clients of one store.
//!
//! Invariant: a name is a budget.

use std::time::Duration;

use smartcar_batch::{
    BudgetDenied, BudgetKey::Application, BudgetRequest, RateBudget, ServerLimit,
};
use smartcar_redis::RedisBudget;
use smartcar_tests::Engine;

use crate::harness::{budget, car, fixed, say, take, units};

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

#[tokio::test]
async fn a_user_with_the_documented_rights_suffices() {
    let engine = Engine::valkey().await.unwrap();
    let spend = "+eval +evalsha +time +get +set +del +incrby +decrby +pexpireat +hset";
    for (user, rights) in [
        ("spender", spend.to_owned()),
        ("reader", format!("{spend} +scan +hgetall +info")),
    ] {
        let line = format!("ACL SETUSER {user} on >pw ~{{smartcar:* {rights}");
        say::<()>(&engine, &line).await;
    }
    let open = |user: &str| {
        let url = engine.url().replace("//", &format!("//{user}:pw@"));
        let budget = RedisBudget::connect(&url)
            .unwrap()
            .per_application(fixed(5));
        budget.per_vehicle_and_month(units(5))
    };
    let budget = open("spender");
    budget.check().await.unwrap();
    let keys = [car("a"), Application];
    let grant = take(&budget, &keys, 5).await.unwrap();
    budget
        .release(BudgetRequest::new(&keys, units(5)), grant)
        .await;
    take(&budget, &keys, 5).await.unwrap();
    budget.observe(&keys[0], ServerLimit::QuotaExhausted).await;
    assert!(matches!(
        take(&budget, &keys, 1).await,
        Err(BudgetDenied::RetryAt(_) | BudgetDenied::ApplicationRetryAt(_))
    ));
    assert!(budget.status().await.is_err());
    let status = open("reader").status().await.unwrap();
    assert_eq!((status.month.used, status.waiting.len()), (5, 1));
    assert!(status.warnings.is_empty());
}
