//! The recorded requests, for tests that check a client from the server's side.
//!
//! Invariant: the unit system is the only recorded header, so no token is recorded.
//! Memory is bounded: the oldest requests are dropped first.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use http::Method;

use crate::exchange::{Arrival, Service, Understood};
use crate::units::UNIT_SYSTEM_HEADER;

/// The maximum number of recorded requests; older ones are dropped.
pub const MAX_RECORDED_REQUESTS: usize = 1_000;
/// The maximum total text length of the recorded requests, in bytes. The newest
/// request is kept even if it is longer. A body can have at most 1 MiB.
pub const MAX_RECORDED_BYTES: usize = 8 * 1024 * 1024;

/// A request that reached the simulator, whatever the response was.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method in upper case, such as `POST`.
    pub method: String,
    /// The URL's path and query, such as `/v2.0/vehicles?limit=2`. For the token
    /// endpoint, only the path.
    pub path: String,
    /// The paths of a batch, as they were sent; empty for other requests.
    pub batch_paths: Vec<String>,
    /// Whether the request had a token that the simulator knows; for the token
    /// endpoint, a client id with its secret.
    pub authorized: bool,
    /// The vehicle that the URL names; `None` if the URL does not name one.
    pub vehicle: Option<String>,
    /// The requested unit system, as it was sent; `None` without the header.
    pub unit_system: Option<String>,
    /// The status of the response. `None` while a latency lasts, if the connection
    /// was reset, and if the client did not wait.
    pub status: Option<u16>,
}

/// A request as it is kept.
#[derive(Debug)]
pub(crate) struct Record {
    method: Method,
    path: String,
    batch_paths: Arc<[Cow<'static, str>]>,
    authorized: bool,
    vehicle: Option<String>,
    unit_system: Option<String>,
    pub(crate) status: Option<u16>,
}

impl Record {
    pub(crate) fn new(arrival: &Arrival, understood: Understood) -> Self {
        let parts = &arrival.parts;
        let path = match arrival.service {
            // A query should not contain a secret, but a client may have put one
            // there.
            Service::Token(path) => path,
            _ => parts.uri.path_and_query().map_or("/", |path| path.as_str()),
        };
        let unit_system = parts.headers.get(&UNIT_SYSTEM_HEADER);
        Self {
            method: parts.method.clone(),
            path: path.to_owned(),
            batch_paths: understood.batch_paths,
            authorized: understood.authorized,
            vehicle: understood.vehicle,
            unit_system: unit_system.map(|value| String::from_utf8_lossy(value.as_bytes()).into()),
            status: None,
        }
    }

    fn cost(&self) -> usize {
        let texts = [&self.path].into_iter();
        let texts = texts.chain(&self.vehicle).chain(&self.unit_system);
        let paths = self.batch_paths.iter().map(|path| path.len());
        // A short text uses more memory for its `String` than for its characters.
        let lengths = texts.map(String::len).chain(paths);
        lengths.map(|length| size_of::<String>() + length).sum()
    }

    fn read(&self) -> RecordedRequest {
        RecordedRequest {
            method: self.method.to_string(),
            path: self.path.clone(),
            batch_paths: self.batch_paths.iter().map(ToString::to_string).collect(),
            authorized: self.authorized,
            vehicle: self.vehicle.clone(),
            unit_system: self.unit_system.clone(),
            status: self.status,
        }
    }
}

/// The recorded requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Records {
    kept: VecDeque<Record>,
    bytes: usize,
    /// The number of dropped requests.
    forgotten: usize,
}

/// Identifies a record, even after it was dropped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordId(usize);

impl Records {
    pub(crate) fn push(&mut self, request: Record) -> RecordId {
        let id = RecordId(self.forgotten + self.kept.len());
        self.bytes += request.cost();
        self.kept.push_back(request);
        while self.kept.len() > 1
            && (self.kept.len() > MAX_RECORDED_REQUESTS || self.bytes > MAX_RECORDED_BYTES)
        {
            let oldest = self.kept.pop_front();
            self.bytes -= oldest.as_ref().map_or(0, Record::cost);
            self.forgotten += 1;
        }
        id
    }

    /// Adds the status, which is known only once the response is on its way.
    pub(crate) fn answered(&mut self, id: RecordId, status: Option<u16>) {
        let place = id.0.checked_sub(self.forgotten);
        if let Some(request) = place.and_then(|place| self.kept.get_mut(place)) {
            request.status = status;
        }
    }

    /// Deletes all records and returns their number.
    pub(crate) fn clear(&mut self) -> usize {
        let cleared = self.kept.len();
        self.forgotten += cleared;
        self.kept.clear();
        self.bytes = 0;
        cleared
    }

    /// The number of requests so far, deleted and dropped ones included.
    pub(crate) fn count(&self) -> usize {
        self.forgotten + self.kept.len()
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        self.kept.iter().map(Record::read).collect()
    }
}

#[cfg(test)]
mod tests;
