//! `smartcar enqueue` and `smartcar worker` on a real NATS server.
//!
//! Invariant: every test runs the built binary and has servers of its own.

#![cfg(unix)]

mod enqueue;
mod harness;
mod killed;
mod listen;
mod signals;
mod stub;
mod throughput;
mod worker;
