//! What must hold for any response of the API. The fuzz targets and the test that
//! replays their corpus share these checks.
//!
//! Invariant: a check fails by panicking, and depends only on its input bytes.

#![allow(
    dead_code,
    unused_imports,
    reason = "each fuzz target uses one of them"
)]

#[path = "checks/decode.rs"]
mod answers;
#[path = "checks/delivery.rs"]
mod events;
#[path = "checks/headers.rs"]
mod lines;
#[path = "checks/signals.rs"]
mod store;

pub(crate) use answers::check as decode;
pub(crate) use events::check as delivery;
pub(crate) use lines::check as headers;
pub(crate) use store::check as signals;
