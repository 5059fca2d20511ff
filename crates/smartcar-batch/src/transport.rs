//! Between a dialect's request and its reply: the HTTP client and what it read.
//!
//! Invariant: nothing here repeats or interprets; it only says whether anything
//! left the machine.

mod http;
mod reply;

pub(crate) use http::{Http, Origins, USER_AGENT, Wire, http_client};
pub(crate) use reply::{Lost, Missed, Reply, lost, whole};

/// A future that a trait object can return.
pub(crate) use smartcar_client::BoxFuture;
