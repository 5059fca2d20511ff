//! How a vehicle's outcome counts in a fleet and in the exit code.
//!
//! Invariant: the variants are ordered by severity, so the maximum is the worst.

/// A vehicle's outcome, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// All items succeeded.
    Good,
    /// It has results; some or all items failed.
    Partly,
    /// The vehicle, or one of its items, was told to wait.
    Waiting,
    /// It failed as a whole.
    Failed,
}
