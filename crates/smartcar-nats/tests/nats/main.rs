//! The queue on a real NATS server.
//!
//! Invariant: every test has a server of its own, and nothing of it is mocked.

mod harness;
mod jobs;
mod outage;
mod server;
mod tickets;
mod waits;
