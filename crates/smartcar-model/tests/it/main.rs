//! What the model accepts and what it rejects, through its public API.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

mod common;
mod differential;
mod irregular_answers;
mod irregular_signals;
mod items;
mod json_values;
mod last_known;
mod mutate;
mod plain;
mod resources;
mod signals_kept;
mod signals_listed;
mod signals_lists;
mod signals_mapping;
mod signals_told;
