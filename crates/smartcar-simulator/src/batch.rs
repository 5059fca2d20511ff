//! The batch: many endpoints in one answer.
//!
//! Invariant: once the request is understood the answer is 200 with one item a
//! path, in the order asked, whatever the items are.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode};

use crate::answer::{self, Answer, Asked};
use crate::json;
use crate::limits::meter::Meter;
use crate::spec::Spec;
use crate::validate::Entry;

/// Whether an operation is the batch itself.
pub(crate) const OPERATION: &str = "batch";
/// About how long an item is, in bytes.
const ITEM: usize = 256;

/// Answers every path.
pub(crate) fn run(
    spec: &'static Spec,
    meter: &mut Meter,
    entries: &[Entry<'static>],
    asked: Asked<'_>,
    request_id: &str,
) -> Answer {
    let mut body = Vec::with_capacity(ITEM * entries.len());
    body.extend_from_slice(b"{\"responses\":[");
    for (place, (path, operation)) in entries.iter().enumerate() {
        let read = || answer::read(spec, operation, asked);
        let answer = meter.read(operation, asked, read);
        let answer = answer.unwrap_or_else(|refusal| {
            with_content_type(spec.catalogue.answer(refusal, request_id))
        });
        if place > 0 {
            body.push(b',');
        }
        append_item(&mut body, path, answer);
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
    append_item(&mut text, path, answer);
    json::finish(text)
}

/// Writes an item as `serde_json` writes maps, by the order of their keys. Every
/// item has `headers`, if only an empty object: clients fail without.
fn append_item(text: &mut Vec<u8>, path: &str, mut answer: Answer) {
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
        json::append(text, &spelling(name));
        text.push(b':');
        json::append(text, &value.to_str().unwrap_or_default());
    }
    text.extend_from_slice(b"},\"path\":");
    json::append(text, &path);
    text.push(b'}');
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
