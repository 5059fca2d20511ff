//! Any bytes as a response with signals, and every path built from them.
//!
//! Invariant: the checks are in `checks.rs`, which the plain corpus test also runs.

#![no_main]

#[path = "../checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::signals(bytes));
