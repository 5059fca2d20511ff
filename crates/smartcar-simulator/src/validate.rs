//! Whether a request is what the API takes.
//!
//! Invariant: a batch is either understood whole or refused whole, with every
//! fault that was found and the place of each.

use std::borrow::Cow;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::errors::{Detail, Refusal};
use crate::spec::{Operation, Spec};
use crate::units::{UNIT_SYSTEM, UnitSystem};

/// A path of a batch, with its leading slash, and what it means.
pub(crate) type Entry<'s> = (&'s str, &'s Operation);

/// The unit system that the request asks for; metric by default.
pub(crate) fn unit_system(headers: &HeaderMap) -> Result<UnitSystem, Refusal> {
    let mut values = headers.get_all(UNIT_SYSTEM).iter();
    let Some(value) = values.next() else {
        return Ok(UnitSystem::Metric);
    };
    let system = value.to_str().ok().and_then(UnitSystem::of);
    system.filter(|_| values.next().is_none()).ok_or_else(|| {
        Refusal::validation(vec![Detail::new(
            [UNIT_SYSTEM],
            "must be metric or imperial",
        )])
    })
}

/// The paths of a batch, in the order asked.
pub(crate) fn batch<'s>(
    spec: &'s Spec,
    headers: &HeaderMap,
    body: &serde_json::Result<Value>,
) -> Result<Vec<Entry<'s>>, Refusal> {
    if !is_json(headers) {
        let detail = Detail::new(["content-type"], "must be application/json");
        return Err(Refusal::validation(vec![detail]));
    }
    let body = body.as_ref().map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        let message = format!("the body is not valid json at {place}");
        Refusal::validation(vec![Detail::new([""; 0], message)])
    })?;
    let mut details = Vec::new();
    let entries = read_entries(spec, body, &mut details);
    if details.is_empty() {
        Ok(entries)
    } else {
        Err(Refusal::validation(details))
    }
}

/// What a batch asks as far as it can be read, for the record.
pub(crate) fn paths_as_written(body: &Value) -> Vec<String> {
    let entries = body.get("requests").and_then(Value::as_array);
    entries
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.get("path")?.as_str().map(str::to_owned))
        .collect()
}

/// A parameter such as the charset may follow.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next());
    media_type.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"))
}

fn read_entries<'s>(spec: &'s Spec, body: &Value, details: &mut Vec<Detail>) -> Vec<Entry<'s>> {
    let here: [Value; 0] = [];
    let Some(requests) = only_member("requests", body, &here, details) else {
        return Vec::new();
    };
    let Some(requests) = requests.as_array() else {
        details.push(Detail::new(["requests"], "must be an array"));
        return Vec::new();
    };
    if requests.is_empty() {
        details.push(Detail::new(["requests"], "must have at least one entry"));
    }
    let mut entries = Vec::with_capacity(requests.len());
    for (place, request) in requests.iter().enumerate() {
        let here = [Value::from("requests"), Value::from(place)];
        let Some(path) = only_member("path", request, &here, details) else {
            continue;
        };
        match read_path(spec, path) {
            Ok(entry) => entries.push(entry),
            Err(message) => details.push(Detail::new(below(&here, "path"), message)),
        }
    }
    entries
}

/// The one member that an object must and may have.
fn only_member<'v>(
    name: &str,
    value: &'v Value,
    here: &[Value],
    details: &mut Vec<Detail>,
) -> Option<&'v Value> {
    let Some(members) = value.as_object() else {
        details.push(Detail::new(here.to_vec(), "must be an object"));
        return None;
    };
    if !members.contains_key(name) {
        details.push(Detail::new(below(here, name), "is required"));
    }
    for other in members.keys().filter(|key| *key != name) {
        details.push(Detail::new(below(here, other), "is not allowed"));
    }
    members.get(name)
}

fn below(here: &[Value], name: &str) -> Vec<Value> {
    let mut field = here.to_vec();
    field.push(Value::from(name));
    field
}

/// What a path means. Some clients leave out the leading slash.
fn read_path<'s>(spec: &'s Spec, path: &Value) -> Result<Entry<'s>, &'static str> {
    let path = path.as_str().ok_or("must be a string")?;
    if path.is_empty() {
        return Err("must not be empty");
    }
    if path.contains(['?', '#']) {
        return Err("must not have a query");
    }
    let path = &*with_slash(path);
    match spec.batchable(path) {
        Some(entry) => Ok(entry),
        None if spec.knows(path) => Err("cannot be asked in a batch"),
        None => Err("is not a path of the api"),
    }
}

/// A path as it is answered.
pub(crate) fn with_slash(path: &str) -> Cow<'_, str> {
    if path.starts_with('/') {
        Cow::Borrowed(path)
    } else {
        Cow::Owned(format!("/{path}"))
    }
}
