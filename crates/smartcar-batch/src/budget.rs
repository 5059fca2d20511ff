//! How much may be asked, by the vehicle and by the application, before the API
//! has to refuse.
//!
//! Invariant: the call loop knows only the trait; the budget in this process is
//! one of its implementations.

mod account;
mod in_process;
mod ledger;
mod rate;
mod rate_budget;

pub use in_process::InProcessBudget;
pub use rate::Rate;
pub use rate_budget::{
    BudgetFuture, BudgetKey, BudgetRequest, Grant, Priority, RateBudget, ServerLimit,
};
