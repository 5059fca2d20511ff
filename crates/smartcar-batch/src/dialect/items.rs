//! The paths of a batch and their state during a call.
//!
//! Invariant: an index is open exactly while it has no result yet, or its error is
//! retryable.

use smallvec::{SmallVec, smallvec};
use smartcar_model::{ItemError, Outcomes, Response};

use crate::query::QueryPaths;

/// Indexes of paths. Most batches need no memory for them.
pub(super) type Indexes = SmallVec<[usize; 6]>;

/// The paths of a batch, each with its outcome.
pub(crate) struct Items<'a> {
    pub(super) paths: &'a [&'a str],
    query: &'a QueryPaths<'a>,
    pub(super) outcomes: &'a mut (dyn Outcomes + Send),
    /// The open indexes: those still to be requested.
    pub(super) left: Indexes,
    /// How often each index was requested.
    asked: SmallVec<[u32; 8]>,
    /// Whether the call requests one endpoint by itself (`Vehicle::get`).
    pub(super) single: bool,
}

impl<'a> Items<'a> {
    pub(crate) fn new(
        paths: &'a QueryPaths<'a>,
        outcomes: &'a mut (dyn Outcomes + Send),
        single: bool,
    ) -> Self {
        Self {
            left: (0..paths.len()).collect(),
            asked: smallvec![0; paths.len()],
            paths,
            query: paths,
            outcomes,
            single,
        }
    }

    /// The open indexes and their paths.
    pub(super) fn current(&self) -> Vec<(usize, &'a str)> {
        let pair = |index: &usize| (*index, self.paths[*index]);
        self.left.iter().map(pair).collect()
    }

    /// The open paths.
    pub(super) fn current_paths(&self) -> Vec<&'a str> {
        self.left.iter().map(|index| self.paths[*index]).collect()
    }

    /// Counts one attempt for each open path.
    pub(super) fn count(&mut self) {
        for index in &self.left {
            self.asked[*index] += 1;
        }
    }

    /// Writes the number of attempts and the error of each path into the response.
    pub(super) fn report(&self, told: &mut Response<()>) {
        told.reserve(self.asked.len());
        for (index, asked) in self.asked.iter().enumerate() {
            let error: Option<&ItemError> = self.outcomes.error(index);
            told.note(self.query.name(index), *asked, error.cloned());
        }
    }
}
