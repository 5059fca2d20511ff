//! Redaction of personal data in `Debug` output.
//!
//! Invariant: marked members and raw bodies are both printed as `[redacted]`.

use std::any::TypeId;
use std::fmt;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Printed instead of personal data.
pub(crate) struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Whether a body type is arbitrary JSON, which may contain personal data.
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
