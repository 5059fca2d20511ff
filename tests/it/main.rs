//! Tests across crates, as far as a single process can run them.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

mod any_input;
mod bad_input;
mod both_versions;
mod broken_connections;
mod drift;
mod guide;
mod http2;
mod items;
mod lean_model;
mod never_sent;
mod new_endpoint;
mod observed;
mod personal;
mod schema_parity;
mod secrets;
mod signal_case;
mod success_status;
mod v3_faults;
mod v3_wire;
mod webhook;
mod wire;
