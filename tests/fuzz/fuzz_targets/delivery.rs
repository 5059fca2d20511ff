//! Any bytes as an event of a webhook, and every path built from its signals.
//!
//! Invariant: the checks are in `checks.rs`, which the plain corpus test also runs.

#![no_main]

#[path = "../checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::delivery(bytes));
