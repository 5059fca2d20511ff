//! Tests of the public API.

#[cfg(feature = "axum")]
mod axum;
mod derive;
mod irregular;
mod latest;
mod seen;
mod signature;
mod support;
