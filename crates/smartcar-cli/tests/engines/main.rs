//! The command with real servers.
//!
//! Invariant: everything a test starts ends with it.

mod budget;
mod harness;
