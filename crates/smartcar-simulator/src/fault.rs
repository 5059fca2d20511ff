//! What goes wrong on purpose.
//!
//! Invariant: a [`Fault`] is a plain value. It says what changes and for which
//! requests; [`active`] alone decides whether it strikes, [`apply`] alone does it.

pub(crate) mod active;
pub(crate) mod apply;
mod check;
pub(crate) mod effect;
mod item;
pub(crate) mod random;
pub(crate) mod table;
mod when;

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::Value;

pub use active::FaultId;
pub use check::FaultError;
use effect::{Effect, ErrorName};
use when::When;

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
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "table::Table", into = "table::Table")]
#[must_use = "a fault does nothing before it is given to a simulator"]
pub struct Fault {
    effect: Effect,
    when: When,
    /// Instead of the answer's own.
    status: Option<u16>,
    headers: Vec<(String, String)>,
    lost_headers: BTreeSet<String>,
    item_headers: Vec<(String, Value)>,
}

/// Sets a header. Another one of that name in any letter case gives way, and
/// the order is that of the names, so that equal faults are equal values.
fn set<V>(headers: &mut Vec<(String, V)>, name: String, value: V) {
    headers.retain(|(other, _)| !other.eq_ignore_ascii_case(&name));
    headers.push((name, value));
    headers.sort_by(|(one, _), (other, _)| one.cmp(other));
}

impl Fault {
    fn new(effect: Effect) -> Self {
        Self {
            effect,
            when: When::default(),
            status: None,
            headers: Vec::new(),
            lost_headers: BTreeSet::new(),
            item_headers: Vec::new(),
        }
    }

    /// The answer as it would be; for the methods that change headers or status.
    ///
    /// ```
    /// use smartcar_simulator::Fault;
    ///
    /// let anonymous = Fault::unchanged().without_header("sc-request-id");
    /// ```
    pub fn unchanged() -> Self {
        Self::new(Effect::Unchanged)
    }

    /// The answer comes this much later. What was asked is recorded at once.
    ///
    /// ```
    /// use std::time::Duration;
    /// use smartcar_simulator::Fault;
    ///
    /// let slow = Fault::latency(Duration::from_millis(300));
    /// ```
    pub fn latency(duration: Duration) -> Self {
        Self::new(Effect::Latency(duration))
    }

    /// A status with an empty body and neither content type nor request id.
    ///
    /// ```
    /// let refused = smartcar_simulator::Fault::status(503).header("Retry-After", "2");
    /// ```
    pub fn status(status: u16) -> Self {
        let mut fault = Self::new(Effect::Foreign { html: false });
        fault.status = Some(status);
        fault
    }

    /// A proxy's HTML page, without a request id.
    ///
    /// ```
    /// let proxy = smartcar_simulator::Fault::html(502).times(1);
    /// ```
    pub fn html(status: u16) -> Self {
        let mut fault = Self::new(Effect::Foreign { html: true });
        fault.status = Some(status);
        fault
    }

    /// An error of the API's catalogue, by type and code, instead of the whole answer.
    ///
    /// ```
    /// use smartcar_simulator::Fault;
    ///
    /// let limited = Fault::error("RATE_LIMIT", Some("VEHICLE")).header("retry-after", "120");
    /// let revoked = Fault::error("PERMISSION", None).on_vehicle("some-vehicle");
    /// ```
    pub fn error(kind: impl Into<String>, code: Option<&str>) -> Self {
        Self::new(Effect::Error(ErrorName::new(kind, code)))
    }

    /// This text instead of the body, with 200 and a json content type.
    ///
    /// ```
    /// use smartcar_simulator::Fault;
    ///
    /// let cut = Fault::raw_body(r#"{"responses": ["#);
    /// let portal = Fault::raw_body("<p>Please log in</p>").header("content-type", "text/html");
    /// let old = Fault::raw_body(r#"{"error": "vehicle_state_error"}"#).with_status(409);
    /// ```
    pub fn raw_body(text: impl Into<String>) -> Self {
        let mut fault = Self::new(Effect::RawBody(text.into()));
        fault.status = Some(StatusCode::OK.as_u16());
        fault
    }

    /// The connection is reset once the request was read, before any answer.
    ///
    /// ```
    /// let reset = smartcar_simulator::Fault::reset().on_request(2);
    /// ```
    pub fn reset() -> Self {
        Self::new(Effect::Reset)
    }

    /// The answer as it would be, but the connection closes after this many bytes
    /// of the body. `Content-Length` promises more, in any case one byte.
    ///
    /// ```
    /// let truncated = smartcar_simulator::Fault::truncated(20);
    /// ```
    pub fn truncated(bytes: usize) -> Self {
        Self::new(Effect::Truncated(bytes))
    }
}
