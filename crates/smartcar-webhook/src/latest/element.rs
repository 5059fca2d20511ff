//! One signal as text, with its code, times and whether it failed.
//!
//! Invariant: the text is read by the model, as that of a store is; this module only
//! keeps it and takes it apart.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use smartcar_model::v3::Signals;
use smartcar_model::{ItemError, Reading};

/// One signal as text.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Element {
    pub(super) code: String,
    pub(super) text: String,
    /// Whether it has no valid value.
    pub(super) failed: bool,
    /// When the vehicle recorded it, but not after the fetch: a clock that is ahead would
    /// make the value the newest for ever.
    updated: Option<Timestamp>,
    /// When it was fetched.
    retrieved: Option<Timestamp>,
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element")
            .field("code", &self.code)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

/// The members of a signal, flat or below `attributes`.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    attributes: Option<Inner<'a>>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    meta: Option<&'a RawValue>,
}

impl<'a> Parts<'a> {
    fn status(&self) -> Option<&'a RawValue> {
        let inner = self.attributes.as_ref().and_then(|inner| inner.status);
        inner.or(self.status)
    }
}

#[derive(Default, Deserialize)]
struct Inner<'a> {
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    meta: Option<&'a RawValue>,
}

impl Element {
    /// The signals of a JSON list. An element without a code is left out, and of
    /// duplicates the first is kept.
    pub(super) fn list(list: &str) -> Vec<Self> {
        let raws: Vec<&RawValue> = serde_json::from_str(list).unwrap_or_default();
        let mut elements: Vec<Self> = Vec::with_capacity(raws.len());
        let mut codes = std::collections::HashSet::new();
        for element in raws.iter().filter_map(|raw| Self::read(raw.get())) {
            if codes.insert(element.code.clone()) {
                elements.push(element);
            }
        }
        elements
    }

    /// The signals of a response of the store: a list, or one signal, with or
    /// without an envelope.
    pub(super) fn list_of_response(response: &str) -> Vec<Self> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow)]
            data: Option<&'a RawValue>,
            #[serde(borrow)]
            signals: Option<&'a RawValue>,
        }
        let envelope: Option<Envelope<'_>> = serde_json::from_str(response).ok();
        let inner = envelope.and_then(|envelope| envelope.data.or(envelope.signals));
        let inner = inner.map_or(response.trim(), RawValue::get);
        if inner.starts_with('[') {
            Self::list(inner)
        } else {
            Self::read(inner).into_iter().collect()
        }
    }

    fn read(text: &str) -> Option<Self> {
        let mut signals = Signals::new();
        signals.read_list(format!("[{text}]"), None).ok()?;
        let code = signals.codes().next()?.to_owned();
        let (updated, retrieved) = signals.times(&code);
        let element = Self {
            failed: signals.failure(&code).is_some(),
            text: text.to_owned(),
            updated,
            retrieved,
            code,
        };
        Some(element.not_after(retrieved))
    }

    /// The element with the vehicle's time limited.
    fn not_after(mut self, limit: Option<Timestamp>) -> Self {
        self.updated = self
            .updated
            .map(|time| limit.map_or(time, |limit| time.min(limit)));
        self
    }

    /// The element as a delivery of this time has it. Where there is no time of the
    /// fetch, the vehicle's is not after the delivery's.
    pub(super) fn delivered(self, at: Option<Timestamp>) -> Self {
        let limit = self.retrieved.or(at);
        self.not_after(limit)
    }

    /// A signal from the result of its path. `None` for a failure that says nothing
    /// about the signal.
    pub(super) fn of_result(
        code: &str,
        outcome: Result<&Reading<Box<RawValue>>, &ItemError>,
    ) -> Option<Self> {
        let text = match outcome {
            Ok(reading) => {
                let meta = &reading.meta;
                let times = json!({
                    "oemUpdatedAt": meta.data_age,
                    "retrievedAt": meta.fetched_at,
                });
                let status = if meta.last_known { "ERROR" } else { "SUCCESS" };
                let code = serde_json::to_string(code).ok()?;
                let body = reading.body.get();
                format!(
                    r#"{{"code":{code},"status":{{"value":"{status}"}},"body":{body},"meta":{times}}}"#
                )
            }
            Err(ItemError::Api(error)) => {
                let error = json!({ "type": error.error_type, "code": error.code });
                let status = json!({ "value": "ERROR", "error": error });
                json!({ "code": code, "status": status }).to_string()
            }
            Err(_) => return None,
        };
        Self::read(&text)
    }

    /// The time of the value: the vehicle's, else the fetch.
    pub(super) fn time(&self) -> Option<Timestamp> {
        self.updated.or(self.retrieved)
    }

    /// The newest of its times.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.updated.max(self.retrieved)
    }

    /// This failure without any value.
    pub(super) fn without_value(&self) -> String {
        let parts: Option<Parts<'_>> = serde_json::from_str(&self.text).ok();
        let status = parts.as_ref().and_then(Parts::status);
        let status = status.map_or(r#""ERROR""#, RawValue::get);
        let code = json!(self.code);
        format!(r#"{{"code":{code},"status":{status}}}"#)
    }

    /// This failure with the value of another element, which is the last known one.
    pub(super) fn with_value_of(&self, value: &Self) -> Option<String> {
        let failed: Parts<'_> = serde_json::from_str(&self.text).ok()?;
        let known: Parts<'_> = serde_json::from_str(&value.text).ok()?;
        let attributes = known.attributes.unwrap_or_default();
        let code = json!(self.code);
        let status = failed.status().map_or(r#""ERROR""#, RawValue::get);
        let body = attributes.body.or(known.body)?;
        let meta = known.meta.or(attributes.meta);
        let meta = meta.map_or("{}", RawValue::get);
        Some(format!(
            r#"{{"code":{code},"status":{status},"body":{body},"meta":{meta}}}"#
        ))
    }
}
