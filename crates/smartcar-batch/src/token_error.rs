//! The error of a token source.
//!
//! Invariant: `Display` shows only the message. The source is available through
//! [`std::error::Error::source`] of the call's error and is not repeated.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use smartcar_model::{Error, ErrorKind};

/// The error of a [`TokenSource`](crate::TokenSource). Its text must not contain a
/// secret.
///
/// The `?` operator converts any error into a `TokenError`, which keeps it as its
/// source. Such an error is final: the call fails. Mark a transient failure as
/// retryable, and the call retries as its [`RetryPolicy`](crate::RetryPolicy) allows:
///
/// ```
/// use std::time::Duration;
/// use smartcar_batch::TokenError;
///
/// let busy = TokenError::new("the vault is busy")
///     .retry_after(Duration::from_secs(2))
///     .with_status(429);
/// ```
///
/// `TokenError` does not implement [`std::error::Error`], so that every error can be
/// converted into it.
pub struct TokenError {
    message: Option<String>,
    status: Option<u16>,
    retryable: bool,
    wait: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TokenError {
    /// A final error with a one-line message.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: Some(message.into()),
            status: None,
            retryable: false,
            wait: None,
            source: None,
        }
    }

    /// Marks the error as retryable.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// Marks the error as retryable after a wait. The source is not called until
    /// then. Waits longer than an hour count as one hour.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self.retryable()
    }

    /// Sets the HTTP status of the token endpoint's response.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets the source of the error.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The error of a call that needed the token, of the kind
    /// [`ErrorKind::Token`](crate::ErrorKind::Token).
    pub fn into_error(self) -> Error {
        let message = match self.message {
            Some(message) => format!("no access token: {message}"),
            None => "the token source failed".to_owned(),
        };
        let mut error = Error::new(ErrorKind::Token, message);
        if let Some(status) = self.status {
            error = error.with_status(status);
        }
        if self.retryable {
            error = error.retryable_after(self.wait);
        }
        match self.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for TokenError {
    fn from(source: E) -> Self {
        Self {
            message: None,
            status: None,
            retryable: false,
            wait: None,
            source: Some(Box::new(source)),
        }
    }
}

impl fmt::Debug for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenError")
            .field("message", &self.message)
            .field("status", &self.status)
            .field("retryable", &self.retryable)
            .field("retry_after", &self.wait)
            .field("source", &self.source)
            .finish()
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.message, &self.source) {
            (Some(message), _) => f.write_str(message),
            (None, Some(source)) => source.fmt(f),
            (None, None) => f.write_str("the token source failed"),
        }
    }
}
