//! Commands for maintainers. `cargo xtask regen` generates sources from `spec/`; the
//! other commands check that everything agrees with the spec.
//!
//! Architecture invariant: this crate does not depend on any crate in `crates/`. It
//! reads the spec and writes text.

pub mod api;
pub mod audit;
pub mod bench;
pub mod commands;
pub mod emit;
pub mod exit;
pub mod finding;
pub mod json_schema;
pub mod judges;
pub mod lint;
pub mod mutants;
pub mod package;
pub mod parallel;
pub mod plan;
pub mod release;
pub mod source;
pub mod tools;
pub mod write;
