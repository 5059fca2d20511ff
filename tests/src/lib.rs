//! What the tests share: servers that answer what they are told, and one that
//! breaks what it is told.
//!
//! Invariant: raw TCP on a free loopback port, so that a test sees every byte
//! that was sent and can send any byte back.

mod breaking;
mod canned;
mod http2;
mod request;

pub use breaking::{Breaking, Step};
pub use canned::{Canned, answer};
pub use http2::{Discovery, Http2, OnRequest};
