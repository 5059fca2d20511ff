//! The rules that every [`RateBudget`] keeps, as a test for one of your own (feature
//! `testing`).
//!
//! [`InProcessBudget`](crate::InProcessBudget) and the budget of `smartcar-redis` pass it.
//!
//! ```
//! use std::sync::Arc;
//! use smartcar_batch::InProcessBudget;
//! use smartcar_batch::budget::conformance::{Limits, check};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! check(async |limits: Limits| {
//!     let mut budget = InProcessBudget::unlimited().reserve(limits.reserve);
//!     if let Some(rate) = limits.per_application {
//!         budget = budget.per_application(rate);
//!     }
//!     if let Some(rate) = limits.per_vehicle {
//!         budget = budget.per_vehicle(rate);
//!     }
//!     if let Some(requests) = limits.per_vehicle_and_month {
//!         budget = budget.per_vehicle_and_month(requests);
//!     }
//!     // Two handles of one budget, as two processes have.
//!     let budget = Arc::new(budget);
//!     [Arc::clone(&budget), budget]
//! })
//! .await;
//! # }
//! ```
//!
//! Invariant: it uses the trait only, and real time.

mod rates;
mod releases;
mod shared;
mod waits;

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::Timestamp;
use smartcar_model::{BudgetDenied, VehicleId};

use super::rate::Rate;
use super::rate_budget::{BudgetKey, BudgetRequest, Grant, Priority, RateBudget};

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

/// Checks all rules. It takes some seconds.
///
/// `make` returns two handles of one new budget with these limits in which nothing is
/// used, such as two connections to one store. Each call must make another budget.
///
/// # Panics
///
/// If the budget breaks a rule. The message names it.
pub async fn check<B: RateBudget>(make: impl AsyncFn(Limits) -> [B; 2]) {
    check_without_release(&make).await;
    releases::check(&make).await;
}

/// Checks the rules of a budget that ignores [`RateBudget::release`], as [`check`] does
/// for others.
///
/// # Panics
///
/// If the budget breaks a rule. The message names it.
pub async fn check_without_release<B: RateBudget>(make: impl AsyncFn(Limits) -> [B; 2]) {
    rates::check(&make).await;
    waits::check(&make).await;
    shared::check(&make).await;
}

/// Clocks of a budget may count in milliseconds.
const SLACK: Duration = Duration::from_millis(5);

fn units(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)
}

/// A rate that does not refill during a check.
fn fixed(burst: u32) -> Option<Rate> {
    Some(Rate::new(units(burst), Duration::from_secs(3600)))
}

fn car(name: &str) -> BudgetKey {
    let id = VehicleId::new(name).expect("the names in this module are valid");
    BudgetKey::Vehicle(id)
}

async fn take(
    budget: &impl RateBudget,
    keys: &[BudgetKey],
    cost: u32,
) -> Result<Grant, BudgetDenied> {
    budget.acquire(BudgetRequest::new(keys, units(cost))).await
}

async fn take_now(
    budget: &impl RateBudget,
    keys: &[BudgetKey],
    cost: u32,
) -> Result<Grant, BudgetDenied> {
    let request = BudgetRequest::new(keys, units(cost));
    let request = request.with_priority(Priority::Interactive);
    budget.acquire(request).await
}

async fn put_back(budget: &impl RateBudget, keys: &[BudgetKey], cost: u32, grant: Grant) {
    let unused = BudgetRequest::new(keys, units(cost));
    budget.release(unused, grant).await;
}

#[track_caller]
fn granted(answer: Result<Grant, BudgetDenied>, rule: &str) -> Grant {
    match answer {
        Ok(grant) => grant,
        Err(denied) => panic!("{rule}: denied, because {denied}"),
    }
}

#[track_caller]
fn never_fits(answer: Result<Grant, BudgetDenied>, rule: &str) {
    assert!(
        matches!(answer, Err(BudgetDenied::NeverFits)),
        "{rule}: {answer:?}"
    );
}

/// Denied with a time, for the vehicle.
#[track_caller]
fn denied(answer: Result<Grant, BudgetDenied>, rule: &str) -> Timestamp {
    match answer {
        Err(BudgetDenied::RetryAt(moment)) => moment,
        other => panic!("{rule}: expected a wait of the vehicle, but it was {other:?}"),
    }
}

/// Denied with a time, for the application.
#[track_caller]
fn denied_to_all(answer: Result<Grant, BudgetDenied>, rule: &str) -> Timestamp {
    match answer {
        Err(BudgetDenied::ApplicationRetryAt(moment)) => moment,
        other => panic!("{rule}: expected a wait of the application, but it was {other:?}"),
    }
}

async fn sleep_until(moment: Timestamp) {
    let left = Duration::try_from(moment.duration_since(Timestamp::now()));
    tokio::time::sleep(left.unwrap_or_default() + SLACK).await;
}
