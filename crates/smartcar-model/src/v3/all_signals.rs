//! The path of all signals.
//!
//! Invariant: it has no other form.

/// The batch path of all signals.
pub const ALL_SIGNALS: &str = "/signals";
