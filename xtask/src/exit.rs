//! The exit codes of all commands.
//!
//! Invariant: an invalid spec and a stale file have different codes.

/// Success.
pub const CLEAN: u8 = 0;
/// A file is stale, or a check failed.
pub const STALE: u8 = 1;
/// The spec or the command line is invalid.
pub const WRONG: u8 = 2;
