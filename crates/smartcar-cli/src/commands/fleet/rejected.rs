//! Stops a fleet whose batches the API all rejects.
//!
//! Invariant: after any other response, in this run or an earlier one, it never stops.

use super::kept::Kept;
use crate::report::outcome::Outcome;

/// The run stops after this many rejected batches without any other response: the
/// other vehicles would be rejected too.
pub(super) const REJECTED: usize = 10;

/// Counts rejected batches and remembers whether there was any other response.
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

    /// Counts an outcome; true if the run should stop.
    pub(super) fn is_last(&mut self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Failed(failed) if failed.is_rejected() => self.count += 1,
            Outcome::Failed(failed) if !failed.is_of_api() => {}
            _ => self.has_others = true,
        }
        self.count == REJECTED && !self.has_others
    }
}
