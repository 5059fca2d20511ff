//! Shared by the tests: a server with canned responses, one that breaks connections as
//! scripted, and real engines (Valkey and NATS).
//!
//! Invariant: everything listens on a free loopback port and ends with its test.

mod breaking;
mod canned;
mod engine;
mod http2;
mod request;
mod scripted;

pub use breaking::{Breaking, Step};
pub use canned::{Canned, answer};
pub use engine::Engine;
pub use http2::{Discovery, Http2, OnRequest};
