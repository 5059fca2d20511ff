//! The batch: many endpoints in one answer.
//!
//! Invariant: once the request is understood the answer is 200 with one item a
//! path, in the order asked, whatever the items are.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode};
use serde_json::{Map, Value, json};

use crate::answer::{self, Answer, Asked};
use crate::json;
use crate::limits::meter::Meter;
use crate::spec::{DeclaredHeader, HeaderContent, Spec};
use crate::units::UnitSystem;
use crate::validate::Entry;

/// Whether an operation is the batch itself.
pub(crate) const OPERATION: &str = "batch";
/// How long a batch is without its items, in bytes.
const FRAME: usize = "{\"responses\":[]}".len();

/// Answers every path.
pub(crate) fn run(
    spec: &'static Spec,
    meter: &mut Meter,
    entries: &[Entry<'static>],
    asked: Asked<'_>,
    request_id: &str,
) -> Answer {
    let items = entries.iter().filter_map(|(_, it)| it.item(asked.units));
    let length: usize = items.map(|item| item.length() + 1).sum();
    let mut body = Vec::with_capacity(length + FRAME);
    body.extend_from_slice(b"{\"responses\":[");
    for (place, (path, operation)) in entries.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        let read = || answer::read(spec, operation, asked);
        match meter.read(operation, asked, read) {
            Ok(told) if told.append_item(&mut body) => {}
            Ok(told) => append(&mut body, path, told.into()),
            Err(refusal) => {
                let answer = spec.catalogue.answer(refusal, request_id);
                append(&mut body, path, with_content_type(answer));
            }
        }
    }
    body.extend_from_slice(b"]}");
    Answer {
        status: StatusCode::OK,
        headers: Vec::new(),
        body: json::finish(body),
    }
}

/// An error among the items says its type, as one alone does.
pub(crate) fn with_content_type(answer: Answer) -> Answer {
    answer.with_header(CONTENT_TYPE, "application/json")
}

/// One item alone.
pub(crate) fn item(path: &str, answer: Answer) -> String {
    let mut text = Vec::new();
    append(&mut text, path, answer);
    json::finish(text)
}

/// Writes any answer as an item, as `serde_json` writes maps: by the order of
/// their keys. Every item has `headers`, if only an empty object: clients fail
/// without.
fn append(text: &mut Vec<u8>, path: &str, mut answer: Answer) {
    answer
        .headers
        .sort_by(|(one, _), (other, _)| spelling(one).cmp(spelling(other)));
    text.extend_from_slice(b"{\"body\":");
    text.extend_from_slice(answer.body.as_bytes());
    text.extend_from_slice(b",\"code\":");
    json::append(text, &answer.status.as_u16());
    text.extend_from_slice(b",\"headers\":{");
    for (place, (name, value)) in answer.headers.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        // No character of a header's name is escaped in json.
        text.push(b'"');
        text.extend_from_slice(spelling(name).as_bytes());
        text.extend_from_slice(b"\":");
        json::append(text, &value.to_str().unwrap_or_default());
    }
    text.extend_from_slice(b"},\"path\":");
    json::append(text, &path);
    text.push(b'}');
}

/// The schema and the example of an item, from those of its body and headers.
pub(crate) fn item_of(
    (schema, example): (&Value, &Value),
    headers: &[DeclaredHeader],
    path: &str,
    units: UnitSystem,
) -> (Value, Value) {
    let mut schemas = Map::new();
    let mut examples = Map::new();
    for header in headers {
        let name = spelling(&header.name);
        let (schema, example) = match &header.value {
            HeaderContent::Units => (&Value::Null, units.name()),
            HeaderContent::Example { text, schema, .. } => (schema, text.as_str()),
        };
        schemas.insert(name.to_owned(), schema.clone());
        examples.insert(name.to_owned(), example.into());
    }
    let schemas = json!({"properties": {"body": schema, "headers": {"properties": schemas}}});
    let examples = json!({"body": example, "code": 200, "headers": examples, "path": path});
    (schemas, examples)
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

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
