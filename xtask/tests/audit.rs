//! `cargo xtask audit`: what it finds, what it leaves alone, and what it never shows.
//!
//! Invariant: every value is invented, and planted so that a leak is seen.

#![allow(
    clippy::unwrap_used,
    reason = "a failed `unwrap` is the test's message"
)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "`json!` gives values, and a test reads best without `&`"
)]

#[path = "audit/clean.rs"]
mod clean;
#[path = "audit/golden.rs"]
mod golden;
#[path = "audit/planted.rs"]
mod planted;
#[path = "audit/plants.rs"]
mod plants;
#[path = "audit/secrecy.rs"]
mod secrecy;
#[path = "audit/support.rs"]
mod support;
