//! The batch: many endpoints in one answer.
//!
//! Invariant: once the request is understood the answer is 200 with one item a
//! path, in the order asked, whatever the items are.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer::{self, Answer, Asked};
use crate::limits::meter::Meter;
use crate::spec::Spec;
use crate::validate::Entry;

/// Whether an operation is the batch itself.
pub(crate) const OPERATION: &str = "batch";

/// Answers every path.
pub(crate) fn run(
    spec: &Spec,
    meter: &mut Meter,
    entries: &[Entry<'_>],
    asked: Asked<'_>,
    request_id: &str,
) -> Answer {
    let items = entries.iter().map(|(path, operation)| {
        let read = || answer::read(spec, operation, asked);
        let answer = meter.read(operation, asked, read);
        let answer = answer.unwrap_or_else(|refusal| {
            with_content_type(spec.catalogue.answer(refusal, request_id))
        });
        item(path, answer)
    });
    let items: Vec<Value> = items.collect();
    Answer {
        status: StatusCode::OK,
        headers: Vec::new(),
        body: json!({"responses": items}),
    }
}

/// An error among the items says its type, as one alone does.
pub(crate) fn with_content_type(mut answer: Answer) -> Answer {
    let content_type = ("content-type".to_owned(), "application/json".to_owned());
    answer.headers.push(content_type);
    answer
}

/// Every item has `headers`, if only an empty object: clients fail without.
pub(crate) fn item(path: &str, answer: Answer) -> Value {
    let headers = answer.headers.into_iter();
    let headers: Map<String, Value> = headers.map(|(name, value)| (name, value.into())).collect();
    json!({
        "path": path,
        "code": answer.status.as_u16(),
        "headers": headers,
        "body": answer.body,
    })
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
