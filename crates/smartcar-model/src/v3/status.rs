//! What the status of a signal says about its body.
//!
//! Invariant: a status that does not say that the body is valid makes it invalid.
//! An unreadable status is malformed; only an absent one says nothing.

use std::borrow::Cow;

use crate::api_error::ApiError;
use crate::error::ErrorInfo;
use crate::item_error::ItemError;
use crate::malformed::{DUPLICATE, Malformed};
use crate::members::Members;
use crate::not_available::{NotAvailable, NotAvailableReason};
use crate::text::{self, Text};

/// Why a body is not valid. `status` is JSON text, or `None` if it is absent.
pub(super) fn judge(code: &str, status: Option<&str>) -> Result<(), ItemError> {
    let Some(status) = status else {
        return Ok(());
    };
    let read = Status::read(status).map_err(|(member, why)| {
        let at = format!("/{}/status{member}", text::clean(code));
        ItemError::Malformed(Malformed::new(at, why))
    })?;
    let is = |word: &str| read.word.as_deref().map(|it| it.eq_ignore_ascii_case(word));
    let not_available = |reason| {
        let error = NotAvailable::new(code, reason);
        Err(ItemError::NotAvailable(Box::new(error)))
    };
    match (is("SUCCESS"), read.error) {
        (Some(true), _) | (None, None) => Ok(()),
        (_, Some(error)) => Err(ItemError::Api(Box::new(api_error(error)))),
        (Some(false), None) if is("UNAVAILABLE") == Some(true) => {
            not_available(NotAvailableReason::NotOffered)
        }
        (Some(false), None) => not_available(NotAvailableReason::NotValid),
    }
}

struct Status<'a> {
    word: Option<Cow<'a, str>>,
    error: Option<&'a str>,
}

/// The member of a status that cannot be read, as a JSON pointer, and why.
type Wrong = (&'static str, &'static str);

impl<'a> Status<'a> {
    fn read(status: &'a str) -> Result<Self, Wrong> {
        const WRONG: Wrong = ("", "expected a status");
        if !status.starts_with('{') {
            let (word, error) = (Some(word(status).ok_or(WRONG)?), None);
            return Ok(Self { word, error });
        }
        let members = Members::of(status).ok_or(WRONG)?;
        let (value, error) = (members.get("value"), members.get("error"));
        if error.is_duplicate() {
            return Err(("/error", DUPLICATE));
        }
        if value.is_duplicate() {
            return Err(("/value", DUPLICATE));
        }
        let error = error.said();
        let word = value.said().and_then(word);
        if word.is_none() && error.is_none() && !members.is_nothing() {
            return Err(WRONG);
        }
        Ok(Self { word, error })
    }
}

/// A text without white space around it. `None` for any other value.
fn word(json: &str) -> Option<Cow<'_, str>> {
    let Text(word) = serde_json::from_str(json).ok()?;
    Some(match word {
        Cow::Borrowed(word) => Cow::Borrowed(word.trim()),
        Cow::Owned(word) => Cow::Owned(word.trim().to_owned()),
    })
}

/// The error in a signal's status. It has no HTTP status of its own, so the
/// catalogue's status for its type is used, or 500 for an unknown type.
fn api_error(error: &str) -> ApiError {
    let mut api = ApiError::of_signal(error);
    if let Some(kind) = &api.error_type
        && let Some(row) = ErrorInfo::near(kind, api.code.as_deref())
    {
        api.status = row.status;
    }
    api
}
