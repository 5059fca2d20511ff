//! One signal as it was answered.
//!
//! Invariant: it keeps the text it came in and reads of it what is asked, once;
//! a body is only used where the status does not speak against it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

use super::scan::{Attributes, Element};
use crate::api_error::ApiError;
use crate::body::text_as;
use crate::date_time::moment;
use crate::error::ErrorInfo;
use crate::item_error::ItemError;
use crate::malformed::Malformed;
use crate::not_available::{NotAvailable, NotAvailableReason};
use crate::text::{self, Text};

/// An answer, kept as long as a signal of it is.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) text: String,
    /// The id of the answer.
    pub(super) request_id: Option<String>,
}

/// A signal.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    source: Option<Arc<Source>>,
    /// Where in the source its members are.
    status: Option<Range<usize>>,
    body: Option<Range<usize>>,
    metas: [Option<Range<usize>>; 2],
    /// The body as text, or why there is none.
    outcome: OnceLock<Result<Range<usize>, ItemError>>,
    value: OnceLock<Result<Value, ItemError>>,
    times: OnceLock<Times>,
}

/// When a signal was recorded and fetched.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Times {
    /// `oemUpdatedAt`.
    pub(super) updated: Option<Timestamp>,
    /// `retrievedAt`.
    pub(super) retrieved: Option<Timestamp>,
}

impl Entry {
    /// What is known where a signal's own request failed.
    pub(super) fn failed(error: ItemError) -> Self {
        Self {
            source: None,
            status: None,
            body: None,
            metas: [None, None],
            outcome: Err(error).into(),
            value: OnceLock::new(),
            times: Times::default().into(),
        }
    }

    /// A signal out of an answer. `None` for what names no code.
    pub(super) fn of<'a>(element: &Element<'a>, source: &Arc<Source>) -> Option<(Box<str>, Self)> {
        let none = Attributes::default();
        let own = &element.own;
        let inner = element.attributes.as_ref().unwrap_or(&none);
        // A member of null says nothing, so that the outer one counts.
        let said = |raw: Option<&'a RawValue>| raw.filter(|raw| raw.get() != "null");
        let either = |inner, outer| said(inner).or(said(outer));
        let code = either(inner.code, own.code).or_else(|| either(inner.id, own.id))?;
        let Text(code) = serde_json::from_str(code.get()).ok()?;
        let code = code.trim();
        if code.is_empty() {
            return None;
        }
        let place = |raw: Option<&RawValue>| raw.map(|raw| within(&source.text, raw.get()));
        let entry = Self {
            status: place(either(inner.status, own.status)),
            body: place(inner.body.or(own.body)),
            metas: [place(own.meta), place(inner.meta)],
            source: Some(Arc::clone(source)),
            outcome: OnceLock::new(),
            value: OnceLock::new(),
            times: OnceLock::new(),
        };
        Some((code.to_ascii_lowercase().into(), entry))
    }

    /// Whether it came in this answer.
    pub(super) fn is_of(&self, source: &Arc<Source>) -> bool {
        self.source
            .as_ref()
            .is_some_and(|own| Arc::ptr_eq(own, source))
    }

    /// Whether it stands in place of an earlier answer: not where the vehicle
    /// recorded that one later.
    pub(super) fn replaces(&self, earlier: &Self) -> bool {
        match (self.times().updated, earlier.times().updated) {
            (Some(own), Some(earlier)) => own >= earlier,
            _ => true,
        }
    }

    fn text(&self, place: &Range<usize>) -> &str {
        let text = self.source.as_ref().map_or("", |source| &source.text);
        text.get(place.clone()).unwrap_or_default()
    }

    fn member(&self, place: Option<&Range<usize>>) -> Option<Value> {
        let value: Value = serde_json::from_str(self.text(place?)).ok()?;
        (!value.is_null()).then_some(value)
    }

    /// The id of the answer that it came in.
    pub(super) fn request_id(&self) -> Option<&str> {
        self.source.as_ref()?.request_id.as_deref()
    }

    /// When it was recorded and fetched.
    pub(super) fn times(&self) -> Times {
        *self.times.get_or_init(|| {
            let metas = self.metas.each_ref();
            let metas = metas.map(|place| self.member(place.as_ref()));
            let time = |name: &str| {
                let mut metas = metas.iter().flatten();
                metas.find_map(|meta| moment(meta.get(name)?))
            };
            Times {
                updated: time("oemUpdatedAt"),
                retrieved: time("retrievedAt"),
            }
        })
    }

    /// The body as it came, unless the status says that it is none or stale.
    pub(super) fn body(&self, code: &str) -> Result<&str, &ItemError> {
        let outcome = self.outcome.get_or_init(|| self.read_outcome(code));
        outcome.as_ref().map(|place| self.text(place))
    }

    /// The same as a tree, for the mapping.
    pub(super) fn value(&self, code: &str) -> Result<&Value, ItemError> {
        let body = self.body(code).map_err(Clone::clone)?;
        let value = self.value.get_or_init(|| {
            serde_json::from_str(body).map_err(|error| {
                let at = format!("/{}/body", text::clean(code));
                ItemError::Malformed(Malformed::from_json(&at, &error))
            })
        });
        value.as_ref().map_err(Clone::clone)
    }

    fn read_outcome(&self, code: &str) -> Result<Range<usize>, ItemError> {
        let status = self.member(self.status.as_ref());
        let error = status.as_ref().and_then(|status| status.get("error"));
        let error = error.filter(|error| !error.is_null());
        let word = status
            .as_ref()
            .and_then(|status| status.get("value").unwrap_or(status).as_str());
        let word = word.unwrap_or_default().to_ascii_uppercase();
        if word == "ERROR" || error.is_some() && word != "SUCCESS" {
            return Err(ItemError::Api(Box::new(api_error(error))));
        }
        if word == "UNAVAILABLE" {
            let reason = NotAvailableReason::NotOffered;
            return Err(ItemError::NotAvailable(Box::new(NotAvailable::new(
                code, reason,
            ))));
        }
        let malformed = |why: &str| {
            let at = format!("/{}/body", text::clean(code));
            Err(ItemError::Malformed(Malformed::new(at, why)))
        };
        match &self.body {
            Some(place) if self.text(place).starts_with('{') => Ok(place.clone()),
            Some(place) if self.text(place) != "null" => {
                malformed("something else where an object belongs")
            }
            _ => malformed("a signal without a body"),
        }
    }
}

/// Where a part of a text is in it.
fn within(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

/// The unit that a body names.
pub(super) fn unit(body: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Unit {
        unit: Option<Value>,
    }
    let Unit { unit } = text_as(body).ok()?;
    unit?.as_str().map(str::to_owned)
}

/// The error in a signal's status. It has no HTTP status of its own: the
/// catalogue's of its type stands for it, 500 where the type is not known.
fn api_error(error: Option<&Value>) -> ApiError {
    let mut api = ApiError::from_status(500);
    if let Some(Value::Object(error)) = error {
        api.fill_v3(error);
    }
    if let Some(kind) = &api.error_type
        && let Some(row) = ErrorInfo::near(kind, api.code.as_deref())
    {
        api.status = row.status;
    }
    api
}
