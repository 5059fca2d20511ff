//! The response or the error of a whole call.
//!
//! Invariant: both objects describe the cost of the call with the same members.

use jiff::Timestamp;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::item::Items;
use super::member_error::Brief;
use super::seconds;
use crate::api_error::ApiError;
use crate::item_error::ItemError;
use crate::path_results::PathResults;
use crate::response::{Error, ErrorKind, Response};

/// `{"request_id", "attempts", "requests", "charged", "retry_at", "stop_reason",
/// "warnings", "member_errors", "items"}`, with nulls. `items` is
/// [`Response::data`]: a list for a request of several paths
/// ([`crate::PathResults`]), otherwise a reading or your own struct in its own
/// format.
///
/// ```
/// use smartcar_model::{PathResults, Response};
///
/// fn line(vehicle: &str, response: &Response<PathResults>) -> serde_json::Result<String> {
///     #[derive(serde::Serialize)]
///     struct Line<'a> {
///         vehicle: &'a str,
///         #[serde(flatten)]
///         response: &'a Response<PathResults>,
///     }
///     serde_json::to_string(&Line { vehicle, response })
/// }
/// ```
///
/// A response cannot be deserialized, because the stop reason and the requests
/// per path are not written in full. Its items can: see [`crate::PathResults`].
impl<T: Serialize> Serialize for Response<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(self, &self.data, serializer)
    }
}

/// A response with additional text for its failed items.
#[derive(Debug)]
pub struct Noted<'a> {
    /// The response.
    pub response: &'a Response<PathResults>,
    /// Returns additional text for a path that failed.
    pub note: fn(&str, &ItemError) -> Option<String>,
}

impl Serialize for Noted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let results = &self.response.data;
        let note = self.note;
        write(self.response, &Items { results, note }, serializer)
    }
}

fn write<T, S: Serializer>(
    response: &Response<T>,
    items: &impl Serialize,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let member_errors: Vec<_> = response.member_errors().iter().map(Brief::of).collect();
    let mut object = serializer.serialize_struct("Response", 9)?;
    object.serialize_field("request_id", &response.request_id)?;
    object.serialize_field("attempts", &response.attempts)?;
    object.serialize_field("requests", &response.requests)?;
    object.serialize_field("charged", &response.charged)?;
    object.serialize_field("retry_at", &response.retry_at)?;
    object.serialize_field("stop_reason", &response.stop_reason)?;
    object.serialize_field("warnings", &response.warnings)?;
    object.serialize_field("member_errors", &member_errors)?;
    object.serialize_field("items", items)?;
    object.end()
}

#[derive(Serialize)]
struct ErrorObject<'a> {
    kind: &'static str,
    #[serde(rename = "type")]
    error_type: Option<&'a str>,
    code: Option<&'a str>,
    status: Option<u16>,
    description: String,
    request_id: Option<&'a str>,
    retryable: bool,
    retry_after_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a Value>,
}

/// `{"attempts", "requests", "charged", "retry_at", "stop_reason", "error":
/// {"kind", "type", "code", "status", "description", "request_id", "retryable",
/// "retry_after_seconds"}}`, with nulls. `error` also has the API's `detail` if
/// there is one.
///
/// The kind is `api`, `transport`, `timeout`, `decode`, `invalid_request`,
/// `budget`, `token` or `required_item`. The description is the API's, or the
/// text of the error and its cause.
///
/// ```
/// use smartcar_model::VehicleId;
///
/// let error = VehicleId::new("").expect_err("an empty ID is invalid");
/// let json = serde_json::to_value(&error)?;
/// assert_eq!(json["error"]["kind"], "invalid_request");
/// assert_eq!(json["charged"], 0);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let api = self.api_error();
        let description = api.and_then(|api| api.description.clone());
        // The API gives a duration, a budget gives a time.
        let wait = self.retry_after().or_else(|| {
            let wait = self.retry_at()?.duration_since(Timestamp::now());
            Some(wait.try_into().unwrap_or_default())
        });
        let error = ErrorObject {
            kind: kind(self.kind()),
            error_type: api.and_then(|api| api.error_type.as_deref()),
            code: api.and_then(|api| api.code.as_deref()),
            status: self.status(),
            description: description.unwrap_or_else(|| with_causes(self)),
            request_id: self.request_id(),
            retryable: self.is_retryable(),
            retry_after_seconds: wait.map(seconds::whole),
            detail: api.and_then(|api: &ApiError| api.detail.as_ref()),
        };
        let mut object = serializer.serialize_struct("Error", 6)?;
        object.serialize_field("attempts", &self.attempts())?;
        object.serialize_field("requests", &self.requests())?;
        object.serialize_field("charged", &self.charged())?;
        object.serialize_field("retry_at", &self.retry_at())?;
        object.serialize_field("stop_reason", &self.stop_reason())?;
        object.serialize_field("error", &error)?;
        object.end()
    }
}

fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidRequest => "invalid_request",
        ErrorKind::Api => "api",
        ErrorKind::Transport => "transport",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Decode => "decode",
        ErrorKind::RequiredItem => "required_item",
        ErrorKind::Budget => "budget",
        ErrorKind::Token => "token",
    }
}

/// The text of the error and of its innermost cause, because causes in between
/// repeat it. For a token source, the error that the source returned is added,
/// because it says the most.
fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let causes: Vec<_> = causes.collect();
    let given = causes.first().filter(|_| error.kind() == ErrorKind::Token);
    for cause in given.into_iter().chain(causes.last()) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
