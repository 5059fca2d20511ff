//! One signal of a response.
//!
//! Invariant: an entry keeps the received text and parses each part once, when it
//! is needed. A body is valid only if the status says so or is absent.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

use super::scan::{Attributes, Element};
use super::status;
use crate::body::text_as;
use crate::date_time::moment;
use crate::item_error::ItemError;
use crate::malformed::{DUPLICATE, Malformed};
use crate::members::{self, Member, Members};
use crate::text::{self, Text};

/// A response. It is kept as long as one of its signals is.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) text: String,
    /// The request ID of the response.
    pub(super) request_id: Option<String>,
}

/// A signal.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    source: Option<Arc<Source>>,
    /// The positions of its members in the source.
    status: Option<Range<usize>>,
    body: Option<Range<usize>>,
    metas: [Option<Range<usize>>; 2],
    /// The envelope member that occurs more than once.
    duplicate: Option<&'static str>,
    judged: OnceLock<Judged>,
    value: OnceLock<Result<Value, ItemError>>,
    times: OnceLock<Result<Times, Malformed>>,
}

/// What the envelope says about the body.
#[derive(Debug, Clone)]
struct Judged {
    /// The body's position, whatever the status is, or why there is none.
    body: Result<Range<usize>, ItemError>,
    /// Why the body is not valid.
    failure: Option<ItemError>,
    /// Whether the body is the last known value of a signal that failed.
    last_known: bool,
}

impl Judged {
    fn failed(error: ItemError) -> Self {
        Self {
            body: Err(error.clone()),
            failure: Some(error),
            last_known: false,
        }
    }
}

/// When a signal was recorded and fetched.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Times {
    /// `oemUpdatedAt`: when the vehicle recorded it.
    pub(super) updated: Option<Timestamp>,
    /// `retrievedAt` or `fetchedAt`: when Smartcar fetched it.
    pub(super) retrieved: Option<Timestamp>,
}

impl Entry {
    /// An entry for a signal whose own request failed.
    pub(super) fn failed(error: ItemError) -> Self {
        Self {
            source: None,
            status: None,
            body: None,
            metas: [None, None],
            duplicate: None,
            judged: Judged::failed(error).into(),
            value: OnceLock::new(),
            times: Ok(Times::default()).into(),
        }
    }

    /// Creates an entry from a response. `None` if the element has no code.
    pub(super) fn of<'a>(element: &Element<'a>, source: &Arc<Source>) -> Option<(Box<str>, Self)> {
        let none = Attributes::default();
        let own = &element.own;
        let inner = element.attributes.as_ref();
        let inner = inner.filter(|_| !element.is_ambiguous).unwrap_or(&none);
        // A null member counts as absent, so the outer one is used.
        let either = |inner: Member<'a>, outer: Member<'a>| inner.said().or(outer.said());
        let code = either(inner.code, own.code).or_else(|| either(inner.id, own.id))?;
        let Text(code) = serde_json::from_str(code.get()).ok()?;
        let code = code.trim();
        if code.is_empty() {
            return None;
        }
        let place = |raw: Option<&RawValue>| raw.map(|raw| within(&source.text, raw.get()));
        let entry = Self {
            status: place(either(inner.status, own.status)),
            body: place(inner.body.once().or(own.body.once())),
            metas: [place(own.meta.said()), place(inner.meta.said())],
            duplicate: element.duplicate(),
            source: Some(Arc::clone(source)),
            judged: OnceLock::new(),
            value: OnceLock::new(),
            times: OnceLock::new(),
        };
        Some((code.to_ascii_lowercase().into(), entry))
    }

    /// Whether it came in this response.
    pub(super) fn is_of(&self, source: &Arc<Source>) -> bool {
        self.source
            .as_ref()
            .is_some_and(|own| Arc::ptr_eq(own, source))
    }

    /// Whether it replaces an earlier entry. It does not if the vehicle recorded
    /// the earlier one later.
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

    /// The request ID of its response.
    pub(super) fn request_id(&self) -> Option<&str> {
        self.source.as_ref()?.request_id.as_deref()
    }

    /// When it was recorded and fetched. Empty if that cannot be decoded.
    pub(super) fn times(&self) -> Times {
        let times = self.times.get_or_init(|| self.read_times());
        times.as_ref().copied().unwrap_or_default()
    }

    fn read_times(&self) -> Result<Times, Malformed> {
        let metas = self.metas.each_ref();
        let metas = metas.map(|place| Members::of(self.text(place.as_ref()?)));
        let time = |name: &str| {
            for meta in metas.iter().flatten() {
                let time = meta.once(name, "/meta")?;
                let time: Option<Value> = time.and_then(|raw| serde_json::from_str(raw.get()).ok());
                if let Some(time) = time.as_ref().and_then(moment) {
                    return Ok(Some(time));
                }
            }
            Ok(None)
        };
        Ok(Times {
            updated: time("oemUpdatedAt")?,
            retrieved: match time("retrievedAt")? {
                // The documentation of deliveries has another name.
                None => time("fetchedAt")?,
                retrieved => retrieved,
            },
        })
    }

    /// The body as received, if it is valid.
    pub(super) fn body(&self, code: &str) -> Result<&str, &ItemError> {
        let judged = self.judged(code);
        match (&judged.failure, &judged.body) {
            (Some(error), _) | (None, Err(error)) => Err(error),
            (None, Ok(place)) => Ok(self.text(place)),
        }
    }

    /// The last known body of a signal that failed, if it has one with its time.
    fn last_known(&self, code: &str) -> Option<&str> {
        let judged = self.judged(code);
        let body = judged.body.as_ref().ok()?;
        judged.last_known.then(|| self.text(body))
    }

    /// The body as received: a valid one, or the last known one of a failed
    /// signal if `last_known` is set.
    pub(super) fn body_or_last(&self, code: &str, last_known: bool) -> Result<&str, ItemError> {
        let body = self.body(code);
        body.or_else(|error| {
            let last = last_known.then(|| self.last_known(code)).flatten();
            last.ok_or_else(|| error.clone())
        })
    }

    /// The same as a tree, for the mapping.
    pub(super) fn value(&self, code: &str, last_known: bool) -> Result<&Value, ItemError> {
        let body = self.body_or_last(code, last_known)?;
        let value = self.value.get_or_init(|| {
            members::tree(body).map_err(|error| {
                let at = format!("/{}/body", text::clean(code));
                ItemError::Malformed(Malformed::from_json(&at, &error))
            })
        });
        value.as_ref().map_err(Clone::clone)
    }

    fn judged(&self, code: &str) -> &Judged {
        self.judged.get_or_init(|| self.judge(code))
    }

    fn judge(&self, code: &str) -> Judged {
        let malformed = |member: &str, why: &str| {
            let at = format!("/{}/{member}", text::clean(code));
            ItemError::Malformed(Malformed::new(at, why))
        };
        if let Some(name) = self.duplicate {
            return Judged::failed(malformed(name, DUPLICATE));
        }
        if let Err(error) = self.times.get_or_init(|| self.read_times()) {
            let member = error.pointer().trim_start_matches('/');
            return Judged::failed(malformed(member, error.reason()));
        }
        let status = self.status.as_ref().map(|place| self.text(place));
        let failure = status::judge(code, status).err();
        if let Some(error @ ItemError::Malformed(_)) = failure {
            return Judged::failed(error);
        }
        let body = match &self.body {
            Some(place) if self.text(place).starts_with('{') => Ok(place.clone()),
            Some(place) if self.text(place) != "null" => {
                Err(malformed("body", "expected an object"))
            }
            _ => Err(malformed("body", "the signal has no body")),
        };
        let times = self.times();
        let timed = times.updated.or(times.retrieved).is_some();
        Judged {
            last_known: failure.is_some()
                && timed
                && body.as_ref().is_ok_and(|place| says(self.text(place))),
            body,
            failure,
        }
    }
}

/// Whether any member of a body is not null.
fn says(body: &str) -> bool {
    Members::of(body).is_some_and(|members| members.iter().any(|(_, raw)| raw.get() != "null"))
}

/// The position of a part within a text.
fn within(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

/// The unit that a body gives.
pub(super) fn unit(body: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Unit {
        unit: Option<Value>,
    }
    let Unit { unit } = text_as(body).ok()?;
    unit?.as_str().map(str::to_owned)
}
