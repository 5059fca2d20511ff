//! The error of one batch item.
//!
//! Invariant: the error concerns that item only and does not affect the others.

use std::fmt;

use crate::api_error::ApiError;
use crate::malformed::Malformed;
use crate::not_available::{NotAvailable, Unsupported};
use crate::retry_after::RetryAfter;

/// Why one endpoint gave no reading.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ItemError {
    /// The API returned an error for this endpoint.
    Api(Box<ApiError>),
    /// The endpoint was requested, but the response has no result for it.
    Missing,
    /// The result could not be decoded. The value says where and why.
    Malformed(Malformed),
    /// The version 3 store lacks the signals that this result needs. The value
    /// says which and why.
    NotAvailable(Box<NotAvailable>),
    /// Version 3 of the API does not offer it. The value says which part and why.
    Unsupported(Box<Unsupported>),
}

impl ItemError {
    /// The API's error object. `None` if the API did not return one.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }

    /// The HTTP status that the API returned for this item. `None` if the error
    /// did not come from the API.
    pub fn status(&self) -> Option<u16> {
        self.api_error().map(|error| error.status)
    }

    /// Whether the client may retry this endpoint by itself.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Api(error) => error.is_retryable(),
            // A second response would be charged too, and nothing suggests that
            // it would differ. A store fills within hours, not seconds.
            Self::Missing | Self::Malformed(_) | Self::NotAvailable(_) | Self::Unsupported(_) => {
                false
            }
        }
    }

    /// Whether there is no result for the endpoint: the response has no item for
    /// it, or the version 3 store does not have its signals.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing | Self::NotAvailable(_))
    }

    /// How long the API asks to wait before the next request for this endpoint.
    /// `None` if it does not say.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        self.api_error().and_then(|error| error.retry_after)
    }
}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Missing => f.write_str("the response has no result for this path"),
            Self::Malformed(malformed) => write!(f, "unreadable response: {malformed}"),
            Self::NotAvailable(missing) => missing.fmt(f),
            Self::Unsupported(missing) => missing.fmt(f),
        }
    }
}

impl std::error::Error for ItemError {}

impl From<ApiError> for ItemError {
    fn from(error: ApiError) -> Self {
        Self::Api(Box::new(error))
    }
}
