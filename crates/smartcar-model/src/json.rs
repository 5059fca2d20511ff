//! Results and errors as JSON (feature `serde`): the objects that
//! `smartcar batch --json` prints.
//!
//! Invariant: the members, their order and their nulls are a contract. Within a
//! response an error or a `meta` has exactly those that the command prints; alone
//! it has whatever else is known of it, so that it can be stored and read back.

mod error_object;
mod item;
mod member_error;
mod reading;
mod response;
mod seconds;
#[cfg(test)]
mod tests;
mod texts;
mod words;

pub use response::Noted;
