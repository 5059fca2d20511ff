//! Why a call stopped.
//!
//! Invariant: it says why there was no further attempt, not what an item lacks.

use std::fmt;

use super::error::Error;
use crate::budget_denied::BudgetDenied;

/// Why there was no further attempt.
#[derive(Debug)]
#[non_exhaustive]
pub enum StopReason {
    /// All attempts that the policy allows were made.
    Attempts,
    /// The next wait would exceed the deadline.
    Deadline,
    /// The next wait is longer than a fleet waits for one vehicle:
    /// `Fleet::max_wait` of `smartcar_batch`.
    MaxWait,
    /// The client's retry quota was empty, because too many requests failed
    /// recently.
    RetryQuota,
    /// A rate budget denied the retry.
    Budget(BudgetDenied),
    /// The retry failed as a whole.
    Failed(Error),
}

impl StopReason {
    /// `attempts`, `deadline`, `max_wait`, `retry_quota`, `budget` or `failed`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Attempts => "attempts",
            Self::Deadline => "deadline",
            Self::MaxWait => "max_wait",
            Self::RetryQuota => "retry_quota",
            Self::Budget(_) => "budget",
            Self::Failed(_) => "failed",
        }
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attempts => f.write_str("all attempts were made"),
            Self::Deadline => f.write_str("the next wait would exceed the deadline"),
            Self::MaxWait => f.write_str("the next wait exceeds the fleet's maximum"),
            Self::RetryQuota => f.write_str("the retry quota is empty"),
            Self::Budget(denied) => write!(f, "the rate budget denied the request: {denied}"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}
