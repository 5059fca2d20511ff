//! Why asking stopped.
//!
//! Invariant: it says why no further attempt was made, never what an item lacks.

use std::fmt;

use super::error::Error;
use crate::budget_denied::BudgetDenied;

/// Why asking stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum StopReason {
    /// The policy's attempts were used up.
    Attempts,
    /// The next wait would have gone past the deadline.
    Deadline,
    /// The next wait is longer than a fleet waits for one vehicle:
    /// `Fleet::max_wait` of `smartcar_batch`.
    MaxWait,
    /// The client's retry quota was empty: too much has failed of late.
    RetryQuota,
    /// A budget refused the follow-up.
    Budget(BudgetDenied),
    /// The follow-up failed as a whole.
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
            Self::Attempts => f.write_str("the attempts are used up"),
            Self::Deadline => f.write_str("the next wait goes past the deadline"),
            Self::MaxWait => f.write_str("the next wait is longer than a fleet may wait"),
            Self::RetryQuota => f.write_str("the retry quota is empty"),
            Self::Budget(denied) => write!(f, "the budget refused the request: {denied}"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}
