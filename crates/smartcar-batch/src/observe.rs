//! Output for `tracing`: spans for calls and attempts, events for retries and waits.
//!
//! Invariant: it contains no personal data (no token, body, vehicle ID or full URL).
//! Without the feature every function is empty.

#[cfg(not(feature = "tracing"))]
#[path = "observe/off.rs"]
mod imp;
#[cfg(feature = "tracing")]
#[path = "observe/on.rs"]
mod imp;

pub(crate) use imp::{answered, attempt, call, ended, origin_from_env, parked, repeat, within};
