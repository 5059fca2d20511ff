//! The command as scripts and people use it: arguments and environment in, stdout, stderr
//! and exit code out.
//!
//! Invariant: every test runs the built binary; none uses a fixed port.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

mod budget;
mod describe;
mod doctor;
mod failed;
mod fleet;
mod harness;
mod json;
mod listen;
mod listen_wire;
mod listener;
mod record;
mod refused;
mod resume;
mod scenario;
mod set_up;
mod simulate;
mod storm;
mod tables;
#[cfg(unix)]
mod terminal;
mod unknown;
mod version_3;
