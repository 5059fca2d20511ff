//! The command with real servers.
//!
//! Invariant: everything a test starts ends with it.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

mod budget;
mod harness;
