//! The exit codes of every command.
//!
//! Invariant: a wrong spec is told apart from a stale file.

/// Everything is as it should be.
pub const CLEAN: u8 = 0;
/// Something is stale, or a check failed.
pub const STALE: u8 = 1;
/// The spec, or the call, is wrong.
pub const WRONG: u8 = 2;
