//! Whether a request is what the API takes.
//!
//! Invariant: a batch is either understood whole or refused whole, with every
//! fault that was found and the place of each.

use std::borrow::Cow;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;

use crate::errors::{Detail, Refusal};
use crate::spec::{Operation, Spec};
use crate::units::{UNIT_SYSTEM, UNIT_SYSTEM_HEADER, UnitSystem};

/// A path of a batch, with its leading slash, and what it means.
pub(crate) type Entry<'s> = (&'s str, &'s Operation);

/// The unit system that the request asks for; metric by default.
pub(crate) fn unit_system(headers: &HeaderMap) -> Result<UnitSystem, Refusal> {
    let mut values = headers.get_all(&UNIT_SYSTEM_HEADER).iter();
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

/// The body of a batch, as far as it can be read.
#[derive(Debug)]
pub(crate) enum Batch<'b> {
    /// Just the members that there must be.
    Good(Requests<'b>),
    /// To be looked at member by member, for what is wrong with it.
    Other(serde_json::Result<Value>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Requests<'b> {
    #[serde(borrow)]
    requests: Vec<Request<'b>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request<'b> {
    #[serde(borrow)]
    path: Cow<'b, str>,
}

impl<'b> Batch<'b> {
    pub(crate) fn read(body: &'b [u8]) -> Self {
        // For serde an array can stand for an object, for the API it cannot: the
        // only array is the list of requests.
        let has_one_array = body.iter().filter(|byte| **byte == b'[').count() == 1;
        let good = has_one_array.then(|| serde_json::from_slice(body).ok());
        good.flatten()
            .map_or_else(|| Self::Other(serde_json::from_slice(body)), Self::Good)
    }

    /// What it asks, for the record.
    pub(crate) fn paths_as_written<'s>(&self, spec: &'s Spec) -> Vec<Cow<'s, str>> {
        let known = |path: &str| match spec.batchable(path) {
            Some((path, _)) => Cow::Borrowed(path),
            None => Cow::Owned(path.to_owned()),
        };
        match self {
            Self::Good(Requests { requests }) => {
                let paths = requests.iter().map(|request| &*request.path);
                paths.map(known).collect()
            }
            Self::Other(Ok(body)) => {
                let entries = body.get("requests").and_then(Value::as_array);
                let paths = entries.into_iter().flatten();
                let paths = paths.filter_map(|entry| entry.get("path")?.as_str());
                paths.map(known).collect()
            }
            Self::Other(Err(_)) => Vec::new(),
        }
    }

    /// The paths, in the order asked.
    pub(crate) fn entries<'s>(
        &self,
        spec: &'s Spec,
        headers: &HeaderMap,
    ) -> Result<Vec<Entry<'s>>, Refusal> {
        if !is_json(headers) {
            let detail = Detail::new(["content-type"], "must be application/json");
            return Err(Refusal::validation(vec![detail]));
        }
        let mut details = Vec::new();
        let entries = match self {
            Self::Good(Requests { requests }) if requests.is_empty() => {
                details.push(none());
                Vec::new()
            }
            Self::Good(Requests { requests }) => {
                let mut entries = Vec::with_capacity(requests.len());
                for (place, request) in requests.iter().enumerate() {
                    entries.extend(read_entry(spec, place, Some(&request.path), &mut details));
                }
                entries
            }
            Self::Other(Ok(body)) => read_tree(spec, body, &mut details),
            Self::Other(Err(error)) => {
                let place = format!("line {} column {}", error.line(), error.column());
                let message = format!("the body is not valid json at {place}");
                details.push(Detail::new([""; 0], message));
                Vec::new()
            }
        };
        if details.is_empty() {
            Ok(entries)
        } else {
            Err(Refusal::validation(details))
        }
    }
}

/// A parameter such as the charset may follow.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next());
    media_type.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"))
}

/// The paths of a body that may be anything.
fn read_tree<'s>(spec: &'s Spec, body: &Value, details: &mut Vec<Detail>) -> Vec<Entry<'s>> {
    let here: [Value; 0] = [];
    let Some(requests) = only_member("requests", body, &here, details) else {
        return Vec::new();
    };
    let Some(requests) = requests.as_array() else {
        details.push(Detail::new(["requests"], "must be an array"));
        return Vec::new();
    };
    if requests.is_empty() {
        details.push(none());
    }
    let mut entries = Vec::with_capacity(requests.len());
    for (place, request) in requests.iter().enumerate() {
        if let Some(path) = only_member("path", request, &at(place), details) {
            entries.extend(read_entry(spec, place, path.as_str(), details));
        }
    }
    entries
}

fn none() -> Detail {
    Detail::new(["requests"], "must have at least one entry")
}

fn read_entry<'s>(
    spec: &'s Spec,
    place: usize,
    path: Option<&str>,
    details: &mut Vec<Detail>,
) -> Option<Entry<'s>> {
    let entry = read_path(spec, path);
    entry
        .map_err(|message| details.push(Detail::new(below(&at(place), "path"), message)))
        .ok()
}

fn at(place: usize) -> [Value; 2] {
    [Value::from("requests"), Value::from(place)]
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
fn read_path<'s>(spec: &'s Spec, path: Option<&str>) -> Result<Entry<'s>, &'static str> {
    let path = path.ok_or("must be a string")?;
    if let Some(entry) = spec.batchable(path) {
        return Ok(entry);
    }
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
