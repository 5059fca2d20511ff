//! Shared by the tests.
//!
//! Invariant: a rate named `fixed` does not refill during a test.

use std::num::NonZeroU32;
use std::time::Duration;

use smartcar_batch::{BudgetDenied, BudgetKey, BudgetRequest, Grant, Rate, RateBudget, VehicleId};
use smartcar_redis::RedisBudget;
use smartcar_redis::redis::{Client, FromRedisValue, cmd};
use smartcar_tests::Engine;

pub(crate) fn units(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

pub(crate) fn fixed(burst: u32) -> Rate {
    Rate::new(units(burst), Duration::from_secs(3600))
}

pub(crate) fn car(name: &str) -> BudgetKey {
    BudgetKey::Vehicle(VehicleId::new(name).unwrap())
}

pub(crate) fn budget(engine: &Engine) -> RedisBudget {
    RedisBudget::connect(&engine.url()).unwrap()
}

pub(crate) async fn take(
    budget: &RedisBudget,
    keys: &[BudgetKey],
    cost: u32,
) -> Result<Grant, BudgetDenied> {
    budget.acquire(BudgetRequest::new(keys, units(cost))).await
}

/// A command from beside the budget.
pub(crate) async fn say<T: FromRedisValue>(engine: &Engine, line: &str) -> T {
    let client = Client::open(engine.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut words = line.split(' ');
    let mut command = cmd(words.next().unwrap());
    for word in words {
        command.arg(word);
    }
    command.query_async(&mut connection).await.unwrap()
}
