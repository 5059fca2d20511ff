//! HTTP requests of the Smartcar API: one method per operation.
//!
//! The requests are generated from the OpenAPI specs in the repository's `spec/`
//! folder. Each returns the response as it came, so that decoding is in one place. Only
//! [`Session`] and [`Transport`] are written by hand: what every request carries, and
//! what sends it.
//!
//! Most users want the façade, `smartcar-batch`, which adds deadlines, retries,
//! budgets and typed responses.
//!
//! Architecture invariant: this crate does not read bodies, wait or retry.

mod authorization;
#[rustfmt::skip] // Formatted by prettyplease, so that it is the same on every machine.
mod generated;
mod session;
mod transport;
mod url;
mod watched;

pub use authorization::Authorization;
pub use generated::{ByteStream, Client, ClientInfo, Error, get, v3};
pub use session::Session;
pub use transport::{BoxFuture, Transport, TransportError, TransportFuture};
