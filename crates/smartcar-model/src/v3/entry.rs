//! One signal of a response.
//!
//! Invariant: an entry keeps the received text and parses each part once, when it
//! is needed. A body is valid only if the status says so or is absent.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use super::scan::Element;
use super::status;
use crate::date_time::moment;
use crate::item_error::ItemError;
use crate::malformed::{DUPLICATE, Malformed};
use crate::members::Members;
use crate::text::{self, Text};
use crate::tree::Tree;

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
    judged: OnceLock<Box<Judged>>,
}

/// What the envelope says about the body.
#[derive(Debug, Clone)]
struct Judged {
    /// Empty if they cannot be decoded.
    times: Times,
    /// The body's position, whatever the status is, or why there is none.
    body: Result<Range<usize>, ItemError>,
    /// Why the body is not valid.
    failure: Option<ItemError>,
    /// Whether the body is the last known value of a signal that failed.
    last_known: bool,
}

impl Judged {
    fn failed(times: Times, error: ItemError) -> Self {
        Self {
            times,
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
        let judged = Judged::failed(Times::default(), error);
        Self {
            source: None,
            status: None,
            body: None,
            metas: [None, None],
            duplicate: None,
            judged: Box::new(judged).into(),
        }
    }

    /// An entry for an element of a response.
    pub(super) fn of(element: &Element<'_>, source: &Arc<Source>) -> Self {
        let place = |part: Option<&str>| part.map(|part| within(&source.text, part));
        Self {
            status: place(element.status),
            body: place(element.body),
            metas: element.metas.map(place),
            duplicate: element.duplicate,
            source: Some(Arc::clone(source)),
            judged: OnceLock::new(),
        }
    }

    /// Whether it came in this response.
    pub(super) fn is_of(&self, source: &Arc<Source>) -> bool {
        self.source
            .as_ref()
            .is_some_and(|own| Arc::ptr_eq(own, source))
    }

    /// Whether it replaces an earlier entry of its code. It does not if the vehicle
    /// recorded the earlier one later.
    pub(super) fn replaces(&self, earlier: &Self, code: &str) -> bool {
        match (self.times(code).updated, earlier.times(code).updated) {
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
    pub(super) fn times(&self, code: &str) -> Times {
        self.judged(code).times
    }

    fn read_times(&self) -> Result<Times, Malformed> {
        let metas = self.metas.each_ref();
        let metas = metas.map(|place| Members::of(self.text(place.as_ref()?)));
        let time = |name: &str| {
            for meta in metas.iter().flatten() {
                let time = meta.once(name, "/meta")?;
                let time = time.and_then(|text| moment(&Tree::of(text).ok()?));
                if time.is_some() {
                    return Ok(time);
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

    /// Why it has no valid body. `None` if the body is valid.
    pub(super) fn failure(&self, code: &str) -> Option<&ItemError> {
        let judged = self.judged(code);
        judged.failure.as_ref().or(judged.body.as_ref().err())
    }

    /// The body as received: a valid one, or the last known one of a failed
    /// signal if `last_known` is set.
    pub(super) fn body(&self, code: &str, last_known: bool) -> Result<&str, &ItemError> {
        let judged = self.judged(code);
        match (&judged.failure, &judged.body) {
            (None, Ok(place)) => Ok(self.text(place)),
            (Some(_), Ok(place)) if last_known && judged.last_known => Ok(self.text(place)),
            (Some(error), _) | (None, Err(error)) => Err(error),
        }
    }

    fn judged(&self, code: &str) -> &Judged {
        self.judged.get_or_init(|| Box::new(self.judge(code)))
    }

    fn judge(&self, code: &str) -> Judged {
        let malformed = |member: &str, why: &str| {
            let at = format!("/{}/{member}", text::clean(code));
            ItemError::Malformed(Malformed::new(at, why))
        };
        let read = self.read_times();
        let times = read.as_ref().copied().unwrap_or_default();
        if let Some(name) = self.duplicate {
            return Judged::failed(times, malformed(name, DUPLICATE));
        }
        if let Err(error) = read {
            let member = error.pointer().trim_start_matches('/');
            return Judged::failed(times, malformed(member, error.reason()));
        }
        let status = self.status.as_ref().map(|place| self.text(place));
        let failure = status::judge(code, status).err();
        if let Some(error @ ItemError::Malformed(_)) = failure {
            return Judged::failed(times, error);
        }
        let body = match &self.body {
            Some(place) if self.text(place).starts_with('{') => Ok(place.clone()),
            Some(place) if self.text(place) != "null" => {
                Err(malformed("body", "expected an object"))
            }
            _ => Err(malformed("body", "the signal has no body")),
        };
        let timed = times.updated.or(times.retrieved).is_some();
        Judged {
            last_known: failure.is_some()
                && timed
                && body.as_ref().is_ok_and(|place| says(self.text(place))),
            times,
            body,
            failure,
        }
    }
}

/// Whether any member of a body is not null.
fn says(body: &str) -> bool {
    Members::of(body).is_some_and(|members| members.iter().any(|(_, text)| text != "null"))
}

/// The position of a part within a text.
fn within(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

/// The unit that a body gives.
pub(super) fn unit(body: &str) -> Option<Cow<'_, str>> {
    #[derive(serde::Deserialize)]
    struct Unit<'a> {
        #[serde(borrow)]
        unit: Option<Text<'a>>,
    }
    let Unit { unit } = serde_json::from_str(body).ok()?;
    unit.map(|Text(unit)| unit)
}
