//! What another process sees and does: tokens, faults, the admin endpoint and a
//! scenario, all over a socket.

#![expect(
    clippy::unwrap_used,
    reason = "a failed `unwrap` in a test is the test's message"
)]

mod admin;
mod forms;
mod http;
mod scenario;
