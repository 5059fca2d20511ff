//! Nothing but tests: see `compile_fail.rs` and the cases beside it.
