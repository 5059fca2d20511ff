//! Checks whether a request is valid for the API.
//!
//! Invariant: a batch is either accepted whole or rejected whole, with every error
//! that was found and the location of each.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;
use smartcar_model::UnitSystem;

use crate::errors::{Detail, Refusal};
use crate::operation::Operation;
use crate::request::with_slash;
use crate::spec::Operations;
use crate::units::{UNIT_SYSTEM, UNIT_SYSTEM_HEADER};

/// A path of a batch, with its leading slash, and its operation.
pub(crate) type Entry<'s> = (&'s str, &'s Operation);

/// The requested unit system; metric by default.
pub(crate) fn unit_system(headers: &HeaderMap) -> Result<UnitSystem, Refusal> {
    let mut values = headers.get_all(&UNIT_SYSTEM_HEADER).iter();
    let Some(value) = values.next() else {
        return Ok(UnitSystem::Metric);
    };
    match value.to_str().map(UnitSystem::from) {
        Ok(system @ (UnitSystem::Metric | UnitSystem::Imperial)) if values.next().is_none() => {
            Ok(system)
        }
        _ => {
            let detail = Detail::new([UNIT_SYSTEM], "must be metric or imperial");
            Err(Refusal::validation(vec![detail]))
        }
    }
}

/// The entries of a batch, as far as they can be read.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    /// The paths as they were sent.
    pub(crate) written: Arc<[Cow<'static, str>]>,
    entries: Arc<[Entry<'static>]>,
    details: Vec<Detail>,
}

impl Batch {
    /// The paths in the requested order, if all are valid.
    pub(crate) fn entries(&self, headers: &HeaderMap) -> Result<&[Entry<'static>], Refusal> {
        if !has_type(headers, "application/json") {
            let detail = Detail::new(["content-type"], "must be application/json");
            return Err(Refusal::validation(vec![detail]));
        }
        if self.details.is_empty() {
            Ok(&self.entries)
        } else {
            Err(Refusal::validation(self.details.clone()))
        }
    }
}

/// The number of batches that are remembered, and the longest body of one, in bytes.
const MOST: usize = 16;
const LONGEST: usize = 4096;

/// The batches that were read last. Most clients send the same few again and again.
#[derive(Debug, Default)]
pub(crate) struct Batches(Mutex<VecDeque<(Box<[u8]>, Batch)>>);

impl Batches {
    /// Reads the body of a batch.
    pub(crate) fn read(&self, operations: &'static Operations, body: &[u8]) -> Batch {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, batch)) = known.iter().find(|(text, _)| **text == *body) {
            return batch.clone();
        }
        let batch = Reader::read(operations, body).finish();
        if body.len() <= LONGEST {
            known.truncate(MOST - 1);
            known.push_front((body.into(), batch.clone()));
        }
        batch
    }
}

/// A batch while it is read.
#[derive(Debug, Default)]
struct Reader {
    written: Vec<Cow<'static, str>>,
    entries: Vec<Entry<'static>>,
    details: Vec<Detail>,
}

/// A body with exactly the required members.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Requests<'b> {
    #[serde(borrow)]
    requests: Vec<Request<'b>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request<'b> {
    /// A path with JSON escapes cannot be borrowed, so it is read from the parsed tree.
    path: &'b str,
}

impl Reader {
    fn read(operations: &'static Operations, body: &[u8]) -> Self {
        let mut batch = Self::default();
        // serde accepts an array in place of an object, the API does not: the list
        // of requests is the only array allowed.
        let has_one_array = body.split(|byte| *byte == b'[').count() == 2;
        let good = has_one_array.then(|| serde_json::from_slice(body).ok());
        if let Some(Requests { requests }) = good.flatten()
            && !requests.is_empty()
        {
            for (place, request) in requests.iter().enumerate() {
                batch.add_path(operations, place, Some(request.path));
            }
            return batch;
        }
        // Checks the body member by member, to find what is wrong with it.
        let body: Value = match serde_json::from_slice(body) {
            Ok(body) => body,
            Err(error) => {
                let place = format!("line {} column {}", error.line(), error.column());
                let message = format!("the body is not valid json at {place}");
                batch.details.push(Detail::new([""; 0], message));
                return batch;
            }
        };
        let Some(requests) = only_member("requests", &body, &[], &mut batch.details) else {
            return batch;
        };
        let mut wrong = |message| batch.details.push(Detail::new(["requests"], message));
        match requests.as_array().map(Vec::as_slice) {
            None => wrong("must be an array"),
            Some([]) => wrong("must have at least one entry"),
            Some(requests) => {
                for (place, request) in requests.iter().enumerate() {
                    batch.add(operations, place, request);
                }
            }
        }
        batch
    }

    fn finish(self) -> Batch {
        Batch {
            written: self.written.into(),
            entries: self.entries.into(),
            details: self.details,
        }
    }

    fn add(&mut self, operations: &'static Operations, place: usize, request: &Value) {
        let Some(path) = only_member("path", request, &at(place), &mut self.details) else {
            return;
        };
        self.add_path(operations, place, path.as_str());
    }

    fn add_path(&mut self, operations: &'static Operations, place: usize, path: Option<&str>) {
        let found = read_path(operations, path);
        // A known path is not copied.
        let known = found.as_ref().map(|(known, _)| *known).ok();
        self.written.extend(path.map(|path| match known {
            Some(known) if known == path => Cow::Borrowed(known),
            _ => Cow::Owned(path.to_owned()),
        }));
        match found {
            Ok(entry) => self.entries.push(entry),
            Err(message) => {
                let detail = Detail::new(below(&at(place), "path"), message);
                self.details.push(detail);
            }
        }
    }
}

/// Whether the content type matches; a parameter such as the charset may follow.
pub(crate) fn has_type(headers: &HeaderMap, wanted: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next());
    media_type.is_some_and(|it| it.trim().eq_ignore_ascii_case(wanted))
}

fn at(place: usize) -> [Value; 2] {
    [Value::from("requests"), Value::from(place)]
}

/// The only member that an object must and may have.
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

/// Reads a path. Some clients omit the leading slash.
fn read_path<'s>(
    operations: &'s Operations,
    path: Option<&str>,
) -> Result<Entry<'s>, &'static str> {
    let path = path.ok_or("must be a string")?;
    if let Some(entry) = operations.batchable(path) {
        return Ok(entry);
    }
    if path.is_empty() {
        return Err("must not be empty");
    }
    if path.contains(['?', '#']) {
        return Err("must not have a query");
    }
    let path = &*with_slash(path);
    match operations.batchable(path) {
        Some(entry) => Ok(entry),
        None if operations.knows(path) => Err("is not allowed in a batch"),
        None => Err("is not a path of the api"),
    }
}
