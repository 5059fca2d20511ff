//! What the server is asked, and what it keeps.
//!
//! Invariant: counted by the server itself.

use std::time::{Duration, Instant};

use smartcar_batch::{BudgetKey::Application, Rate, RateBudget, ServerLimit};
use smartcar_tests::Engine;

use crate::harness::{budget, car, fixed, say, take, units};

/// How often the server got a command, by its own count.
async fn calls(engine: &Engine, command: &str) -> u64 {
    let text: String = say(engine, "INFO commandstats").await;
    let prefix = format!("cmdstat_{command}:calls=");
    let mut lines = text.lines();
    let count = lines.find_map(|line| line.strip_prefix(&prefix)?.split(',').next());
    count.map_or(0, |count| count.parse().unwrap())
}

#[tokio::test]
async fn a_flushed_script_costs_one_round_trip() {
    let engine = Engine::valkey().await.unwrap();
    let budget = budget(&engine).per_application(fixed(10));
    let keys = [car("a"), Application];
    take(&budget, &keys, 1).await.unwrap();
    take(&budget, &keys, 1).await.unwrap();
    assert_eq!(
        (
            calls(&engine, "evalsha").await,
            calls(&engine, "eval").await
        ),
        (2, 1)
    );
    say::<()>(&engine, "SCRIPT FLUSH").await;
    take(&budget, &keys, 1).await.unwrap();
    take(&budget, &keys, 1).await.unwrap();
    assert_eq!(
        (
            calls(&engine, "evalsha").await,
            calls(&engine, "eval").await
        ),
        (4, 2)
    );
    assert_eq!(calls(&engine, "script|load").await, 0);
    // Nothing was taken twice: 6 of 10 are left.
    assert!(take(&budget, &keys, 7).await.is_err());
    take(&budget, &keys, 6).await.unwrap();
}

#[tokio::test]
async fn keys_are_gone_after_their_time() {
    let engine = Engine::valkey().await.unwrap();
    let budget = budget(&engine)
        .name("app")
        .per_vehicle(Rate::new(units(3), Duration::from_millis(200)))
        .per_application(Rate::new(units(3000), Duration::from_micros(100)));
    for number in 0..1000 {
        let keys = [car(&format!("car-{number}")), Application];
        take(&budget, &keys, 3).await.unwrap();
    }
    let wait = ServerLimit::RetryAfter(Duration::from_millis(600));
    budget.observe(&car("car-7"), wait).await;
    let keys: Vec<String> = say(&engine, "KEYS *").await;
    assert!(keys.len() > 100, "{}", keys.len());
    assert!(keys.iter().all(|key| key.starts_with("{smartcar:app}:")));
    let start = Instant::now();
    while say::<u64>(&engine, "DBSIZE").await > 0 {
        assert!(start.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_month_has_one_key_per_vehicle_until_it_ends() {
    let engine = Engine::valkey().await.unwrap();
    let budget = budget(&engine)
        .name("app")
        .per_vehicle_and_month(units(500));
    let keys = [car("car-1"), Application];
    take(&budget, &keys, 7).await.unwrap();
    take(&budget, &keys, 7).await.unwrap();
    let month = &smartcar_batch::jiff::Timestamp::now().to_string()[..7];
    let key = format!("{{smartcar:app}}:month:{month}:car-1");
    assert_eq!(say::<Vec<String>>(&engine, "KEYS *").await, [key.clone()]);
    assert_eq!(say::<u32>(&engine, &format!("GET {key}")).await, 14);
    let seconds: u64 = say(&engine, &format!("TTL {key}")).await;
    assert!((86_400..=32 * 86_400).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn an_acquire_is_quick() {
    const COUNT: u32 = 2000;
    let engine = Engine::valkey_with(&[]).await.unwrap();
    let rate = Rate::new(units(u32::MAX), Duration::from_micros(1));
    let budget = budget(&engine).per_application(rate).per_vehicle(rate);
    let keys = [car("car-1"), Application];
    take(&budget, &keys, 1).await.unwrap();
    let mut times = Vec::new();
    for _ in 0..COUNT {
        let start = Instant::now();
        take(&budget, &keys, 1).await.unwrap();
        times.push(start.elapsed());
    }
    times.sort();
    let (half, most) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    println!("an acquire of two keys: p50 {half:?}, p99 {most:?}");
    // The script itself takes some 30 µs. A busy machine has other things to do.
    assert!(half < Duration::from_millis(5), "{half:?}");
}
