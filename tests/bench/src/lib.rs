//! What `cargo xtask bench` measures: our decoders and clients, and beside them the
//! limits that they are held to.
//!
//! Invariant: nothing here judges; the rows and their limits are the command's.

pub mod answers;
pub mod cases;
pub mod decode;
pub mod delivery;
pub mod encode;
pub mod network;
pub mod signals;
pub mod times;
