//! Converts OpenAPI 3.0 schemas to JSON Schema for validators.
//!
//! Invariant: `nullable` is the only OpenAPI keyword that needs conversion.

use serde_json::{Value, json};

/// Replaces `nullable` everywhere with its JSON Schema form.
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
