//! The budget on a real Valkey.
//!
//! Invariant: each test has its own server, or its own name on it.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

mod conformance;
mod harness;
mod outage;
mod processes;
mod scripts;
mod sharing;
mod status;
