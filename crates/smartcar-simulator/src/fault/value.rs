//! A fault as a value, and the functions that make one.
//!
//! Invariant: equal faults are equal values, whichever way they were made.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::effect::{Effect, ErrorName, Milliseconds, Table, Yes};
use crate::random;
use crate::request::with_slash;

/// Something that goes wrong, and when.
///
/// The functions say what: of the whole answer, of one item, or of a batch's
/// list of items. The methods narrow down for which requests, and change
/// headers. [`Simulator::fault`](crate::Simulator::fault) makes it happen.
///
/// A fault of the whole answer strikes whatever is asked, even without a token;
/// only the token endpoint is struck by no fault but those of its path.
/// A fault of an item strikes requests that ask it and are answered with 200 as
/// a whole; [`item_error`](Self::item_error), [`item_body`](Self::item_body) and
/// [`item`](Self::item) also strike the same endpoint asked alone.
///
/// Faults that do not contradict each other strike together, in the order they
/// were added. Of those that do, such as two statuses or two errors of one item,
/// the first that was added strikes and the others wait, so that faults with
/// [`times`](Self::times) make a sequence. A new answer hides faults of its
/// items, which wait as well.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use serde_json::json;
/// use smartcar_simulator::{Fault, Simulator};
///
/// let simulator = Simulator::start().await?;
/// // First a proxy's page, then the answer with an item to be asked again.
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
/// flat table. It has one of these keys, and no two:
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
/// and as many of these as are wanted: `path`, `vehicle`, `request`, `times`,
/// `probability` with `seed` (0 if it is left out), `status` for
/// [`with_status`](Self::with_status), `headers = {name = "value"}`,
/// `without_headers = ["name"]`, `item_headers = {name = …}`.
///
/// TOML has no null: `body_json`, `replaced_json`, `extra_json` and
/// `item_headers_json` take the same as JSON text.
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
    /// The path of the item that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) item: Option<String>,
    /// `None` for an item that is as it would be.
    #[serde(flatten)]
    pub(super) effect: Option<Effect>,
    #[serde(flatten)]
    pub(super) when: When,
    /// Instead of the answer's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) without_headers: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) item_headers: BTreeMap<String, Value>,
}

/// # Faults of the whole answer
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

    /// The answer as it would be; for the methods that change headers or status.
    pub fn unchanged() -> Self {
        Self::new(Effect::Unchanged(Yes))
    }

    /// The answer comes this much later. What was asked is recorded at once.
    pub fn latency(duration: Duration) -> Self {
        Self::new(Effect::LatencyMs(Milliseconds(duration)))
    }

    /// A status with an empty body and neither content type nor request id.
    pub fn status(status: u16) -> Self {
        Self::new(Effect::Status(status))
    }

    /// A proxy's HTML page, without a request id.
    pub fn html(status: u16) -> Self {
        Self::new(Effect::Html(status))
    }

    /// An error of the API's catalogue, by type and code, instead of the whole answer.
    pub fn error(kind: impl Into<String>, code: Option<&str>) -> Self {
        Self::new(Effect::Error(ErrorName::new(kind, code)))
    }

    /// This text instead of the body, with 200 and a json content type.
    pub fn raw_body(text: impl Into<String>) -> Self {
        Self {
            status: Some(StatusCode::OK.as_u16()),
            ..Self::new(Effect::RawBody(text.into()))
        }
    }

    /// The connection is reset once the request was read, before any answer.
    pub fn reset() -> Self {
        Self::new(Effect::Reset(Yes))
    }

    /// The answer as it would be, but the connection closes after this many bytes
    /// of the body. `Content-Length` promises more, in any case one byte.
    pub fn truncated(bytes: usize) -> Self {
        Self::new(Effect::Truncated(bytes))
    }

    /// The status that is sent, if the fault says one.
    pub(super) fn sent_status(&self) -> Option<u16> {
        match self.effect {
            Some(Effect::Status(status) | Effect::Html(status)) => Some(status),
            _ => self.status,
        }
    }
}

/// # Faults of items
///
/// A path may be given without its leading slash. The path of a signal is `/signals/`
/// and its code: what happens to an item of a batch also happens to it in version 3's
/// list of signals, where a failed signal has the status `ERROR`. An extra item or
/// another order is for both; a signal has no headers, so that faults of those leave it
/// alone.
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
    /// An item as it would be; for [`item_header`](Self::item_header).
    pub fn item(path: &str) -> Self {
        Self::of(Some(path), None)
    }

    /// An error of the API's catalogue, by type and code, for one item only.
    pub fn item_error(path: &str, kind: impl Into<String>, code: Option<&str>) -> Self {
        Self::of_item(path, Effect::Error(ErrorName::new(kind, code)))
    }

    /// Another body for an item, with code 200 and the headers it has.
    pub fn item_body(path: &str, body: Value) -> Self {
        Self::of_item(path, Effect::Body(body))
    }

    /// Anything instead of the whole item.
    pub fn item_json(path: &str, item: Value) -> Self {
        Self::of_item(path, Effect::Replaced(item))
    }

    /// The item is left out.
    pub fn missing_item(path: &str) -> Self {
        Self::of_item(path, Effect::Missing(Yes))
    }

    /// The item comes a second time, at the end.
    pub fn duplicate_item(path: &str) -> Self {
        Self::of_item(path, Effect::Duplicated(Yes))
    }

    /// An item that nobody asked, at the end. If the API does not know the path,
    /// its body is an empty object. With the path of a signal it is also at the
    /// end of version 3's list; its body there is an empty object.
    pub fn unasked_item(path: &str) -> Self {
        Self::new(Effect::Unasked(with_slash(path).into_owned()))
    }

    /// Anything as one more item, at the end; for example a second and different
    /// answer to a path.
    pub fn extra_item(item: Value) -> Self {
        Self::new(Effect::Extra(item))
    }

    /// The items in the reverse of the order asked.
    pub fn reversed_items() -> Self {
        Self::new(Effect::Reordered(Yes))
    }

    /// The items in a random order, another one for each batch. The same seed
    /// gives the same orders again.
    pub fn shuffled_items(seed: u64) -> Self {
        Self::new(Effect::Shuffled(seed))
    }

    /// No item has the member `headers`.
    pub fn without_item_headers() -> Self {
        Self::new(Effect::WithoutItemHeaders(Yes))
    }

    /// No item that failed has the member `headers`, as from the live service.
    pub fn without_error_headers() -> Self {
        Self::new(Effect::WithoutErrorHeaders(Yes))
    }
}

/// For which of the requests that it concerns a fault strikes.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(crate) struct When {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vehicle: Option<String>,
    /// The number of the one request, from 1.
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
    /// Whether it strikes the `count`-th request.
    pub(super) fn is_due(&self, count: u64) -> bool {
        let is_hit = |chance: Chance| random::fraction(chance.seed, count) < chance.probability;
        self.request.is_none_or(|request| request == count) && self.chance.is_none_or(is_hit)
    }

    /// Whether it cannot strike again after `count` requests, of which it struck some.
    pub(super) fn is_spent(&self, count: u64, struck: u64) -> bool {
        self.request.is_some_and(|request| request <= count)
            || self.times.is_some_and(|times| times <= struck)
    }
}

#[cfg(test)]
mod tests;
