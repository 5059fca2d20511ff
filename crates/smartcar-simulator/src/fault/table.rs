//! Faults as data: one flat table, in TOML or JSON.
//!
//! Invariant: every [`Fault`] has a table, and that table is the same fault.

mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Fault, FaultError};

/// A fault's keys. What each means is in the documentation of [`Fault`].
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Table {
    #[serde(skip_serializing_if = "Option::is_none")]
    unchanged: Option<Yes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<Milliseconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<Yes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncated: Option<usize>,

    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    body: Option<Value>,
    #[serde(skip_serializing)]
    body_json: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    replaced: Option<Value>,
    #[serde(skip_serializing)]
    replaced_json: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<Yes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicated: Option<Yes>,

    #[serde(skip_serializing_if = "Option::is_none")]
    unasked: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    extra: Option<Value>,
    #[serde(skip_serializing)]
    extra_json: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reordered: Option<Yes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shuffled: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    without_item_headers: Option<Yes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    without_error_headers: Option<Yes>,

    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vehicle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, HeaderText>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    without_headers: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    item_headers: BTreeMap<String, Value>,
    #[serde(skip_serializing)]
    item_headers_json: Option<String>,
}

/// A null that is there is a value; only a key that is absent is none.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// The value of a key that is there or not.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "bool", into = "bool")]
struct Yes;

impl TryFrom<bool> for Yes {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, &'static str> {
        value
            .then_some(Self)
            .ok_or("the value can only be true: leave the key out instead")
    }
}

impl From<Yes> for bool {
    fn from(_: Yes) -> Self {
        true
    }
}

/// Milliseconds, whole or with a fraction.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
enum Milliseconds {
    Whole(u64),
    Fraction(f64),
}

impl Milliseconds {
    fn of(duration: Duration) -> Self {
        let whole = u64::try_from(duration.as_millis()).ok();
        match whole.filter(|whole| Duration::from_millis(*whole) == duration) {
            Some(whole) => Self::Whole(whole),
            None => Self::Fraction(duration.as_secs_f64() * 1e3),
        }
    }

    fn duration(self) -> Result<Duration, FaultError> {
        match self {
            Self::Whole(whole) => Ok(Duration::from_millis(whole)),
            Self::Fraction(fraction) => Duration::try_from_secs_f64(fraction / 1e3).map_err(|_| {
                FaultError::new("`latency_ms` must be a number of milliseconds, 0 or more")
            }),
        }
    }
}

/// A header's value; a number is read as its text.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged, expecting = "a header's value must be a string or a number")]
enum HeaderText {
    Text(String),
    Number(serde_json::Number),
}

impl From<HeaderText> for String {
    fn from(value: HeaderText) -> Self {
        match value {
            HeaderText::Text(text) => text,
            HeaderText::Number(number) => number.to_string(),
        }
    }
}

/// Reads the inside of a TOML inline table, such as `html = 502, times = 1`.
///
/// ```
/// use smartcar_simulator::Fault;
///
/// let fault: Fault = "html = 502, times = 1".parse()?;
/// assert_eq!(fault, Fault::html(502).times(1));
/// # Ok::<(), smartcar_simulator::FaultError>(())
/// ```
impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Whole {
            fault: Fault,
        }
        let whole = format!("fault = {{ {text} }}");
        if let Err(error) = toml::de::DeTable::parse(&whole) {
            return Err(FaultError::new(format!(
                "write keys and values as TOML does, such as html = 502, times = 1: {}",
                error.message()
            )));
        }
        let whole = toml::from_str(&whole);
        whole
            .map(|Whole { fault }| fault)
            .map_err(|error| FaultError::new(error.message()))
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
