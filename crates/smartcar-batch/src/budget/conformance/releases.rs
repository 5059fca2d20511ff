//! Rules of releasing.
//!
//! Invariant: what comes back is what was released, once.

use super::super::rate_budget::{BudgetKey::Application, RateBudget};
use super::{Limits, car, denied, denied_to_all, fixed, granted, put_back, take, units};

pub(super) async fn check<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    unused_units_come_back(make).await;
    a_month_gets_them_too(make).await;
    another_handle_can_release(make).await;
}

async fn unused_units_come_back<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "released units can be used again, once, and all others stay spent";
    let [budget, _] = make(Limits {
        per_vehicle: fixed(5),
        per_application: fixed(9),
        ..Limits::default()
    })
    .await;
    let keys = [car("a"), car("a"), Application];
    drop(granted(take(&budget, &keys, 2).await, rule));
    let grant = granted(take(&budget, &keys, 3).await, rule);
    denied(take(&budget, &keys, 1).await, rule);
    put_back(&budget, &keys, 2, grant).await;
    denied(take(&budget, &keys, 3).await, rule);
    granted(take(&budget, &keys, 2).await, rule);
    granted(take(&budget, &[Application], 4).await, rule);
    denied_to_all(take(&budget, &[Application], 1).await, rule);
}

async fn a_month_gets_them_too<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "units that were not sent do not count in their month";
    let [budget, _] = make(Limits {
        per_vehicle_and_month: Some(units(5)),
        ..Limits::default()
    })
    .await;
    let keys = [car("a"), Application];
    let grant = granted(take(&budget, &keys, 5).await, rule);
    put_back(&budget, &keys, 2, grant).await;
    denied(take(&budget, &keys, 3).await, rule);
    granted(take(&budget, &keys, 2).await, rule);
    denied(take(&budget, &keys, 1).await, rule);
}

async fn another_handle_can_release<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "a handle can release what another one took";
    let [one, other] = make(Limits {
        per_vehicle: fixed(3),
        ..Limits::default()
    })
    .await;
    let keys = [car("a")];
    let grant = granted(take(&one, &keys, 3).await, rule);
    denied(take(&other, &keys, 1).await, rule);
    put_back(&other, &keys, 3, grant).await;
    granted(take(&one, &keys, 3).await, rule);
    denied(take(&other, &keys, 1).await, rule);
}
