//! What the client tells `tracing`: spans for a call and for each attempt,
//! events for repeats and waits.
//!
//! Invariant: nothing personal (no token, body, vehicle id or full URL), and
//! without the feature nothing at all: every function is empty.

#[cfg(not(feature = "tracing"))]
#[path = "observe/off.rs"]
mod imp;
#[cfg(feature = "tracing")]
#[path = "observe/on.rs"]
mod imp;

pub(crate) use imp::{answered, attempt, call, ended, origin_from_env, parked, repeat, within};
