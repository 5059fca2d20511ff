//! Shared by the tests: a server with canned responses, and one that breaks
//! connections as scripted.
//!
//! Invariant: both use raw TCP on a free loopback port, so that a test sees every
//! byte sent and can send any byte back.

mod breaking;
mod canned;
mod http2;
mod request;
mod scripted;

pub use breaking::{Breaking, Step};
pub use canned::{Canned, answer};
pub use http2::{Discovery, Http2, OnRequest};
