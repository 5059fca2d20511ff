//! The items of a batch, as they are written.
//!
//! Invariant: an item is written as `serde_json` writes maps, by the order of its
//! keys, and always has `headers`, if only an empty object: clients fail without.

use http::HeaderName;
use http::header::RETRY_AFTER;
use serde_json::{Map, Value, json};
use smartcar_model::UnitSystem;

use crate::answer::Answer;
use crate::document::Content;
use crate::header::{DeclaredHeader, HeaderContent};
use crate::json;

/// One item alone.
pub(crate) fn item(path: &str, answer: &Answer) -> String {
    let mut text = Vec::new();
    append(&mut text, path, answer);
    json::finish(text)
}

/// Writes any answer as an item.
pub(crate) fn append(text: &mut Vec<u8>, path: &str, answer: &Answer) {
    let headers = answer.headers.iter();
    let mut headers: Vec<_> = headers.map(|(name, it)| (spelling(name), it)).collect();
    headers.sort_by_key(|(name, _)| *name);
    text.extend_from_slice(b"{\"body\":");
    text.extend_from_slice(answer.body.as_bytes());
    text.extend_from_slice(b",\"code\":");
    json::append(text, &answer.status.as_u16());
    text.extend_from_slice(b",\"headers\":{");
    for (place, (name, value)) in headers.into_iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        // No character of a header's name is escaped in json.
        json::append_plain(text, name);
        text.push(b':');
        json::append(text, &value.to_str().unwrap_or_default());
    }
    text.extend_from_slice(b"},\"path\":");
    json::append(text, &path);
    text.push(b'}');
}

/// The schema and the example of a path's item.
pub(crate) struct Described {
    pub(crate) schema: Value,
    pub(crate) example: Value,
}

impl Described {
    /// From those of its body and headers.
    pub(crate) fn new(
        path: &str,
        body: &Content<'_>,
        headers: &[DeclaredHeader],
        units: &UnitSystem,
    ) -> Self {
        let mut schemas = Map::new();
        let mut examples = Map::new();
        for header in headers {
            let name = spelling(&header.name);
            let (schema, example) = match &header.value {
                HeaderContent::Units => (&Value::Null, units.as_str()),
                HeaderContent::Example { text, schema, .. } => (schema, text.as_str()),
            };
            schemas.insert(name.to_owned(), schema.clone());
            examples.insert(name.to_owned(), example.into());
        }
        let headers = json!({"properties": schemas});
        Self {
            schema: json!({"properties": {"body": body.schema, "headers": headers}}),
            example: json!({"body": body.example, "code": 200, "headers": examples, "path": path}),
        }
    }
}

/// A header's name as items have it. Lower case as everywhere, but the API's
/// documentation writes this one so.
fn spelling(name: &HeaderName) -> &str {
    if *name == RETRY_AFTER {
        "Retry-After"
    } else {
        name.as_str()
    }
}
