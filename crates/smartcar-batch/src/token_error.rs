//! Why there is no access token.
//!
//! Invariant: what is shown is the message; the source is reached by
//! [`std::error::Error::source`] of the call's error and is not repeated.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use smartcar_model::{Error, ErrorKind};

/// What a [`TokenSource`](crate::TokenSource) fails with. Its text must not show a
/// secret.
///
/// Any error becomes one by `?`, as the source of the call's error. It is final
/// then: the call fails. A failure that may pass says so, and the call asks the
/// source again as its [`RetryPolicy`](crate::RetryPolicy) allows:
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
/// It is not an error type by itself, so that every error can become one.
pub struct TokenError {
    message: Option<String>,
    status: Option<u16>,
    retryable: bool,
    wait: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TokenError {
    /// A final failure, with one line that says why.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: Some(message.into()),
            status: None,
            retryable: false,
            wait: None,
            source: None,
        }
    }

    /// Says that asking again may help.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// Says after which wait asking again may help. Until then the source is not
    /// asked; more than an hour counts as an hour.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self.retryable()
    }

    /// The HTTP status that the token endpoint answered.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// What caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The error of a call that needed the token.
    pub(crate) fn into_error(self) -> Error {
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
