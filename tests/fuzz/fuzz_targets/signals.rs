//! Any bytes as an answer with signals, and every path made of it.
//!
//! Invariant: what is checked stands in `checks.rs`, which the plain test of
//! the corpus runs too.

#![no_main]

#[path = "../checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::signals(bytes));
