//! Any bytes as headers, waits and dates.
//!
//! Invariant: the checks are in `checks.rs`, which the plain corpus test also runs.

#![no_main]

#[path = "../checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::headers(bytes));
