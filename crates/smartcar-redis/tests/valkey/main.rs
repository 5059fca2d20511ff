//! The budget on a real Valkey.
//!
//! Invariant: each test has its own server, or its own name on it.

mod conformance;
mod harness;
mod outage;
mod processes;
mod scripts;
mod sharing;
mod status;
