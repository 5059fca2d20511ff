//! Why the store cannot be used.
//!
//! Invariant: no message shows a user name or a password.

use std::fmt;

use redis::RedisError;

/// The store cannot be used, or not by this URL.
#[derive(Debug)]
pub struct RedisBudgetError {
    is_invalid_url: bool,
    message: String,
    source: Option<RedisError>,
}

impl RedisBudgetError {
    pub(crate) fn invalid_url(message: impl Into<String>) -> Self {
        Self {
            is_invalid_url: true,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn new(message: impl Into<String>, source: Option<RedisError>) -> Self {
        Self {
            is_invalid_url: false,
            message: message.into(),
            source,
        }
    }

    /// Whether the URL was rejected before anything was sent. Otherwise the store is
    /// away, too old, or does not let us in.
    pub fn is_invalid_url(&self) -> bool {
        self.is_invalid_url
    }
}

impl fmt::Display for RedisBudgetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RedisBudgetError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
