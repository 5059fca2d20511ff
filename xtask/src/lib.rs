//! Maintainers' commands. `cargo xtask regen` turns `spec/` into the generated
//! sources; the rest checks that everything agrees with it.
//!
//! Architecture invariant: this crate knows no crate of `crates/`; it reads the
//! spec and writes text.

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
pub mod plan;
pub mod release;
pub mod source;
pub mod write;
