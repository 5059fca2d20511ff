//! What the soak prints.
//!
//! Invariant: it is printed for people, and nothing is decided by it.

use std::time::Duration;

use crate::ledger::Sums;
use crate::load::End;

/// The numbers so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    batches: u64,
    good: u64,
    partly: u64,
    failed: u64,
    dropped: u64,
    pub(crate) sums: Sums,
    /// Requests that were charged over HTTP/2 and found among the frames only.
    pub(crate) unseen: u64,
    /// Calls over HTTP/2 that gave up a request that may not have been sent.
    pub(crate) given_up: usize,
    /// Requests over HTTP/2 that the library of the server did not show.
    pub(crate) hidden: u64,
    pub(crate) opened: u64,
    pub(crate) refreshes: u64,
    pub(crate) failed_refreshes: u64,
    /// The longest that the machine let a task wait.
    pub(crate) lag: Duration,
}

impl Report {
    /// Takes in how batches ended.
    pub(crate) fn take(&mut self, ends: &[End]) {
        for end in ends {
            self.batches += 1;
            *match end {
                End::Good => &mut self.good,
                End::Partly => &mut self.partly,
                End::Failed => &mut self.failed,
                End::Dropped => &mut self.dropped,
            } += 1;
        }
    }

    /// How many batches ended.
    pub(crate) fn batches(&self) -> u64 {
        self.batches
    }

    /// Prints a line.
    pub(crate) fn print(&self, round: u32, elapsed: Duration, heap: usize) {
        let Self {
            batches,
            good,
            partly,
            failed,
            dropped,
            sums,
            unseen,
            hidden,
            given_up,
            opened,
            refreshes,
            failed_refreshes,
            lag,
        } = self;
        let rate = u128::from(*batches) * 1000 / elapsed.as_millis().max(1);
        println!(
            "round {round}: {batches} batches, {rate}/s: {good} good, {partly} partly, {failed} failed, {dropped} dropped"
        );
        println!(
            "  wire: {} requests ({} refused), {} units; charged {} units, {} of them told (told {}); {unseen} unseen of {hidden} hidden, {given_up} given up",
            sums.requests, sums.refused, sums.wire, sums.budget, sums.budget_of_told, sums.told
        );
        println!(
            "  {opened} connections, {refreshes} refreshes ({failed_refreshes} failed), heap {} KiB, lag {lag:?}",
            heap / 1024
        );
    }
}
