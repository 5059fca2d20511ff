//! The schemas of OpenAPI 3.0 as JSON Schema, which validators understand.
//!
//! Invariant: `nullable` is the only keyword of OpenAPI that changes what a
//! value may be; the rest is the same in both.

use serde_json::{Value, json};

/// Writes `nullable` as JSON Schema does, throughout.
pub fn widen(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let nullable = map.remove("nullable") == Some(Value::Bool(true));
            if nullable && let Some(Value::String(kind)) = map.get("type").cloned() {
                map.insert("type".to_owned(), json!([kind, "null"]));
            }
            map.values_mut().for_each(widen);
        }
        Value::Array(list) => list.iter_mut().for_each(widen),
        _ => {}
    }
}
