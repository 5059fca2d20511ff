//! Which variables of a vehicle's state the description names, and where.
//!
//! Invariant: every variable that is named is known once the start-up check passed.

use serde_json::Value;

use super::variable::Variable;
use crate::document::{SpecError, each_schema};

/// The key of a schema that names its variable.
const STATE: &str = "x-smartcar-state";

/// The variable that feeds a schema's value.
pub(crate) fn variable(schema: &Value) -> Result<Option<Variable>, SpecError> {
    let Some(name) = schema.get(STATE) else {
        return Ok(None);
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind = schema.get("type").map(text).unwrap_or_default();
    Variable::read(&text(name), &kind).map(Some)
}

/// Finds every variable below a schema and fails on the first that is unknown.
pub(crate) fn check(document: &Value, schema: &Value) -> Result<(), SpecError> {
    each_schema(document, schema, &mut |schema| variable(schema).map(drop))
}
