//! Rules of rates and months.
//!
//! Invariant: rates that must not refill take an hour for one unit.

use std::time::Duration;

use super::super::rate::Rate;
use super::super::rate_budget::{BudgetKey::Application, RateBudget};
use super::{
    Limits, car, denied, denied_to_all, fixed, granted, never_fits, put_back, sleep_until, take,
    take_now, units,
};

pub(super) async fn check<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    without_limits(make).await;
    what_never_fits(make).await;
    all_or_nothing(make).await;
    the_latest_wait_counts(make).await;
    a_duplicate_key_counts_once(make).await;
    a_wait_ends_when_it_says(make).await;
    a_reserve_is_left(make).await;
    a_month_is_counted(make).await;
    refilled_units_do_not_come_back(make).await;
    only_polled_futures_take(make).await;
}

async fn without_limits<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "without limits everything is granted";
    let [budget, _] = make(Limits::default()).await;
    granted(
        take(&budget, &[car("a"), Application], u32::MAX).await,
        rule,
    );
    granted(
        take(&budget, &[car("a"), Application], u32::MAX).await,
        rule,
    );
    granted(take(&budget, &[], 1).await, rule);
}

async fn what_never_fits<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "what exceeds a maximum never fits, and takes nothing";
    let [budget, _] = make(Limits {
        per_vehicle: fixed(9),
        per_application: fixed(5),
        per_vehicle_and_month: Some(units(7)),
        reserve: 0,
    })
    .await;
    let both = [car("a"), Application];
    never_fits(take(&budget, &both, 6).await, rule);
    never_fits(take(&budget, &both[..1], 8).await, rule);
    never_fits(take(&budget, &both[1..], 6).await, rule);
    granted(take(&budget, &both, 5).await, rule);
    granted(take(&budget, &both[..1], 2).await, rule);
    never_fits(take(&budget, &both, 6).await, rule);
}

async fn all_or_nothing<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "a denied request takes from no key";
    let [budget, _] = make(Limits {
        per_vehicle: fixed(2),
        per_application: fixed(5),
        ..Limits::default()
    })
    .await;
    granted(take(&budget, &[car("a"), Application], 2).await, rule);
    denied(take(&budget, &[car("a"), Application], 2).await, rule);
    // Of the application 3 are left, so b is denied and keeps its 2.
    granted(take(&budget, &[Application], 2).await, rule);
    denied_to_all(take(&budget, &[car("b"), Application], 2).await, rule);
    granted(take(&budget, &[car("b")], 2).await, rule);
    granted(take(&budget, &[Application], 1).await, rule);
}

async fn the_latest_wait_counts<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "of several waits the latest counts";
    let minutes = |count: u64| Some(Rate::new(units(1), Duration::from_secs(60 * count)));
    for (vehicle, application) in [(1, 2), (2, 1)] {
        let [budget, _] = make(Limits {
            per_vehicle: minutes(vehicle),
            per_application: minutes(application),
            ..Limits::default()
        })
        .await;
        for keys in [[car("a"), Application], [Application, car("a")]] {
            let answer = take(&budget, &keys, 1).await;
            if answer.is_ok() {
                continue;
            }
            let until = if application > vehicle {
                denied_to_all(answer, rule)
            } else {
                denied(answer, rule)
            };
            let wait = until.duration_since(jiff::Timestamp::now()).as_secs();
            assert!((90..=120).contains(&wait), "{rule}: it is {wait} s");
        }
    }
}

async fn a_duplicate_key_counts_once<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "a duplicate key counts once";
    let [budget, _] = make(Limits {
        per_vehicle: fixed(4),
        per_vehicle_and_month: Some(units(4)),
        ..Limits::default()
    })
    .await;
    let keys = [car("a"), car("a"), Application];
    granted(take(&budget, &keys, 2).await, rule);
    granted(take(&budget, &keys, 2).await, rule);
    denied(take(&budget, &keys, 1).await, rule);
}

async fn a_wait_ends_when_it_says<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "what is denied is granted at the time of the denial";
    let [budget, _] = make(Limits {
        per_application: Some(Rate::new(units(2), Duration::from_millis(400))),
        ..Limits::default()
    })
    .await;
    let keys = [car("a"), Application];
    granted(take(&budget, &keys, 2).await, rule);
    for _ in 0..2 {
        let until = denied_to_all(take(&budget, &keys, 1).await, rule);
        denied_to_all(take(&budget, &keys, 1).await, rule);
        sleep_until(until).await;
        granted(take(&budget, &keys, 1).await, rule);
    }
    let until = denied_to_all(take(&budget, &keys, 2).await, rule);
    sleep_until(until).await;
    granted(take(&budget, &keys, 2).await, rule);
}

async fn a_reserve_is_left<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "a reserve is for interactive requests";
    let [budget, _] = make(Limits {
        per_application: fixed(10),
        reserve: 4,
        ..Limits::default()
    })
    .await;
    let keys = [car("a"), Application];
    never_fits(take(&budget, &keys, 7).await, rule);
    granted(take(&budget, &keys, 6).await, rule);
    denied_to_all(take(&budget, &keys, 1).await, rule);
    granted(take_now(&budget, &keys, 3).await, rule);
    denied_to_all(take_now(&budget, &keys, 2).await, rule);
    granted(take_now(&budget, &keys, 1).await, rule);
    denied_to_all(take_now(&budget, &keys, 10).await, rule);
    never_fits(take_now(&budget, &keys, 11).await, rule);
}

async fn a_month_is_counted<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "a month counts up to its limit and ends with the calendar's, in UTC";
    let [budget, _] = make(Limits {
        per_vehicle_and_month: Some(units(5)),
        ..Limits::default()
    })
    .await;
    let (a, b) = ([car("a"), Application], [car("b"), Application]);
    granted(take(&budget, &a, 3).await, rule);
    denied(take(&budget, &a, 3).await, rule);
    granted(take(&budget, &a, 2).await, rule);
    let until = denied(take(&budget, &a, 1).await, rule).to_string();
    assert!(until.contains("-01T00:00:00"), "{rule}: it is {until}");
    granted(take(&budget, &b, 5).await, rule);
    denied(take(&budget, &a, 1).await, rule);
}

async fn refilled_units_do_not_come_back<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "what has refilled is not released again";
    let every = Duration::from_millis(300);
    let [budget, _] = make(Limits {
        per_vehicle: Some(Rate::new(units(4), every)),
        ..Limits::default()
    })
    .await;
    let keys = [car("a")];
    let grant = granted(take(&budget, &keys, 2).await, rule);
    tokio::time::sleep(2 * every).await;
    granted(take(&budget, &keys, 4).await, rule);
    put_back(&budget, &keys, 2, grant).await;
    denied(take(&budget, &keys, 2).await, rule);
}

async fn only_polled_futures_take<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "a future that is never polled takes nothing";
    let [budget, _] = make(Limits {
        per_vehicle: fixed(1),
        ..Limits::default()
    })
    .await;
    drop(budget.acquire(super::BudgetRequest::new(&[car("a")], units(1))));
    granted(take(&budget, &[car("a")], 1).await, rule);
    denied(take(&budget, &[car("a")], 1).await, rule);
}
