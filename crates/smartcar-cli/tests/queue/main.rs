//! `smartcar enqueue` and `smartcar worker` on a real NATS server.
//!
//! Invariant: every test runs the built binary and has servers of its own.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

mod enqueue;
mod harness;
mod killed;
mod listen;
mod signals;
mod stub;
mod throughput;
mod worker;
