//! The sender of webhooks.
//!
//! Invariant: what is sent depends only on the seed, the vehicles, the faults and the
//! simulated clock. Only the answers come from outside.

mod control;
mod event;
pub(crate) mod fault;
pub(crate) mod hooks;
pub(crate) mod known;
mod post;
pub(crate) mod sender;
pub(crate) mod start;
