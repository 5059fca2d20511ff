//! The headers that an answer declares.
//!
//! Invariant: each has something to say: the unit system, or an example that a
//! header can carry.

use http::{HeaderName, HeaderValue};
use serde_json::Value;

use crate::document::{SpecError, resolve};
use crate::units::UNIT_SYSTEM;
use crate::world::variable::{Variable, fed};

/// Belongs to the outer answer; what the description has is an example.
pub(crate) const REQUEST_ID: &str = "sc-request-id";

/// A header of an answer.
#[derive(Debug)]
pub(crate) struct DeclaredHeader {
    pub(crate) name: HeaderName,
    pub(crate) value: HeaderContent,
}

/// What a header says.
#[derive(Debug)]
pub(crate) enum HeaderContent {
    /// The name of the answer's unit system.
    Units,
    /// What is known of the schema's variable, else the example.
    Example {
        text: String,
        schema: Value,
        variable: Option<Variable>,
    },
}

/// The headers of an answer but for the request id, by their names.
pub(crate) fn read(document: &Value, success: &Value) -> Result<Vec<DeclaredHeader>, SpecError> {
    let declared = success.get("headers").and_then(Value::as_object);
    let declared = declared.into_iter().flatten();
    let mut headers = Vec::new();
    for (name, header) in declared.filter(|(name, _)| *name != REQUEST_ID) {
        let wrong = |fault: &str| SpecError::new(format!("header `{name}`: {fault}"));
        let value = if name == UNIT_SYSTEM {
            HeaderContent::Units
        } else {
            let header = resolve(document, header)?;
            let text = match header.get("example") {
                Some(Value::String(example)) => example.clone(),
                Some(example @ Value::Number(_)) => example.to_string(),
                _ => return Err(wrong("no example")),
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
