//! The declared headers of a response, and the items of a batch.
//!
//! Invariant: an item is written as `serde_json` writes maps, sorted by key, and
//! always has `headers`, even if empty, because clients fail without it.

use std::collections::BTreeMap;

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use smartcar_model::UnitSystem;

use crate::answer::{Answer, REQUEST_ID};
use crate::document::{Content, SpecError, resolve};
use crate::units::UNIT_SYSTEM;
use crate::world::variable::{Variable, fed};

/// Converts a response to a batch item.
pub(crate) fn item(path: &str, answer: &Answer) -> Value {
    let body: Value = serde_json::from_slice(&answer.body).expect("the server writes json");
    let headers = answer.headers.iter();
    let headers = headers.map(|(name, it)| (spelling(name), it.to_str().unwrap_or_default()));
    let headers: BTreeMap<_, _> = headers.collect();
    json!({"body": body, "code": answer.status.as_u16(), "headers": headers, "path": path})
}

/// An error item declares its content type, as a single error response does.
pub(crate) fn with_content_type(answer: Answer) -> Answer {
    answer.with_header(CONTENT_TYPE, "application/json")
}

/// The schema and the example of a path's item, built from those of its body and
/// headers.
pub(crate) fn described(
    path: &str,
    body: &Content<'_>,
    headers: &[DeclaredHeader],
    units: &UnitSystem,
) -> (Value, Value) {
    let mut schemas = BTreeMap::new();
    let mut examples = BTreeMap::new();
    for header in headers {
        let name = spelling(&header.name);
        let (schema, example) = match &header.value {
            HeaderContent::Units => (&Value::Null, units.as_str()),
            HeaderContent::Example { text, schema, .. } => (schema, text.as_str()),
        };
        schemas.insert(name, schema);
        examples.insert(name, example);
    }
    let headers = json!({"properties": schemas});
    (
        json!({"properties": {"body": body.schema, "headers": headers}}),
        json!({"body": body.example, "code": 200, "headers": examples, "path": path}),
    )
}

/// The spelling of a header name in items. It is lower case, except for this
/// header, which the API's documentation capitalises.
fn spelling(name: &HeaderName) -> &str {
    if *name == RETRY_AFTER {
        "Retry-After"
    } else {
        name.as_str()
    }
}

/// A header of a response.
#[derive(Debug)]
pub(crate) struct DeclaredHeader {
    pub(crate) name: HeaderName,
    pub(crate) value: HeaderContent,
}

/// The value of a header.
#[derive(Debug)]
pub(crate) enum HeaderContent {
    /// The name of the response's unit system.
    Units,
    /// The value of the schema's variable if it is known, else the example.
    Example {
        text: String,
        schema: Value,
        variable: Option<Variable>,
    },
}

/// The headers of a response except the request id, sorted by name.
pub(crate) fn read(document: &Value, success: &Value) -> Result<Vec<DeclaredHeader>, SpecError> {
    let declared = success.get("headers").and_then(Value::as_object);
    let declared = declared.into_iter().flatten();
    let mut headers = Vec::new();
    for (name, header) in declared.filter(|(name, _)| REQUEST_ID != name.as_str()) {
        let wrong = |fault: &str| SpecError::new(format!("header `{name}`: {fault}"));
        let value = if name == UNIT_SYSTEM {
            HeaderContent::Units
        } else {
            let header = resolve(document, header)?;
            let text = match header.get("example") {
                Some(Value::String(example)) => example.clone(),
                Some(example @ Value::Number(_)) => example.to_string(),
                _ => return Err(wrong("the example is missing")),
            };
            HeaderValue::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
            let schema = header.get("schema").unwrap_or(&Value::Null);
            let schema = resolve(document, schema)?.clone();
            HeaderContent::Example {
                text,
                variable: fed(&schema)?,
                schema,
            }
        };
        let name = HeaderName::try_from(name).map_err(|error| wrong(&error.to_string()))?;
        headers.push(DeclaredHeader { name, value });
    }
    headers.sort_by(|one, other| one.name.as_str().cmp(other.name.as_str()));
    Ok(headers)
}
