//! What `cargo xtask bench` measures and judges.
//!
//! Invariant: only counts are judged, never times; each row has its base measured
//! in the same run.

pub mod build;
pub mod measure;
pub mod rows;
pub mod table;
