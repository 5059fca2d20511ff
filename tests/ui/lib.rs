//! Only tests: see `compile_fail.rs` and the cases next to it.
