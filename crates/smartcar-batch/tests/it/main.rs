//! The façade as its users see it, mostly against the simulator over sockets.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

mod budget;
mod conformance;
mod derive;
mod examples;
mod fleet;
mod loader;
mod many;
mod plugging;
mod quantities;
mod service;
mod set_up;
mod signals;
