//! Nothing but tests: see `compile_fail.rs` and the case beside it.
