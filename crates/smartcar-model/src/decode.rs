//! The one decoder of answers: a batch, one of its items, one endpoint alone.
//!
//! Invariant: the list is cut into its elements before any of them is read, so
//! a fault stays within its item; the body's type follows from path and code,
//! never from trial.

mod envelope;

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::lenient::Object;
use crate::{
    AnswerHeaders, ApiError, Endpoint, ItemError, Malformed, Meta, Outcomes, Reading, text,
};
use envelope::{Envelope, Item};

/// The answer to one path, before its body is read.
#[derive(Debug, Clone)]
pub struct ItemAnswer<'a> {
    /// The item's code, or the status of an answer to one endpoint alone.
    code: Result<u16, Malformed>,
    headers: AnswerHeaders,
    body: Option<Cow<'a, RawValue>>,
    /// Set where the item itself was faulty.
    fault: Option<Malformed>,
    request_id: Option<&'a str>,
}

impl<'a> ItemAnswer<'a> {
    /// The answer of a GET of one endpoint: its status, headers and body text.
    /// The body may be anything; what is not JSON is a malformed item, or an
    /// error of which only the status is known.
    pub fn of_endpoint(
        status: u16,
        headers: AnswerHeaders,
        body: &'a str,
        request_id: Option<&'a str>,
    ) -> Self {
        let raw: Result<&RawValue, _> = serde_json::from_str(body);
        Self {
            code: Ok(status),
            headers,
            fault: match &raw {
                Err(error) if is_success(status) => Some(Malformed::from_json("/body", error)),
                _ => None,
            },
            body: raw
                .ok()
                .filter(|raw| raw.get() != "null")
                .map(Cow::Borrowed),
            request_id,
        }
    }

    /// A body that was made of signals.
    pub(crate) fn of_body(
        headers: AnswerHeaders,
        body: Cow<'a, RawValue>,
        request_id: Option<&'a str>,
    ) -> Self {
        Self {
            code: Ok(200),
            headers,
            body: Some(body),
            fault: None,
            request_id,
        }
    }

    /// Reads the body as a type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Reading<T>, ItemError> {
        let raw = self.success()?;
        let body = body(raw).map_err(ItemError::Malformed)?;
        Ok(Reading::new(body, self.meta()))
    }

    /// Keeps the body as it came.
    pub fn read_raw(&self) -> Result<Reading<Box<RawValue>>, ItemError> {
        Ok(Reading::new(self.success()?.to_owned(), self.meta()))
    }

    fn meta(&self) -> Meta {
        Meta::from_headers(&self.headers, self.request_id)
    }

    /// The body of a success, or the item's error.
    fn success(&self) -> Result<&RawValue, ItemError> {
        if let Some(fault) = &self.fault {
            return Err(ItemError::Malformed(fault.clone()));
        }
        let code = match &self.code {
            Ok(code) => *code,
            Err(malformed) => return Err(ItemError::Malformed(malformed.clone())),
        };
        if !is_success(code) {
            let body = self.body.as_deref().map(RawValue::get);
            let mut error = ApiError::read(code, &self.headers, body);
            if error.request_id.is_none() {
                error.request_id = self.request_id.map(text::clean);
            }
            return Err(ItemError::Api(Box::new(error)));
        }
        self.body.as_deref().ok_or_else(|| {
            ItemError::Malformed(Malformed::new(
                "/body",
                format!("code {code} without a body"),
            ))
        })
    }
}

fn is_success(code: u16) -> bool {
    (200..300).contains(&code)
}

/// An answer that stands in nobody's place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// Its path, bounded and stripped; empty where it had none.
    pub path: String,
    /// What is odd about it.
    pub kind: WarningKind,
}

/// What is odd about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WarningKind {
    /// A second answer to one path; the first one stands.
    Second,
    /// Nobody asked for it, or it cannot be told what for.
    Unasked,
}

impl WarningKind {
    /// `second` or `unasked`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Unasked => "unasked",
        }
    }
}

/// How many odd answers are kept: what comes after tells nothing new, and a
/// body of millions of them must not cost a hundred times its size.
pub(crate) const WARNINGS: usize = 100;

/// Reads the answer to a batch into the places of the paths that were asked:
/// pairs of a place's index and its path. A place that the answer has nothing
/// for is left as it was. Of what stands in nobody's place the first hundred
/// are told.
///
/// Fails only if the answer as a whole is not a batch answer.
pub fn batch<O: Outcomes>(
    text: &str,
    request_id: Option<&str>,
    asked: &[(usize, &str)],
    outcomes: &mut O,
) -> Result<Vec<Warning>, Malformed> {
    let envelope = Envelope::read(text)?;
    let mut answered = vec![false; asked.len()];
    let mut warnings = Vec::new();
    for raw in envelope.responses {
        let mut warn = |path: &str, kind| {
            if warnings.len() < WARNINGS {
                warnings.push(Warning {
                    path: text::clean(path),
                    kind,
                });
            }
        };
        let Some((path, item)) = Item::read(raw) else {
            warn("", WarningKind::Unasked);
            continue;
        };
        match asked.iter().position(|(_, asked)| *asked == path) {
            None => warn(&path, WarningKind::Unasked),
            Some(place) if answered[place] => warn(&path, WarningKind::Second),
            Some(place) => {
                answered[place] = true;
                outcomes.accept(asked[place].0, &item.answer(request_id));
            }
        }
    }
    Ok(warnings)
}

/// Reads a body as a type: an object never from an array, a fault with its
/// place.
pub fn body<T: DeserializeOwned>(raw: &RawValue) -> Result<T, Malformed> {
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    if let Ok(body) = T::deserialize(Object(&mut deserializer)) {
        return Ok(body);
    }
    // Once more, slower, to say where.
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut deserializer, &mut track);
    match T::deserialize(Object(tracked)) {
        Ok(body) => Ok(body),
        Err(error) => Err(Malformed::from_serde(
            "/body",
            &serde_path_to_error::Error::new(track.path(), error),
        )),
    }
}

/// Reads a body as an endpoint's type and writes it again.
pub(crate) fn normalise<E: Endpoint>(raw: &RawValue) -> Result<Box<RawValue>, Malformed> {
    let body: E = body(raw)?;
    serde_json::value::to_raw_value(&body).map_err(|error| Malformed::from_json("/body", &error))
}
