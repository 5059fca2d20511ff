//! The simulator from outside the crate: over a socket, controlled from another
//! process, and set up from a scenario.

#![expect(
    clippy::unwrap_used,
    reason = "a failed `unwrap` in a test is the test's message"
)]

mod admin;
mod deliveries;
mod faults;
mod forms;
mod http;
mod product;
mod receiver;
mod same;
mod saved;
mod scenario;
mod socket;
mod vehicles;
