//! The API's error object, read leniently from all its known shapes.
//!
//! Invariant: reading never fails. Text from the server is stripped of control
//! characters and bounded before it is kept.

mod plain;
#[cfg(test)]
mod plain_tests;

use std::fmt;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::{ErrorInfo, Retry};
use crate::headers::ResponseHeaders;
use crate::members::Members;
use crate::retry_after::RetryAfter;
use crate::text::{self, Text};

/// An error that the API reported for one item or for a whole request.
///
/// Read from the v2.0 error object and from the shapes of v1.0 (`error`,
/// `message`), of OAuth (`error`, `error_description`) and of version 3
/// (`errors`). A member that is missing or of another type is `None`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ApiError {
    /// The HTTP status of the response, or the code of the batch item. A status
    /// inside the error object is ignored.
    pub status: u16,
    /// `type`, such as `RATE_LIMIT`. `None` if the body was not an error object.
    pub error_type: Option<String>,
    /// `code`, such as `VEHICLE`. `None` where the API sends null.
    pub code: Option<String>,
    /// The API's description, in English, for developers.
    pub description: Option<String>,
    /// URL of the API's documentation of this error.
    pub doc_url: Option<String>,
    /// Request ID to give to the API's support.
    pub request_id: Option<String>,
    /// What the API suggests doing.
    pub resolution: Option<Resolution>,
    /// A sentence that can be shown to the vehicle's owner.
    pub suggested_user_message: Option<String>,
    /// `detail`: a list of objects or of strings. Its texts are stripped and
    /// bounded, and only the first few hundred values are kept.
    pub detail: Option<Value>,
    /// How long the API asks to wait, from the headers of the response or the
    /// item. `None` if it does not say.
    pub retry_after: Option<RetryAfter>,
}

/// What the API suggests doing about an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resolution {
    /// `RETRY_LATER`, `REAUTHENTICATE`, `CONTACT_SUPPORT`, or another value.
    pub resolution_type: Option<String>,
    /// URL of the page where the problem can be resolved.
    pub url: Option<String>,
}

impl ApiError {
    /// An error with a status and nothing else.
    pub fn from_status(status: u16) -> Self {
        Self {
            status,
            error_type: None,
            code: None,
            description: None,
            doc_url: None,
            request_id: None,
            resolution: None,
            suggested_user_message: None,
            detail: None,
            retry_after: None,
        }
    }

    /// Reads an error from a JSON body. If the body is not an error object, only
    /// the status and the headers are used.
    pub fn read(status: u16, headers: &ResponseHeaders, body: Option<&str>) -> Self {
        let mut error = Self::from_status(status);
        error.retry_after = headers.retry_after;
        match body.map(|body| (body, plain::read(body))) {
            Some((_, Some(plain))) => error.fill_plain(plain),
            Some((body, None)) => error.read_with_care(body),
            None => {}
        }
        error
    }

    /// The error in a signal's status. It has no HTTP status of its own, so 500
    /// is used.
    pub(crate) fn of_signal(error: &str) -> Self {
        let mut api = Self::from_status(500);
        if let Some(members) = members(error) {
            api.fill_v3(&members);
        } else {
            let text = serde_json::from_str::<String>(error).ok();
            api.description = text.map(|text| text::clean(&text));
        }
        api
    }

    /// The documented form, whose members are texts.
    fn fill_plain(&mut self, plain: plain::Plain<'_>) {
        let clean = |text: Option<Text<'_>>| text.map(|Text(text)| text::clean(&text));
        let some = |text| clean(text).filter(|text| !text.is_empty());
        self.error_type = some(plain.kind);
        self.code = some(plain.code);
        self.description = some(plain.description);
        self.doc_url = some(plain.doc_url);
        self.request_id = some(plain.request_id);
        self.suggested_user_message = some(plain.suggested_user_message);
        self.resolution = plain.resolution.map(|resolution| Resolution {
            resolution_type: clean(resolution.kind),
            url: clean(resolution.url),
        });
    }

    /// Reads any shape.
    fn read_with_care(&mut self, body: &str) {
        let list = Members::of(body).and_then(|members| {
            let list = members.get("errors").said()?;
            serde_json::from_str::<Vec<&RawValue>>(list).ok()
        });
        match (list, members(body)) {
            (Some(list), _) => self.fill_list(&list),
            (None, Some(members)) => self.fill(&members),
            (None, None) => {}
        }
    }

    /// Version 3 sends a list. The first object is the error; if there are
    /// several, all of them are kept as its detail.
    fn fill_list(&mut self, errors: &[&RawValue]) {
        if let Some(first) = errors.iter().find_map(|error| members(error.get())) {
            self.fill_v3(&first);
        }
        if errors.len() > 1 {
            let errors = errors.iter();
            let errors = errors.filter_map(|error| serde_json::from_str(error.get()).ok());
            let errors = Value::Array(errors.take(DETAIL_LIMIT).collect());
            self.detail = Some(bounded(&errors, &mut { DETAIL_LIMIT }));
        }
    }

    /// Version 3 puts the text in `detail` or `title`. Its `description` may only
    /// be a deprecation note.
    pub(crate) fn fill_v3(&mut self, body: &Map<String, Value>) {
        self.fill(body);
        let text = |value: Option<&Value>| {
            let text = value.and_then(Value::as_str).map(text::clean);
            text.filter(|text| !text.is_empty())
        };
        let words = text(body.get("detail")).or_else(|| text(body.get("title")));
        self.description = words.or_else(|| self.description.take());
        self.detail = self.detail.take().filter(|detail| !detail.is_string());
        let inner = |path: &str| {
            let mut names = path.split('/');
            let first = body.get(names.next()?);
            text(names.try_fold(first?, |value, name| value.get(name)))
        };
        self.request_id = self
            .request_id
            .take()
            .or_else(|| inner("meta/debug/requestId"));
        self.doc_url = self.doc_url.take().or_else(|| inner("links/about"));
    }

    fn fill(&mut self, body: &Map<String, Value>) {
        let text = |name: &str| {
            let text = body.get(name).and_then(Value::as_str);
            text.map(text::clean).filter(|text| !text.is_empty())
        };
        self.error_type = text("type").or_else(|| text("error"));
        self.code = text("code");
        self.description = text("description")
            .or_else(|| text("message"))
            .or_else(|| text("error_description"));
        self.doc_url = text("docURL");
        self.request_id = text("requestId");
        self.suggested_user_message = text("suggestedUserMessage");
        self.resolution = match body.get("resolution") {
            Some(Value::String(kind)) => Some(Resolution {
                resolution_type: Some(text::clean(kind)),
                url: None,
            }),
            Some(Value::Object(resolution)) => {
                let text = |name: &str| {
                    resolution
                        .get(name)
                        .and_then(Value::as_str)
                        .map(text::clean)
                };
                Some(Resolution {
                    resolution_type: text("type"),
                    url: text("url"),
                })
            }
            _ => None,
        };
        self.detail = body
            .get("detail")
            .filter(|detail| !detail.is_null())
            .map(|detail| bounded(detail, &mut { DETAIL_LIMIT }));
    }

    /// `resolution.type`, or the plain string that older responses send instead.
    /// `None` if there is no resolution.
    pub fn resolution_type(&self) -> Option<&str> {
        self.resolution.as_ref()?.resolution_type.as_deref()
    }

    /// Whether and how a retry can help.
    ///
    /// [`Retry::No`] if `resolution.type` says that someone must act. Otherwise
    /// the catalogue decides. An error that is not in the catalogue is judged by
    /// `resolution.type`, then by its status.
    pub fn retry(&self) -> Retry {
        // A quota stays used up, whatever the body says.
        if self.status == 430 {
            return Retry::No;
        }
        // The response outranks the catalogue when it says that someone must act.
        if self.resolution_type().is_some_and(needs_someone) {
            return Retry::No;
        }
        if let Some(kind) = &self.error_type
            && let Some(row) = ErrorInfo::of(kind, self.code.as_deref())
        {
            return row.retry;
        }
        match self.resolution_type() {
            Some("RETRY_LATER") => match self.status {
                429 => Retry::Wait,
                409 => Retry::Later,
                _ => Retry::Auto,
            },
            Some(_) => Retry::No,
            None => match self.status {
                429 => Retry::Wait,
                408 | 500 | 502..=504 => Retry::Auto,
                409 => Retry::Later,
                _ => Retry::No,
            },
        }
    }

    /// Whether the client may retry by itself.
    pub fn is_retryable(&self) -> bool {
        matches!(self.retry(), Retry::Auto | Retry::Wait)
    }

    /// Whether a later request may succeed, although the client should not retry
    /// by itself.
    pub fn is_retryable_later(&self) -> bool {
        self.retry() == Retry::Later
    }
}

/// Whether a resolution needs someone to act, so that a retry does not help.
fn needs_someone(resolution: &str) -> bool {
    matches!(
        resolution,
        "CONTACT_SUPPORT" | "REAUTHENTICATE" | "FINANCE" | "ACTION_REQUIRED"
    )
}

/// Maximum number of values kept from a `detail`.
const DETAIL_LIMIT: usize = 300;

/// The members of an object, each read separately: an unreadable member must not
/// lose the type and the code, which decide about the retry. A duplicate member
/// is treated as absent.
fn members(body: &str) -> Option<Map<String, Value>> {
    let members = Members::of(body)?;
    let read = members.iter().filter_map(|(name, _)| {
        let raw = members.get(name).once()?;
        Some((name.to_owned(), serde_json::from_str(raw).ok()?))
    });
    Some(read.collect())
}

/// A value with its texts stripped and bounded, cut off after a maximum number of
/// values.
fn bounded(value: &Value, left: &mut usize) -> Value {
    *left = left.saturating_sub(1);
    match value {
        Value::String(text) => Value::String(text::clean(text)),
        Value::Array(list) => {
            let mut kept = Vec::new();
            for inner in list {
                if *left == 0 {
                    break;
                }
                kept.push(bounded(inner, left));
            }
            Value::Array(kept)
        }
        Value::Object(members) => {
            let mut kept = Map::new();
            for (name, inner) in members {
                if *left == 0 {
                    break;
                }
                kept.insert(text::clean(name), bounded(inner, left));
            }
            Value::Object(kept)
        }
        other => other.clone(),
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status)?;
        if let Some(kind) = &self.error_type {
            write!(f, " {kind}")?;
        }
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        if let Some(description) = &self.description {
            write!(f, ": {description}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> ApiError {
        ApiError::read(502, &ResponseHeaders::default(), Some(body))
    }

    #[test]
    fn reads_the_three_shapes() {
        let v2 = read(
            r#"{"type": "UPSTREAM", "code": "NO_RESPONSE", "description": "no answer", "docURL": null,
                "statusCode": 502, "requestId": "b0f7", "resolution": {"type": "RETRY_LATER", "url": 3}}"#,
        );
        assert_eq!(v2.error_type.as_deref(), Some("UPSTREAM"));
        assert_eq!(v2.resolution_type(), Some("RETRY_LATER"));
        assert_eq!(v2.retry(), Retry::Auto);
        let v1 = read(r#"{"error": "vehicle_state_error", "message": "asleep", "code": "VS_001"}"#);
        assert_eq!(v1.error_type.as_deref(), Some("vehicle_state_error"));
        assert_eq!(v1.description.as_deref(), Some("asleep"));
        let oauth = read(r#"{"error": "invalid_client", "error_description": "who?"}"#);
        assert_eq!(oauth.description.as_deref(), Some("who?"));
    }

    #[test]
    fn whatever_is_no_error_object_leaves_the_status() {
        for body in [
            "null",
            "[]",
            "<html>",
            "",
            "{",
            "\"x\"",
            "{}",
            r#"{"type": 3, "resolution": [1]}"#,
        ] {
            assert_eq!(read(body), ApiError::from_status(502), "{body}");
        }
    }

    #[test]
    fn a_string_resolution_is_kept() {
        assert_eq!(
            read(r#"{"resolution": "REAUTHENTICATE"}"#).resolution_type(),
            Some("REAUTHENTICATE")
        );
    }

    #[test]
    fn a_used_up_quota_is_never_retried() {
        let body =
            r#"{"type": "RATE_LIMIT", "code": "VEHICLE", "resolution": {"type": "RETRY_LATER"}}"#;
        let error = ApiError::read(430, &ResponseHeaders::default(), Some(body));
        assert_eq!(error.retry(), Retry::No);
    }

    #[test]
    fn an_unknown_pair_follows_its_resolution_then_its_status() {
        let unknown = |status, resolution: &str| {
            let body = format!(r#"{{"type": "NEW", "code": "NEWER", "resolution": {resolution}}}"#);
            ApiError::read(status, &ResponseHeaders::default(), Some(&body)).retry()
        };
        assert_eq!(unknown(500, "\"CONTACT_SUPPORT\""), Retry::No);
        assert_eq!(unknown(400, "{\"type\": \"RETRY_LATER\"}"), Retry::Auto);
        assert_eq!(unknown(503, "null"), Retry::Auto);
        assert_eq!(unknown(409, "null"), Retry::Later);
        assert_eq!(unknown(400, "null"), Retry::No);
    }
}
