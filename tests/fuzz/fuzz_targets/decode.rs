//! Any bytes as a batch response and as the response of each single endpoint.
//!
//! Invariant: the checks are in `checks.rs`, which the plain corpus test also runs.

#![no_main]

#[path = "../checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::decode(bytes));
