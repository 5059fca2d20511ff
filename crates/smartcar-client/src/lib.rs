//! How to ask the Smartcar API: one method an operation.
//!
//! The requests are generated from the OpenAPI description in the repository's
//! `spec/` folder; each answers its status, headers and a stream of bytes,
//! whatever the body is, so that reading stays in one place. By hand is only
//! [`Session`]: what every request carries.
//!
//! Most users want the façade, `smartcar-batch`, which adds deadlines, the send
//! policy and typed answers.
//!
//! Architecture invariant: nothing here reads a body, waits or asks twice.

#[rustfmt::skip] // prettyplease formats it: the same bytes on every machine.
mod generated;
mod session;
mod transport;
mod watched;

pub use generated::{ByteStream, Client, ClientInfo, Error, ResponseValue, get, v3};
pub use session::Session;
pub use transport::{BoxFuture, Transport, TransportError, TransportFuture};
