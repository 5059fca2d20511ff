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

mod kit;
mod rates;
mod releases;
mod shared;
mod waits;

use super::rate_budget::RateBudget;

pub use kit::Limits;

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
