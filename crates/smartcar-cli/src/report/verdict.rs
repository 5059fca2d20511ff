//! How a vehicle's answer is counted in a fleet, and in an exit code.
//!
//! Invariant: the order is the severity, so that the worst of several is their
//! maximum.

/// What became of a vehicle, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// Every item was answered.
    Good,
    /// It was answered; some or all of its items failed.
    Partly,
    /// It, or one of its items, said how long to wait.
    Waiting,
    /// It was not answered.
    Failed,
}
