//! The error of one item.
//!
//! Invariant: an error that is serialized by itself deserializes to an equal
//! error. A date in `Retry-After` becomes the seconds that were left.

use std::time::Duration;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{seconds, texts};
use crate::api_error::{ApiError, Resolution};
use crate::item_error::ItemError;
use crate::retry_after::RetryAfter;

const API: &str = "api";
const MALFORMED: &str = "malformed";
const MISSING: &str = "missing";
const UNSUPPORTED: &str = "not_on_v3";

/// The members that are written for every error.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ErrorObject {
    kind: String,
    #[serde(rename = "type")]
    error_type: Option<String>,
    code: Option<String>,
    status: Option<u16>,
    description: Option<String>,
    resolution: Option<String>,
    #[serde(default)]
    retryable: bool,
    retry_after_seconds: Option<u64>,
    #[serde(flatten)]
    more: Option<Box<More>>,
}

/// The members that are only written for an error that is serialized by itself.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct More {
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggested_user_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Value>,
}

impl ErrorObject {
    /// The form within a response.
    pub(super) fn brief(error: &ItemError) -> Self {
        let (kind, description) = match error {
            ItemError::Api(error) => return Self::of_api(error),
            ItemError::Malformed(malformed) => (MALFORMED, malformed.to_string()),
            ItemError::Unsupported(missing) => (UNSUPPORTED, missing.to_string()),
            ItemError::Missing | ItemError::NotAvailable(_) => (MISSING, error.to_string()),
        };
        Self {
            kind: kind.to_owned(),
            error_type: None,
            code: None,
            status: None,
            description: Some(description),
            resolution: None,
            retryable: error.is_retryable(),
            retry_after_seconds: None,
            more: None,
        }
    }

    /// Adds a text to the description.
    pub(super) fn with_note(self, note: Option<&str>) -> Self {
        let Some(note) = note else {
            return self;
        };
        let words = self.description.map(|words| words + "; ");
        Self {
            description: Some(words.unwrap_or_default() + note),
            ..self
        }
    }

    fn of_api(error: &ApiError) -> Self {
        let wait = error.retry_after;
        Self {
            kind: API.to_owned(),
            error_type: error.error_type.clone(),
            code: error.code.clone(),
            status: Some(error.status),
            description: error.description.clone(),
            resolution: error.resolution_type().map(str::to_owned),
            retryable: error.is_retryable(),
            retry_after_seconds: wait.map(|wait| seconds::whole(wait.delay_from(Timestamp::now()))),
            more: None,
        }
    }

    /// The form with everything that is known about the API's error.
    fn with_more(self, error: &ApiError) -> Self {
        let resolution = error.resolution.as_ref();
        let more = More {
            resolution_url: resolution.and_then(|resolution| resolution.url.clone()),
            request_id: error.request_id.clone(),
            doc_url: error.doc_url.clone(),
            suggested_user_message: error.suggested_user_message.clone(),
            detail: error.detail.clone(),
        };
        Self {
            more: Some(more.into()),
            ..self
        }
    }

    fn into_api(self) -> Option<ApiError> {
        let more = *self.more.unwrap_or_default();
        let mut error = ApiError::from_status(self.status?);
        error.error_type = self.error_type;
        error.code = self.code;
        error.description = self.description;
        error.doc_url = more.doc_url;
        error.request_id = more.request_id;
        error.suggested_user_message = more.suggested_user_message;
        error.detail = more.detail;
        if self.resolution.is_some() || more.resolution_url.is_some() {
            error.resolution = Some(Resolution {
                resolution_type: self.resolution,
                url: more.resolution_url,
            });
        }
        let wait = self.retry_after_seconds.map(Duration::from_secs);
        error.retry_after = wait.map(RetryAfter::Delay);
        Some(error)
    }

    pub(super) fn into_item(self) -> Option<ItemError> {
        let text = self.description.clone().unwrap_or_default();
        Some(match self.kind.as_str() {
            API => ItemError::Api(Box::new(self.into_api()?)),
            MALFORMED => texts::malformed(&text),
            UNSUPPORTED => texts::unsupported(&text),
            MISSING => texts::missing(&text),
            _ => return None,
        })
    }
}

/// `{"kind", "type", "code", "status", "description", "resolution", "retryable",
/// "retry_after_seconds"}`, with nulls. An API error that is serialized by itself
/// also has what else is known: `resolution_url`, `request_id`, `doc_url`,
/// `suggested_user_message` and `detail`. Within a response these are left out.
///
/// The kind is `api`, `missing` (also if a store does not have the signals),
/// `malformed` or `not_on_v3`. A date in `Retry-After` is written as the seconds
/// that are left.
///
/// ```
/// use smartcar_model::ItemError;
///
/// let json = serde_json::to_value(ItemError::Missing)?;
/// assert_eq!(json["kind"], "missing");
/// assert_eq!(json["status"], serde_json::Value::Null);
/// let error: ItemError = serde_json::from_value(json)?;
/// assert_eq!(error, ItemError::Missing);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for ItemError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Api(error) => error.serialize(serializer),
            other => ErrorObject::brief(other).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ItemError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let error = ErrorObject::deserialize(deserializer)?.into_item();
        error.ok_or_else(|| D::Error::custom("an unknown kind of error"))
    }
}

/// The object of [`ItemError::Api`], with everything that is known.
///
/// ```
/// use smartcar_model::ApiError;
///
/// let text = r#"{"kind": "api", "type": "RATE_LIMIT", "code": "VEHICLE", "status": 429,
///     "description": "slow down", "resolution": "RETRY_LATER",
///     "retryable": true, "retry_after_seconds": 90}"#;
/// let error: ApiError = serde_json::from_str(text)?;
/// assert!(error.is_retryable());
/// assert_eq!(serde_json::to_value(&error)?, serde_json::from_str::<serde_json::Value>(text)?);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for ApiError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ErrorObject::of_api(self)
            .with_more(self)
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ApiError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = ErrorObject::deserialize(deserializer)?;
        let error = if object.kind == API {
            object.into_api()
        } else {
            None
        };
        error.ok_or_else(|| D::Error::custom("not an API error"))
    }
}
