//! What `smartcar budget` shows.
//!
//! Invariant: it is read by a value without limits of its own.

use std::time::Duration;

use smartcar_batch::{BudgetKey::Application, RateBudget, ServerLimit};
use smartcar_tests::Engine;

use crate::harness::{budget, car, fixed, take, units};

#[tokio::test]
async fn it_shows_what_is_left_and_who_waits() {
    let engine = Engine::valkey().await.unwrap();
    let limited = budget(&engine)
        .name("a[b]*")
        .per_application(fixed(100))
        .per_vehicle_and_month(units(10))
        .reserve(5);
    limited.check().await.unwrap();
    for (name, cost) in [("car-1", 10), ("car-2", 3), ("car-3", 1)] {
        take(&limited, &[car(name), Application], cost)
            .await
            .unwrap();
    }
    for (name, seconds) in [("car-1", 60), ("car-3", 600)] {
        let wait = ServerLimit::RetryAfter(Duration::from_secs(seconds));
        limited.observe(&car(name), wait).await;
    }
    // Keys of others are not counted.
    let other = budget(&engine).name("ab").per_vehicle_and_month(units(10));
    take(&other, &[car("x")], 1).await.unwrap();

    let reader = budget(&engine).name("a[b]*");
    let status = reader.status().await.unwrap();
    let application = status.application.unwrap();
    assert_eq!((application.left, application.burst), (86, 100));
    assert_eq!(application.reserve, 5);
    let hours = application.full_at.duration_since(status.at).as_hours();
    assert_eq!(hours, 13);
    assert_eq!(status.application_waits_until, None);
    let waiting: Vec<_> = status.waiting.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(waiting, ["car-3", "car-1"]);
    let month = &status.month;
    assert_eq!((month.limit, month.vehicles), (Some(10), 3));
    assert_eq!((month.used, month.spent), (14, 1));
    assert!(month.ends_at.to_string().ends_with("-01T00:00:00Z"));
    assert!(status.warnings.is_empty(), "{:?}", status.warnings);
    // Reading takes nothing.
    let again = reader.status().await.unwrap();
    assert_eq!(again.application.unwrap().left, 86);
}

#[tokio::test]
async fn an_empty_store_and_one_that_forgets() {
    let engine = Engine::valkey_with(&["--maxmemory 100mb --maxmemory-policy volatile-lru"]);
    let engine = engine.await.unwrap();
    let budget = budget(&engine).per_vehicle_and_month(units(5));
    let status = budget.status().await.unwrap();
    assert_eq!((status.application, status.month.limit), (None, None));
    assert!(status.waiting.is_empty());
    assert_eq!(status.warnings.len(), 1, "{:?}", status.warnings);
    budget.check().await.unwrap();
    budget
        .observe(
            &Application,
            ServerLimit::RetryAfter(Duration::from_secs(9)),
        )
        .await;
    let status = budget.status().await.unwrap();
    assert_eq!(status.month.limit, Some(5));
    assert!(status.application_waits_until.is_some());
    assert_eq!(status.warnings.len(), 2, "{:?}", status.warnings);
}
