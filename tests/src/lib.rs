//! Shared by the tests: a server with canned responses, one that breaks connections as
//! scripted, real engines (Valkey and NATS), storms of webhook deliveries, and commands in
//! a clean environment.
//!
//! Invariant: everything listens on a free loopback port and ends with its test.

mod breaking;
mod canned;
mod engine;
mod environment;
mod http2;
mod request;
mod scripted;
pub mod storm;

pub use breaking::{Breaking, Step};
pub use canned::{Canned, answer};
pub use engine::Engine;
pub use environment::clean;
pub use http2::{Discovery, Http2, OnRequest};
