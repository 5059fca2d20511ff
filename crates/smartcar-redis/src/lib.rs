#![doc = include_str!("../README.md")]
//!
//! Invariant: one script decides about all keys of a request, on the server's clock.

mod address;
mod budget;
mod clock;
mod error;
mod keys;
mod limits;
mod link;
mod month;
mod status;

pub use budget::RedisBudget;
pub use error::RedisBudgetError;
pub use status::{ApplicationStatus, BudgetStatus, MonthStatus};

// Its types are in the sources of errors.
#[doc(no_inline)]
pub use redis;
