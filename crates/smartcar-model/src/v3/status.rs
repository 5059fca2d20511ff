//! What the status of a signal says about its body.
//!
//! Invariant: a status that does not say that the body is valid makes it invalid.
//! An unreadable status is malformed; only an absent one says nothing.

use crate::api_error::ApiError;
use crate::error::ErrorInfo;
use crate::item_error::ItemError;
use crate::malformed::Malformed;
use crate::members::Members;
use crate::not_available::{NotAvailable, NotAvailableReason};
use crate::text::{self, Text};

/// Why a body is not valid. `status` is JSON text, or `None` if it is absent.
pub(super) fn judge(code: &str, status: Option<&str>) -> Result<(), ItemError> {
    let Some(status) = status else {
        return Ok(());
    };
    let place = format!("/{}/status", text::clean(code));
    let read = Status::read(status, &place).map_err(ItemError::Malformed)?;
    let word = read.word.as_deref().map(str::to_ascii_uppercase);
    let not_available = |reason| {
        let error = NotAvailable::new(code, reason);
        Err(ItemError::NotAvailable(Box::new(error)))
    };
    match (word.as_deref(), read.error) {
        (Some("SUCCESS"), _) | (None, None) => Ok(()),
        (_, Some(error)) => Err(ItemError::Api(Box::new(api_error(error)))),
        (Some("UNAVAILABLE"), None) => not_available(NotAvailableReason::NotOffered),
        (Some(_), None) => not_available(NotAvailableReason::NotValid),
    }
}

struct Status<'a> {
    word: Option<String>,
    error: Option<&'a str>,
}

impl<'a> Status<'a> {
    fn read(status: &'a str, place: &str) -> Result<Self, Malformed> {
        let wrong = || Malformed::new(place, "expected a status");
        let word = |text: &str| {
            let word: Text<'_> = serde_json::from_str(text).map_err(|_| wrong())?;
            Ok(Some(word.0.trim().to_owned()))
        };
        if !status.starts_with('{') {
            let (word, error) = (word(status)?, None);
            return Ok(Self { word, error });
        }
        let members = Members::of(status).ok_or_else(wrong)?;
        let error = members.once("error", place)?;
        let word = match members.once("value", place)?.map(|raw| word(raw)) {
            Some(Ok(word)) => word,
            // Neither of them says that the body is valid.
            Some(Err(_)) if error.is_some() => None,
            Some(Err(unreadable)) => return Err(unreadable),
            None => None,
        };
        if word.is_none() && error.is_none() && !members.is_nothing() {
            return Err(wrong());
        }
        Ok(Self { word, error })
    }
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
