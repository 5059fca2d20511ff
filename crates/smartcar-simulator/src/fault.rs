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
mod when;

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
/// A fault of the whole answer strikes whatever is asked, even without a token.
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
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a fault does nothing before it is given to a simulator"]
pub struct Fault {
    effect: Effect,
    when: When,
    /// Instead of the answer's own.
    status: Option<u16>,
    headers: Vec<(String, String)>,
    lost_headers: Vec<String>,
    item_headers: Vec<(String, Value)>,
}

impl Fault {
    fn new(effect: Effect) -> Self {
        Self {
            effect,
            when: When::default(),
            status: None,
            headers: Vec::new(),
            lost_headers: Vec::new(),
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
