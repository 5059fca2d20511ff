//! Between a dialect's request and its reply: the HTTP client and what it read.
//!
//! Invariant: nothing here repeats or interprets; it only says whether anything
//! left the machine.

mod body;
mod client;
mod http;
mod http_transport;
mod pool;
mod reply;

pub(crate) use body::TooLarge;
pub(crate) use client::{Configure, http_client};
pub(crate) use http::{Carrier, Http, Origins, Role, USER_AGENT, Wire};
pub use http_transport::HttpTransport;
pub(crate) use reply::{Lost, Missed, Reply, lost, whole};

/// A future that a trait object can return.
pub(crate) use smartcar_client::BoxFuture;
