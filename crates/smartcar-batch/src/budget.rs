//! Rate budgets per vehicle and per application, so that the API does not have to
//! reject requests.
//!
//! Invariant: the call loop knows only the trait; the in-process budget is one of its
//! implementations.

mod account;
#[cfg(feature = "testing")]
pub mod conformance;
mod in_process;
mod ledger;
mod rate;
mod rate_budget;

pub use in_process::InProcessBudget;
pub use rate::Rate;
pub use rate_budget::{
    BudgetFuture, BudgetKey, BudgetRequest, Grant, Priority, RateBudget, ServerLimit,
};
