//! Rules of several handles and tasks.
//!
//! Invariant: what one handle takes, another does not find.

use futures_util::future::join_all;

use super::super::rate_budget::{BudgetKey::Application, RateBudget};
use super::{Limits, car, denied, denied_to_all, fixed, granted, take, units};

pub(super) async fn check<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    handles_share_everything(make).await;
    many_tasks_get_what_is_there(make).await;
}

async fn handles_share_everything<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "two handles share one budget";
    let [one, other] = make(Limits {
        per_vehicle: fixed(3),
        per_application: fixed(5),
        per_vehicle_and_month: Some(units(4)),
        reserve: 0,
    })
    .await;
    let keys = [car("a"), Application];
    granted(take(&one, &keys, 3).await, rule);
    denied(take(&other, &keys, 1).await, rule);
    granted(take(&other, &[car("b"), Application], 2).await, rule);
    denied_to_all(take(&one, &[car("c"), Application], 1).await, rule);
}

async fn many_tasks_get_what_is_there<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "many tasks at once get exactly what is there";
    let handles = make(Limits {
        per_application: fixed(50),
        per_vehicle_and_month: Some(units(20)),
        ..Limits::default()
    })
    .await;
    let tasks = (0..200_usize).map(async |number| {
        let name = ["a", "b"][number / 2 % 2];
        let granted = take(&handles[number % 2], &[car(name), Application], 1).await;
        granted.is_ok().then_some(name)
    });
    let names = join_all(tasks).await;
    for name in ["a", "b"] {
        let count = names.iter().filter(|taken| **taken == Some(name)).count();
        assert_eq!(count, 20, "{rule}");
    }
    // What was denied for the month took nothing of the application.
    granted(take(&handles[1], &[Application], 10).await, rule);
    denied_to_all(take(&handles[0], &[Application], 1).await, rule);
}
