//! What `Debug` does not show.
//!
//! Invariant: one style, `[redacted]`, for marked members and for raw bodies.

use std::any::TypeId;
use std::fmt;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// What `Debug` prints in place of personal data.
pub(crate) struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Whether a body's type is JSON of any shape, which may hold anything.
pub(crate) fn is_raw<T: 'static>() -> bool {
    let raw = [
        TypeId::of::<Box<RawValue>>(),
        TypeId::of::<Value>(),
        TypeId::of::<Map<String, Value>>(),
        TypeId::of::<Vec<Value>>(),
        TypeId::of::<String>(),
    ];
    raw.contains(&TypeId::of::<T>())
}
