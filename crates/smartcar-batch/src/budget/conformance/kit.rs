//! What the rules have in common: limits, keys, and what an answer has to be.
//!
//! Invariant: every failure names the rule.

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::Timestamp;
use smartcar_model::{BudgetDenied, VehicleId};

use crate::budget::rate::Rate;
use crate::budget::rate_budget::{BudgetKey, BudgetRequest, Grant, Priority, RateBudget};

/// The limits of a budget under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Limits {
    /// The rate of the application, if it is limited.
    pub per_application: Option<Rate>,
    /// The rate of each vehicle, if it is limited.
    pub per_vehicle: Option<Rate>,
    /// The requests of a vehicle in a calendar month, if they are limited.
    pub per_vehicle_and_month: Option<NonZeroU32>,
    /// Units of the application's burst that only interactive requests may use.
    pub reserve: u32,
}

/// Clocks of a budget may count in milliseconds.
pub(super) const SLACK: Duration = Duration::from_millis(5);

pub(super) fn units(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)
}

/// A rate that does not refill during a check.
pub(super) fn fixed(burst: u32) -> Rate {
    Rate::new(units(burst), Duration::from_secs(3600))
}

pub(super) fn car(name: &str) -> BudgetKey {
    let id = VehicleId::new(name).expect("the names in this module are valid");
    BudgetKey::Vehicle(id)
}

pub(super) async fn take(
    budget: &impl RateBudget,
    keys: &[BudgetKey],
    cost: u32,
) -> Result<Grant, BudgetDenied> {
    budget.acquire(BudgetRequest::new(keys, units(cost))).await
}

pub(super) async fn take_now(
    budget: &impl RateBudget,
    keys: &[BudgetKey],
    cost: u32,
) -> Result<Grant, BudgetDenied> {
    let request = BudgetRequest::new(keys, units(cost));
    let request = request.with_priority(Priority::Interactive);
    budget.acquire(request).await
}

pub(super) async fn put_back(
    budget: &impl RateBudget,
    keys: &[BudgetKey],
    cost: u32,
    grant: Grant,
) {
    let unused = BudgetRequest::new(keys, units(cost));
    budget.release(unused, grant).await;
}

#[track_caller]
pub(super) fn granted(answer: Result<Grant, BudgetDenied>, rule: &str) -> Grant {
    match answer {
        Ok(grant) => grant,
        Err(denied) => panic!("{rule}: denied, because {denied}"),
    }
}

#[track_caller]
pub(super) fn never_fits(answer: &Result<Grant, BudgetDenied>, rule: &str) {
    assert!(
        matches!(answer, Err(BudgetDenied::NeverFits)),
        "{rule}: {answer:?}"
    );
}

/// Denied with a time, for the vehicle.
#[track_caller]
pub(super) fn denied(answer: Result<Grant, BudgetDenied>, rule: &str) -> Timestamp {
    match answer {
        Err(BudgetDenied::RetryAt(moment)) => moment,
        other => panic!("{rule}: expected a wait of the vehicle, but it was {other:?}"),
    }
}

/// Denied with a time, for the application.
#[track_caller]
pub(super) fn denied_to_all(answer: Result<Grant, BudgetDenied>, rule: &str) -> Timestamp {
    match answer {
        Err(BudgetDenied::ApplicationRetryAt(moment)) => moment,
        other => panic!("{rule}: expected a wait of the application, but it was {other:?}"),
    }
}

pub(super) async fn sleep_until(moment: Timestamp) {
    let left = Duration::try_from(moment.duration_since(Timestamp::now()));
    tokio::time::sleep(left.unwrap_or_default() + SLACK).await;
}
