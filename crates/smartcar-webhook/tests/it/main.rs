//! Tests of the public API.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

#[cfg(feature = "axum")]
mod axum;
mod claims;
mod derive;
mod irregular;
mod large;
mod latest;
mod seen;
mod signature;
mod support;
