//! The maintainers' commands, tested as their users see them.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

mod audit;
mod mapping;
mod mutations;
mod release;
mod rules;
