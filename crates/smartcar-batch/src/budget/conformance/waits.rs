//! Rules of waits that the API stated.
//!
//! Invariant: such a wait holds with and without limits.

use std::time::Duration;

use jiff::Timestamp;

use super::super::rate_budget::{BudgetKey::Application, RateBudget, ServerLimit};
use super::{
    Limits, car, denied, denied_to_all, fixed, granted, never_fits, sleep_until, take, units,
};

pub(super) async fn check<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    a_wait_is_of_its_key(make).await;
    a_wait_is_never_shortened(make).await;
    a_long_wait_is_bounded(make).await;
    waiting_does_not_help_what_never_fits(make).await;
    an_exhausted_quota_ends_with_the_month(make).await;
}

async fn a_wait_is_of_its_key<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "a stated wait is one of its key, and ends";
    let [budget, other] = make(Limits::default()).await;
    let wait = ServerLimit::RetryAfter(Duration::from_millis(400));
    budget.observe(&car("a"), wait).await;
    let until = denied(take(&other, &[car("a"), Application], 1).await, rule);
    granted(take(&other, &[car("b"), Application], 1).await, rule);
    sleep_until(until).await;
    granted(take(&budget, &[car("a"), Application], 1).await, rule);

    other.observe(&Application, wait).await;
    let until = denied_to_all(take(&budget, &[car("b"), Application], 1).await, rule);
    granted(take(&budget, &[car("b")], 1).await, rule);
    sleep_until(until).await;
    granted(take(&budget, &[car("b"), Application], 1).await, rule);
}

async fn a_wait_is_never_shortened<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "a wait is never shortened";
    let [budget, other] = make(Limits::default()).await;
    let seconds = |count| ServerLimit::RetryAfter(Duration::from_secs(count));
    budget.observe(&car("a"), seconds(100)).await;
    for shorter in [seconds(1), seconds(0), seconds(99)] {
        other.observe(&car("a"), shorter).await;
        let until = denied(take(&budget, &[car("a")], 1).await, rule);
        let left = until.duration_since(Timestamp::now()).as_secs();
        assert!((90..=100).contains(&left), "{rule}: it is {left} s");
    }
}

async fn a_long_wait_is_bounded<B: RateBudget>(make: &impl AsyncFn(Limits) -> [B; 2]) {
    let rule = "one response cannot stop an application for more than a month";
    let [budget, _] = make(Limits::default()).await;
    budget
        .observe(&Application, ServerLimit::RetryAfter(Duration::MAX))
        .await;
    let until = denied_to_all(take(&budget, &[Application], 1).await, rule);
    let hours = until.duration_since(Timestamp::now()).as_hours();
    assert!((24..=31 * 24).contains(&hours), "{rule}: it is {hours} h");
}

async fn waiting_does_not_help_what_never_fits<B: RateBudget>(
    make: &impl AsyncFn(Limits) -> [B; 2],
) {
    let rule = "what never fits is not told to wait";
    let [budget, _] = make(Limits {
        per_application: fixed(5),
        ..Limits::default()
    })
    .await;
    let wait = ServerLimit::RetryAfter(Duration::from_secs(60));
    budget.observe(&Application, wait).await;
    never_fits(take(&budget, &[car("a"), Application], 6).await, rule);
}

async fn an_exhausted_quota_ends_with_the_month<B: RateBudget>(
    make: &impl AsyncFn(Limits) -> [B; 2],
) {
    let rule = "an exhausted quota denies until the month ends, in UTC";
    for limit in [None, Some(units(500))] {
        let [budget, other] = make(Limits {
            per_vehicle_and_month: limit,
            ..Limits::default()
        })
        .await;
        budget.observe(&car("a"), ServerLimit::QuotaExhausted).await;
        let until = denied(take(&other, &[car("a"), Application], 1).await, rule);
        let text = until.to_string();
        assert!(text.contains("-01T00:00:00"), "{rule}: it is {text}");
        let hours = until.duration_since(Timestamp::now()).as_hours();
        assert!(hours <= 31 * 24, "{rule}: it is {hours} h");
        granted(take(&other, &[car("b"), Application], 1).await, rule);
        // A shorter wait changes nothing.
        let wait = ServerLimit::RetryAfter(Duration::from_millis(1));
        other.observe(&car("a"), wait).await;
        denied(take(&budget, &[car("a")], 1).await, rule);
    }
}
