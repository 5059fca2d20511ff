//! Results and errors as JSON (feature `serde`), in the format of `smartcar batch
//! --json`.
//!
//! Invariant: the members, their order and their nulls are stable. Within a
//! response, an error or a `meta` has exactly the members that the command
//! prints. Serialized by itself, it also has everything else that is known, so
//! that it can be stored and read back.

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
