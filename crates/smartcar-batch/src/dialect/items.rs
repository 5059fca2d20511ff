//! The paths of a batch while they are asked.
//!
//! Invariant: an index is left exactly while its outcome is an error that asking
//! again may repair, or while nothing was answered yet.

use smartcar_model::{ItemError, Outcomes, Response};

/// The paths of a batch, each with its outcome.
pub(crate) struct Items<'a> {
    pub(super) paths: &'a [&'a str],
    pub(super) outcomes: &'a mut (dyn Outcomes + Send),
    /// Indexes still to be asked.
    pub(super) left: Vec<usize>,
    /// How often each index was asked.
    asked: Vec<u32>,
    /// Whether the call asks one endpoint alone.
    pub(super) single: bool,
}

impl<'a> Items<'a> {
    pub(crate) fn new(
        paths: &'a [&'a str],
        outcomes: &'a mut (dyn Outcomes + Send),
        single: bool,
    ) -> Self {
        Self {
            left: (0..paths.len()).collect(),
            asked: vec![0; paths.len()],
            paths,
            outcomes,
            single,
        }
    }

    /// The indexes and paths that are left.
    pub(super) fn current(&self) -> Vec<(usize, &'a str)> {
        let pair = |index: &usize| (*index, self.paths[*index]);
        self.left.iter().map(pair).collect()
    }

    /// The paths that are left.
    pub(super) fn current_paths(&self) -> Vec<&'a str> {
        self.left.iter().map(|index| self.paths[*index]).collect()
    }

    /// Counts an attempt that asked what is left.
    pub(super) fn count(&mut self) {
        for index in &self.left {
            self.asked[*index] += 1;
        }
    }

    /// Reports how often each path was asked, and what failed.
    pub(super) fn report(&self, told: &mut Response<()>) {
        for (index, (path, asked)) in self.paths.iter().zip(&self.asked).enumerate() {
            let error: Option<&ItemError> = self.outcomes.error(index);
            told.note(path, *asked, error.cloned());
        }
    }
}
