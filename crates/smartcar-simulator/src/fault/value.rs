//! A fault as a value, and its constructors.
//!
//! Invariant: equal faults are equal values, however they were made.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::effect::{Effect, ErrorName, Milliseconds, Table, Yes};
use crate::random;
use crate::request::with_slash;

/// A fault to inject, and when it applies.
///
/// The constructors say what changes: the whole response, one item, or a batch's
/// list of items. The methods limit which requests match, and change headers. Add
/// it with [`Simulator::fault`](crate::Simulator::fault).
///
/// A fault of the whole response applies to any request, even one without a token.
/// The token endpoints are an exception: only faults for their path apply to them.
/// A fault of an item applies to requests that contain the item and whose outer
/// status is 200. [`item_error`](Self::item_error), [`item_body`](Self::item_body)
/// and [`item`](Self::item) also apply to the same endpoint requested alone.
///
/// Faults that do not conflict apply together, in the order in which they were
/// added. If faults conflict, such as two statuses or two errors of one item, the
/// first one applies and the others wait, so that faults with
/// [`times`](Self::times) form a sequence. A fault that replaces the whole response
/// hides faults of its items, which also wait.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use serde_json::json;
/// use smartcar_simulator::{Fault, Simulator};
///
/// let simulator = Simulator::start().await?;
/// // First an error page of a proxy, then a response with an item to be retried.
/// simulator.fault(Fault::html(502).times(1))?;
/// let limited = Fault::item_error("/fuel", "RATE_LIMIT", Some("VEHICLE"));
/// simulator.fault(limited.item_header("Retry-After", json!(2)).times(1))?;
/// # Ok(())
/// # }
/// ```
///
/// # As data
///
/// In a scenario, on the command line and for the admin endpoint a fault is one
/// flat table. It has exactly one of these keys or combinations:
///
/// | key | function |
/// |---|---|
/// | `unchanged = true` | [`unchanged`](Self::unchanged) |
/// | `latency_ms = 300` | [`latency`](Self::latency) |
/// | `status = 503`, without another of these keys | [`status`](Self::status) |
/// | `html = 502` | [`html`](Self::html) |
/// | `error = "RATE_LIMIT/VEHICLE"`; without a code `"PERMISSION"` | [`error`](Self::error) |
/// | `raw_body = "…"` | [`raw_body`](Self::raw_body) |
/// | `reset = true` | [`reset`](Self::reset) |
/// | `truncated = 20` | [`truncated`](Self::truncated) |
/// | `item = "/fuel"` alone | [`item`](Self::item) |
/// | `item = "/fuel"` and `error = "…"` | [`item_error`](Self::item_error) |
/// | `item = "/fuel"` and `body = …` | [`item_body`](Self::item_body) |
/// | `item = "/fuel"` and `replaced = …` | [`item_json`](Self::item_json) |
/// | `item = "/fuel"` and `missing = true` | [`missing_item`](Self::missing_item) |
/// | `item = "/fuel"` and `duplicated = true` | [`duplicate_item`](Self::duplicate_item) |
/// | `unasked = "/vin"` | [`unasked_item`](Self::unasked_item) |
/// | `extra = {…}` | [`extra_item`](Self::extra_item) |
/// | `reordered = true` | [`reversed_items`](Self::reversed_items) |
/// | `shuffled = 42`, the seed | [`shuffled_items`](Self::shuffled_items) |
/// | `without_item_headers = true` | [`without_item_headers`](Self::without_item_headers) |
/// | `without_error_headers = true` | [`without_error_headers`](Self::without_error_headers) |
///
/// and any of these: `path`, `vehicle`, `request`, `times`, `probability` with
/// `seed` (0 if absent), `status` for [`with_status`](Self::with_status), `headers
/// = {name = "value"}`, `without_headers = ["name"]`, `item_headers = {name = …}`.
///
/// TOML has no null: `body_json`, `replaced_json`, `extra_json` and
/// `item_headers_json` accept the same values as JSON text.
///
/// ```
/// use smartcar_simulator::Fault;
///
/// let fault: Fault = r#"item = "/fuel", error = "UPSTREAM/NO_RESPONSE", times = 2"#.parse()?;
/// let same = Fault::item_error("/fuel", "UPSTREAM", Some("NO_RESPONSE")).times(2);
/// assert_eq!(fault, same);
/// # Ok::<(), smartcar_simulator::FaultError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Table")]
#[must_use = "a fault does nothing before it is given to a simulator"]
pub struct Fault {
    /// The path of its item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) item: Option<String>,
    /// `None` for an unchanged item.
    #[serde(flatten)]
    pub(super) effect: Option<Effect>,
    #[serde(flatten)]
    pub(super) when: When,
    /// Overrides the response's status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) without_headers: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) item_headers: BTreeMap<String, Value>,
}

/// # Faults of the whole response
///
/// ```
/// use std::time::Duration;
/// use smartcar_simulator::Fault;
///
/// let slow = Fault::latency(Duration::from_millis(300));
/// let refused = Fault::status(503).header("Retry-After", "2");
/// let proxy = Fault::html(502).times(1);
/// let revoked = Fault::error("PERMISSION", None).on_vehicle("some-vehicle");
/// let portal = Fault::raw_body("<p>Please log in</p>").header("content-type", "text/html");
/// let anonymous = Fault::unchanged().without_header("sc-request-id");
/// ```
impl Fault {
    pub(super) fn new(effect: Effect) -> Self {
        Self::of(None, Some(effect))
    }

    pub(super) fn of_item(path: &str, effect: Effect) -> Self {
        Self::of(Some(path), Some(effect))
    }

    fn of(item: Option<&str>, effect: Option<Effect>) -> Self {
        Self {
            item: item.map(|path| with_slash(path).into_owned()),
            effect,
            when: When::default(),
            status: None,
            headers: BTreeMap::new(),
            without_headers: BTreeSet::new(),
            item_headers: BTreeMap::new(),
        }
    }

    /// An unchanged response, for the methods that change headers or status.
    pub fn unchanged() -> Self {
        Self::new(Effect::Unchanged(Yes))
    }

    /// Delays the response by this duration. The request is recorded at once.
    pub fn latency(duration: Duration) -> Self {
        Self::new(Effect::LatencyMs(Milliseconds(duration)))
    }

    /// A status with an empty body and neither content type nor request id.
    pub fn status(status: u16) -> Self {
        Self::new(Effect::Status(status))
    }

    /// An HTML error page as from a proxy, without a request id.
    pub fn html(status: u16) -> Self {
        Self::new(Effect::Html(status))
    }

    /// Replaces the response with an error of the API's catalogue, by type and
    /// code.
    pub fn error(kind: impl Into<String>, code: Option<&str>) -> Self {
        Self::new(Effect::Error(ErrorName::new(kind, code)))
    }

    /// Replaces the body with this text, with status 200 and a JSON content type.
    pub fn raw_body(text: impl Into<String>) -> Self {
        Self {
            status: Some(StatusCode::OK.as_u16()),
            ..Self::new(Effect::RawBody(text.into()))
        }
    }

    /// Resets the connection after the request was read, before any response.
    pub fn reset() -> Self {
        Self::new(Effect::Reset(Yes))
    }

    /// Closes the connection after this many bytes of the body. `Content-Length`
    /// promises more, by at least one byte.
    pub fn truncated(bytes: usize) -> Self {
        Self::new(Effect::Truncated(bytes))
    }

    /// The status that is sent, if the fault sets one.
    pub(super) fn sent_status(&self) -> Option<u16> {
        match self.effect {
            Some(Effect::Status(status) | Effect::Html(status)) => Some(status),
            _ => self.status,
        }
    }
}

/// # Faults of items
///
/// A path can be given without its leading slash. The path of a signal is
/// `/signals/` and its code. What happens to an item of a batch also happens to it
/// in version 3's list of signals, where a failed signal has the status `ERROR`.
/// Extra items and another order apply to both. Signals have no headers, so faults
/// of item headers do not affect them.
///
/// ```
/// use serde_json::json;
/// use smartcar_simulator::Fault;
///
/// let silent = Fault::item_error("/fuel", "UPSTREAM", Some("NO_RESPONSE"));
/// let undated = Fault::item("/odometer").item_header("sc-data-age", json!("yesterday"));
/// let array = Fault::item_body("/odometer", json!([1]));
/// let not_an_item = Fault::item_json("/fuel", json!(42));
/// let pathless = Fault::extra_item(json!({"code": 200, "headers": {}, "body": {}}));
/// ```
impl Fault {
    /// An unchanged item, for [`item_header`](Self::item_header).
    pub fn item(path: &str) -> Self {
        Self::of(Some(path), None)
    }

    /// Replaces one item with an error of the API's catalogue, by type and code.
    pub fn item_error(path: &str, kind: impl Into<String>, code: Option<&str>) -> Self {
        Self::of_item(path, Effect::Error(ErrorName::new(kind, code)))
    }

    /// Replaces the body of an item, with code 200 and its own headers.
    pub fn item_body(path: &str, body: Value) -> Self {
        Self::of_item(path, Effect::Body(body))
    }

    /// Replaces the whole item with any value.
    pub fn item_json(path: &str, item: Value) -> Self {
        Self::of_item(path, Effect::Replaced(item))
    }

    /// Removes the item.
    pub fn missing_item(path: &str) -> Self {
        Self::of_item(path, Effect::Missing(Yes))
    }

    /// Repeats the item at the end.
    pub fn duplicate_item(path: &str) -> Self {
        Self::of_item(path, Effect::Duplicated(Yes))
    }

    /// Adds an item that was not requested, at the end. If the API does not know
    /// the path, the body is an empty object. With the path of a signal, the item
    /// is also added to the end of version 3's list, where its body is an empty
    /// object.
    pub fn unasked_item(path: &str) -> Self {
        Self::new(Effect::Unasked(with_slash(path).into_owned()))
    }

    /// Adds any value as one more item, at the end; for example a second, different
    /// result for a path.
    pub fn extra_item(item: Value) -> Self {
        Self::new(Effect::Extra(item))
    }

    /// Reverses the order of the items.
    pub fn reversed_items() -> Self {
        Self::new(Effect::Reordered(Yes))
    }

    /// Shuffles the items, differently for each batch. The same seed gives the same
    /// orders again.
    pub fn shuffled_items(seed: u64) -> Self {
        Self::new(Effect::Shuffled(seed))
    }

    /// Removes the member `headers` from every item.
    pub fn without_item_headers() -> Self {
        Self::new(Effect::WithoutItemHeaders(Yes))
    }

    /// Removes the member `headers` from every failed item, as the live service
    /// does.
    pub fn without_error_headers() -> Self {
        Self::new(Effect::WithoutErrorHeaders(Yes))
    }
}

/// To which of the matching requests a fault applies.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(crate) struct When {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vehicle: Option<String>,
    /// The position of the single request, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) times: Option<u64>,
    #[serde(flatten)]
    pub(super) chance: Option<Chance>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Chance {
    pub(super) probability: f64,
    pub(super) seed: u64,
}

impl When {
    /// Whether it applies to the `count`-th request.
    pub(super) fn is_due(&self, count: u64) -> bool {
        let is_hit = |chance: Chance| random::fraction(chance.seed, count) < chance.probability;
        self.request.is_none_or(|request| request == count) && self.chance.is_none_or(is_hit)
    }

    /// Whether it cannot apply again after `count` matching requests, of which it
    /// applied to `struck`.
    pub(super) fn is_spent(&self, count: u64, struck: u64) -> bool {
        self.request.is_some_and(|request| request <= count)
            || self.times.is_some_and(|times| times <= struck)
    }
}

#[cfg(test)]
mod tests;
