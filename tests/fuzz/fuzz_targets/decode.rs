//! Any bytes as the answer to a batch and as the answer of each endpoint alone.
//!
//! Invariant: what is checked stands in `checks.rs`, which the plain test of
//! the corpus runs too.

#![no_main]

#[path = "../checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::decode(bytes));
