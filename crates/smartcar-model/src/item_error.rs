//! What can go wrong with one item of a batch.
//!
//! Invariant: it is about that item only; the others are not touched by it.

use std::fmt;

use crate::api_error::ApiError;
use crate::malformed::Malformed;
use crate::not_available::{NotAvailable, Unsupported};
use crate::retry_after::RetryAfter;

/// Why one endpoint gave no reading.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ItemError {
    /// The API answered with an error for this endpoint.
    Api(Box<ApiError>),
    /// The endpoint was asked, and the answer has nothing for it.
    Missing,
    /// The endpoint was answered, and the answer cannot be read: where and why.
    Malformed(Malformed),
    /// The store of version 3 has nothing of the signals that this is made of:
    /// which, and why.
    NotAvailable(Box<NotAvailable>),
    /// Version 3 of the API cannot give it: what of it, and why.
    Unsupported(Box<Unsupported>),
}

impl ItemError {
    /// The API's error object, if the API answered with one.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }

    /// The HTTP status that the API gave this item; `None` where it is no error of
    /// the API's.
    pub fn status(&self) -> Option<u16> {
        self.api_error().map(|error| error.status)
    }

    /// Whether asking this endpoint again by itself can help.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Api(error) => error.is_retryable(),
            // Nothing says that a second answer would be another one, and it
            // would be charged again. A store fills in hours, not in seconds.
            Self::Missing | Self::Malformed(_) | Self::NotAvailable(_) | Self::Unsupported(_) => {
                false
            }
        }
    }

    /// Whether nothing came for the endpoint: the answer has no item for it, or
    /// the store of version 3 has no signal of it.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing | Self::NotAvailable(_))
    }

    /// How long the API asks to wait before this endpoint is asked again; `None`
    /// where it does not.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        self.api_error().and_then(|error| error.retry_after)
    }
}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Missing => f.write_str("the answer has no item for this path"),
            Self::Malformed(malformed) => write!(f, "unreadable answer: {malformed}"),
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
