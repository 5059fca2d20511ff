//! What must hold whatever the API answers: the fuzz targets and the test
//! that replays their corpus share it.
//!
//! Invariant: a check fails by panicking, and depends on nothing but its bytes.

#![allow(dead_code, unused_imports, reason = "a fuzz target uses one of them")]

#[path = "checks/decode.rs"]
mod answers;
#[path = "checks/headers.rs"]
mod lines;
#[path = "checks/signals.rs"]
mod store;

pub(crate) use answers::check as decode;
pub(crate) use lines::check as headers;
pub(crate) use store::check as signals;
