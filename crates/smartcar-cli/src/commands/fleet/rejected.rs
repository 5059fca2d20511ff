//! When a fleet is stopped because the API rejects what it asks.
//!
//! Invariant: one other answer, of this run or an earlier one, and it never is.

use super::kept::Kept;
use crate::report::outcome::Outcome;

/// After so many batches that the API rejected, and no other answer, no vehicle
/// would fare better.
pub(super) const REJECTED: usize = 10;

/// Counts rejected batches, until another answer says that not all are.
pub(super) struct Rejected {
    count: usize,
    has_others: bool,
}

impl Rejected {
    pub(super) fn new(kept: Option<&Kept>) -> Self {
        Self {
            count: 0,
            has_others: kept.is_some_and(Kept::has_answers),
        }
    }

    /// Whether this is one too many.
    pub(super) fn is_last(&mut self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Failed(failed) if failed.is_rejected() => self.count += 1,
            Outcome::Failed(failed) if !failed.is_of_api() => {}
            _ => self.has_others = true,
        }
        self.count == REJECTED && !self.has_others
    }
}
