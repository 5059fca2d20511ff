//! Reads an OpenAPI document as JSON.
//!
//! Invariant: an error about a missing part names its location.

use std::collections::HashSet;
use std::fmt;

use serde_json::Value;
#[derive(Debug)]
pub(crate) struct SpecError(String);

impl SpecError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    pub(crate) fn at(self, place: &str) -> Self {
        Self(format!("{place}: {}", self.0))
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SpecError {}

/// Parses the document. Also returns the version that begins each path, such as
/// `v2.0`.
pub(crate) fn parse(text: &str) -> Result<(Value, String), SpecError> {
    let document: Value =
        serde_json::from_str(text).map_err(|error| SpecError::new(error.to_string()))?;
    let server = text_at(&document, "/servers/0/url")?;
    let version = server.rsplit('/').next().unwrap_or_default().to_owned();
    Ok((document, version))
}

/// Follows `$ref` and returns the schema, parameter or header.
pub(crate) fn resolve<'d>(document: &'d Value, node: &'d Value) -> Result<&'d Value, SpecError> {
    let mut node = node;
    // A longer chain is a cycle.
    for _ in 0..16 {
        let Some(reference) = node.get("$ref").and_then(Value::as_str) else {
            return Ok(node);
        };
        node = reference
            .strip_prefix('#')
            .and_then(|pointer| document.pointer(pointer))
            .ok_or_else(|| SpecError::new(format!("nothing at `{reference}`")))?;
    }
    Err(SpecError::new("a `$ref` leads back to itself"))
}

/// Visits a schema and all schemas below it, following `$ref`; each component once.
pub(crate) fn each_schema<'d>(
    document: &'d Value,
    schema: &'d Value,
    visit: &mut dyn FnMut(&'d Value) -> Result<(), SpecError>,
) -> Result<(), SpecError> {
    let mut seen = HashSet::new();
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        // A component can refer to itself, so visit it once.
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str)
            && !seen.insert(reference)
        {
            continue;
        }
        let schema = resolve(document, schema)?;
        visit(schema)?;
        let members = schema.get("properties").and_then(Value::as_object);
        let members = members.into_iter().flat_map(|members| members.values());
        let inner = ["items", "additionalProperties"].map(|key| schema.get(key));
        // The last element of the stack is visited next.
        let below = open.len();
        open.extend(members.chain(inner.into_iter().flatten()));
        open[below..].reverse();
    }
    Ok(())
}

pub(crate) fn text_at<'d>(node: &'d Value, pointer: &str) -> Result<&'d str, SpecError> {
    node.pointer(pointer)
        .and_then(Value::as_str)
        .ok_or_else(|| SpecError::new(format!("missing text at `{pointer}`")))
}
pub(crate) fn texts_at<'d>(node: &'d Value, key: &str) -> Option<impl Iterator<Item = &'d str>> {
    let list = node.get(key)?.as_array()?;
    Some(list.iter().filter_map(Value::as_str))
}
pub(crate) fn parameters<'d>(
    document: &'d Value,
    operation: &'d Value,
) -> impl Iterator<Item = Result<&'d Value, SpecError>> {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let parameters = parameters.into_iter().flatten();
    parameters.map(|parameter| resolve(document, parameter))
}

/// A JSON body with its schema.
pub(crate) struct Content<'d> {
    pub(crate) schema: &'d Value,
    pub(crate) example: &'d Value,
}
pub(crate) fn content(response: &Value) -> Result<Content<'_>, SpecError> {
    let content = response
        .pointer("/content/application~1json")
        .ok_or_else(|| SpecError::new("the json body is missing"))?;
    let examples = || content.get("examples")?.as_object();
    let first = || {
        examples()?
            .values()
            .find_map(|example| example.get("value"))
    };
    Ok(Content {
        schema: content.get("schema").unwrap_or(&Value::Null),
        example: content
            .get("example")
            .or_else(first)
            .ok_or_else(|| SpecError::new("the example is missing"))?,
    })
}
