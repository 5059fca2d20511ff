//! What a call that was answered gives.
//!
//! Invariant: whatever type the items have, every failure is listed here too.

use std::fmt;

use jiff::Timestamp;
use smartcar_model::ItemError;
use smartcar_model::decode::Warning;
use smartcar_model::v3::Gap;

use crate::budget::Denied;
use crate::{Error, Plan};

/// The items of an answer, and what asking for them took.
#[derive(Debug)]
#[non_exhaustive]
pub struct Answered<T> {
    /// What was asked for: a tuple of outcomes, a derived struct,
    /// [`crate::Answers`], or a reading.
    pub items: T,
    /// The id of the last answer (`SC-Request-Id`), for the API's support. `None`
    /// where that answer had none.
    pub request_id: Option<String>,
    /// How many attempts were made: the first, and the repeats.
    pub attempts: u32,
    /// How many HTTP requests were sent: one an attempt on v2.0; on version 3
    /// an attempt can take several.
    pub requests: u32,
    /// How the first attempt became HTTP requests.
    pub plan: Plan,
    /// How many requests were charged: on v2.0 one for each path sent, on
    /// version 3 one for each HTTP request, and for all signals at once
    /// [`crate::ClientBuilder::signals_price`].
    pub charged: u32,
    /// Answers that stand in nobody's place: second ones, and unasked ones.
    pub warnings: Vec<Warning>,
    /// Members of good readings that are empty since their signal failed, each
    /// with its path. Only version 3 has such.
    pub gaps: Vec<(String, Gap)>,
    /// Why asking stopped with items left that asking again might mend. `None`
    /// where all are good, or no other answer can be expected.
    pub stopped: Option<Stopped>,
    /// When asking again makes sense, where the API or a budget said so and the
    /// call did not wait for it. `None` where all is good or nobody said.
    pub retry_at: Option<Timestamp>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) asked: Vec<(String, u32)>,
}

/// A path that gave no reading.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// The path that was asked.
    pub path: String,
    /// Why it gave no reading: its last answer.
    pub error: ItemError,
    /// How often it was asked.
    pub asked: u32,
}

/// Why asking stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum Stopped {
    /// The policy's attempts were used up.
    Attempts,
    /// The next wait would have gone past the deadline.
    Deadline,
    /// The next wait is longer than a fleet waits for one vehicle:
    /// [`crate::Fleet::longest_wait`].
    LongestWait,
    /// The client's retry quota was empty: too much has failed of late.
    RetryQuota,
    /// A budget refused the follow-up.
    Budget(Denied),
    /// The follow-up failed as a whole.
    Failed(Error),
}

impl Stopped {
    /// `attempts`, `deadline`, `longest_wait`, `retry_quota`, `budget` or `failed`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Attempts => "attempts",
            Self::Deadline => "deadline",
            Self::LongestWait => "longest_wait",
            Self::RetryQuota => "retry_quota",
            Self::Budget(_) => "budget",
            Self::Failed(_) => "failed",
        }
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attempts => f.write_str("the attempts are used up"),
            Self::Deadline => f.write_str("the next wait goes past the deadline"),
            Self::LongestWait => f.write_str("the next wait is longer than a fleet may wait"),
            Self::RetryQuota => f.write_str("the retry quota is empty"),
            Self::Budget(denied) => write!(f, "the budget refused the request: {denied}"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl<T> Answered<T> {
    /// Whether every path gave a reading.
    pub fn all_ok(&self) -> bool {
        self.failures.is_empty()
    }

    /// How often a path was asked; `None` for one that is not in the request.
    pub fn asked(&self, path: &str) -> Option<u32> {
        let found = self.asked.iter().find(|(asked, _)| asked == path);
        found.map(|(_, count)| *count)
    }

    /// The paths that gave no reading, in the order asked.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }
}
