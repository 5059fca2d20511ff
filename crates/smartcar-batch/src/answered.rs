//! What a call that was answered gives.
//!
//! Invariant: whatever type the items have, every failure is listed here too.

use smartcar_model::ItemError;
use smartcar_model::decode::Warning;

/// The items of an answer, and what asking for them took.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Answered<T> {
    /// What was asked for: a tuple of outcomes, [`crate::Answers`], or a reading.
    pub items: T,
    /// The id of the last answer, for the API's support.
    pub request_id: Option<String>,
    /// How many HTTP requests were sent.
    pub attempts: u32,
    /// How many requests were charged: one for each path sent.
    pub charged: u32,
    /// Answers that stand in nobody's place: second ones, and unasked ones.
    pub warnings: Vec<Warning>,
    pub(crate) failures: Vec<Failure>,
}

/// A path that gave no reading.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// The path that was asked.
    pub path: String,
    /// Why it gave no reading.
    pub error: ItemError,
}

impl<T> Answered<T> {
    /// Whether every path gave a reading.
    pub fn all_ok(&self) -> bool {
        self.failures.is_empty()
    }

    /// The paths that gave no reading, in the order asked.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }
}
