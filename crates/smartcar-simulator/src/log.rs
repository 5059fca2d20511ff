//! The log: each request with its items, its price, the faults that struck it, and both
//! bodies.
//!
//! Invariant: no token and no secret is in it. Memory is bounded: the oldest requests are
//! dropped first.

use std::borrow::Cow;
use std::collections::VecDeque;

use bytes::Bytes;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::exchange::{Arrival, Service};

/// The number of requests that are kept.
const MOST: usize = 1_000;
/// The total length of the bodies that are kept, in bytes.
const MOST_BYTES: usize = 8 * 1024 * 1024;
const REDACTED: &str = "[redacted]";
/// The members of a token endpoint's response that are secret.
const SECRETS: [&str; 2] = ["access_token", "refresh_token"];
/// This endpoint is free.
const FREE: &str = "/permissions";

/// A request in the log, as [`Simulator::log`](crate::Simulator::log) returns it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// Its number, from 1.
    pub number: u64,
    /// The simulated time at which it arrived.
    pub at: Timestamp,
    /// How long the answer took, in real milliseconds, with the delay of a fault.
    pub milliseconds: f64,
    /// The method.
    pub method: String,
    /// The path with its query; without the query for a token endpoint.
    pub path: String,
    /// The vehicle in the path.
    pub vehicle: Option<String>,
    /// The status that was sent; `None` if the connection was reset.
    pub status: Option<u16>,
    /// The items of a batch or the signals of version 3, each with its code. A signal
    /// with an error that has no code has the code 0.
    pub items: Vec<LoggedItem>,
    /// The requests that the service would bill.
    pub price: usize,
    /// The IDs of the faults that struck it.
    pub faults: Vec<u64>,
    /// The body of the request; redacted for a token endpoint.
    pub request_body: String,
    /// The body of the response, without tokens.
    pub response_body: String,
}

/// An item of a response in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LoggedItem {
    /// Its path, or the code of a signal.
    pub path: String,
    /// Its status code.
    pub code: u64,
}

/// A request as it is kept. Everything else is found out when the log is read.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) milliseconds: f64,
    method: Method,
    path: String,
    pub(crate) vehicle: Option<String>,
    is_token: bool,
    is_v3: bool,
    pub(crate) status: Option<u16>,
    pub(crate) faults: Vec<u64>,
    pub(crate) request: Vec<u8>,
    pub(crate) response: Bytes,
}

impl Entry {
    pub(crate) fn new(arrival: &Arrival) -> Self {
        let uri = &arrival.parts.uri;
        let path = match arrival.service {
            Service::Token(path) => path,
            _ => uri.path_and_query().map_or("/", |path| path.as_str()),
        };
        Self {
            at: arrival.now,
            milliseconds: 0.0,
            method: arrival.parts.method.clone(),
            path: path.to_owned(),
            vehicle: None,
            is_token: matches!(arrival.service, Service::Token(_)),
            is_v3: arrival.service == Service::V3,
            status: None,
            faults: Vec::new(),
            request: Vec::new(),
            response: Bytes::new(),
        }
    }

    fn length(&self) -> usize {
        self.path.len() + self.request.len() + self.response.len()
    }

    fn is_batch(&self) -> bool {
        !self.is_token && !self.is_v3 && self.path.ends_with("/batch")
    }

    fn body(&self) -> Value {
        serde_json::from_slice(&self.response).unwrap_or_default()
    }

    /// The items, read without building the bodies where that is possible.
    fn items(&self) -> Vec<LoggedItem> {
        if self.is_v3 {
            return signals(&self.body());
        }
        if !self.is_batch() {
            return Vec::new();
        }
        match serde_json::from_slice(&self.response) {
            Ok(Responses { responses }) => {
                let items = responses.into_iter();
                let items = items.map(|Item { path, code }| LoggedItem {
                    path: path.into_owned(),
                    code,
                });
                items.collect()
            }
            Err(_) => items(&self.body()),
        }
    }

    fn read(&self, number: u64) -> LoggedRequest {
        LoggedRequest {
            request_body: if self.is_token {
                REDACTED.to_owned()
            } else {
                String::from_utf8_lossy(&self.request).into_owned()
            },
            response_body: if self.is_token {
                without_secrets(self.body())
            } else {
                String::from_utf8_lossy(&self.response).into_owned()
            },
            ..self.head(number)
        }
    }

    /// The request without its bodies.
    fn head(&self, number: u64) -> LoggedRequest {
        let items = self.items();
        let is_good = self.status == Some(200);
        let price = if self.is_token || !is_good || self.vehicle.is_none() {
            0
        } else if !self.is_batch() {
            usize::from(!self.path.ends_with(FREE))
        } else {
            let billed = |item: &&LoggedItem| item.code == 200 && item.path != FREE;
            items.iter().filter(billed).count()
        };
        LoggedRequest {
            number,
            at: self.at,
            milliseconds: self.milliseconds,
            method: self.method.to_string(),
            path: self.path.clone(),
            vehicle: self.vehicle.clone(),
            status: self.status,
            items,
            price,
            faults: self.faults.clone(),
            request_body: String::new(),
            response_body: String::new(),
        }
    }
}

/// The items of a batch without their bodies.
#[derive(Deserialize)]
struct Responses<'b> {
    #[serde(borrow)]
    responses: Vec<Item<'b>>,
}

#[derive(Deserialize)]
struct Item<'b> {
    #[serde(borrow)]
    path: Cow<'b, str>,
    code: u64,
}

fn without_secrets(mut body: Value) -> String {
    for name in SECRETS {
        if let Some(secret) = body.get_mut(name) {
            *secret = REDACTED.into();
        }
    }
    body.to_string()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list<'b>(body: &'b Value, name: &str) -> impl Iterator<Item = &'b Value> {
    let list = body.get(name).and_then(Value::as_array);
    list.into_iter().flatten()
}

/// The items of a batch, whatever a fault made of them.
fn items(body: &Value) -> Vec<LoggedItem> {
    let items = list(body, "responses").map(|item| LoggedItem {
        path: text(&item["path"]),
        code: item["code"].as_u64().unwrap_or(0),
    });
    items.collect()
}

fn signals(body: &Value) -> Vec<LoggedItem> {
    let signals = list(body, "data").filter(|it| it["type"] == "signal");
    let signals = signals.map(|item| {
        let status = &item["attributes"]["status"];
        let code = if status["value"] == "SUCCESS" { 200 } else { 0 };
        LoggedItem {
            path: text(&item["id"]),
            code: status["error"]["statusCode"].as_u64().unwrap_or(code),
        }
    });
    signals.collect()
}

/// The requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Log {
    kept: VecDeque<Entry>,
    bytes: usize,
    /// The number of dropped requests.
    dropped: u64,
}

impl Log {
    pub(crate) fn push(&mut self, entry: Entry) {
        self.bytes += entry.length();
        self.kept.push_back(entry);
        while self.kept.len() > 1 && (self.kept.len() > MOST || self.bytes > MOST_BYTES) {
            self.bytes -= self.kept.pop_front().map_or(0, |oldest| oldest.length());
            self.dropped += 1;
        }
    }

    /// The number of the newest request; 0 if there was none.
    pub(crate) fn newest(&self) -> u64 {
        self.dropped + self.kept.len() as u64
    }

    /// The newest requests after this number, at most so many, oldest first.
    pub(crate) fn after(&self, number: u64, most: usize) -> Vec<LoggedRequest> {
        let entries = self.entries_after(number, most);
        entries.map(|(own, entry)| entry.read(own)).collect()
    }

    /// The same without the bodies.
    pub(crate) fn heads_after(&self, number: u64, most: usize) -> Vec<LoggedRequest> {
        let entries = self.entries_after(number, most);
        entries.map(|(own, entry)| entry.head(own)).collect()
    }

    fn entries_after(&self, number: u64, most: usize) -> impl Iterator<Item = (u64, &Entry)> {
        let known = usize::try_from(number.saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        let skipped = known.max(self.kept.len().saturating_sub(most));
        let wanted = self.kept.iter().enumerate().skip(skipped);
        wanted.map(|(place, entry)| (self.dropped + place as u64 + 1, entry))
    }

    pub(crate) fn clear(&mut self) {
        self.dropped = self.newest();
        self.kept.clear();
        self.bytes = 0;
    }
}
