//! The error of a call or a delivery.
//!
//! Invariant: the text is one lowercase line with the cause. It never includes a
//! body, a token, a location, a VIN or a URL.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::invalid_reason::InvalidReason;
use crate::api_error::ApiError;
use crate::batch::RequiredItemError;
use crate::budget_denied::BudgetDenied;
use crate::item_error::ItemError;
use crate::path_results::PathResults;
use crate::retry_after::RetryAfter;
use jiff::Timestamp;

/// The error of a call.
///
/// The type is opaque; use its methods to inspect it. `Display` is one line, and
/// [`std::error::Error::source`] returns the cause. Cloning is cheap, because
/// several callers can share one failure.
///
/// ```
/// use smartcar_model::{Error, ErrorKind};
///
/// fn advice(error: &Error) -> &'static str {
///     match error.kind() {
///         ErrorKind::InvalidRequest => "fix the call; the text says how",
///         _ if error.retry_at().is_some() => "retry at that time",
///         _ if error.is_retryable() => "retry later",
///         _ => "do not retry",
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Error {
    inner: Arc<Inner>,
}

/// The kind of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Rejected locally before sending. The message says what to fix.
    InvalidRequest,
    /// The API returned an error for the whole request.
    Api,
    /// No complete response arrived: no connection, a reset, or a truncated body.
    Transport,
    /// The deadline passed.
    Timeout,
    /// The response could not be decoded.
    Decode,
    /// A required endpoint gave no reading. The other results are in
    /// [`Error::results`].
    RequiredItem,
    /// A rate budget denied the request.
    Budget,
    /// The token source did not return an access token.
    Token,
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    status: Option<u16>,
    api: Option<ApiError>,
    item: Option<RequiredItemError>,
    results: Option<PathResults>,
    request_id: Option<String>,
    attempts: u32,
    requests: u32,
    charged: u32,
    stop_reason: Option<&'static str>,
    invalid: Option<InvalidReason>,
    answered_at: Option<Timestamp>,
    retry_at: Option<Timestamp>,
    is_list_entry: bool,
    /// Whether the token source may succeed later, and how long to wait.
    retryable: bool,
    wait: Option<Duration>,
    denied: Option<BudgetDenied>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    #[doc(hidden)]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            inner: Arc::new(Inner {
                kind,
                message: message.into(),
                status: None,
                api: None,
                item: None,
                results: None,
                request_id: None,
                attempts: 0,
                requests: 0,
                charged: 0,
                stop_reason: None,
                invalid: None,
                answered_at: None,
                retry_at: None,
                is_list_entry: false,
                retryable: false,
                wait: None,
                denied: None,
                source: None,
            }),
        }
    }

    #[doc(hidden)]
    pub fn api(error: ApiError) -> Self {
        let mut new = Self::new(ErrorKind::Api, error.to_string()).with_status(error.status);
        let inner = new.inner();
        inner.request_id.clone_from(&error.request_id);
        inner.api = Some(error);
        new
    }

    #[doc(hidden)]
    pub fn required(failed: RequiredItemError, results: PathResults) -> Self {
        let message = format!("the required {} failed: {}", failed.path, failed.error);
        let mut new = Self::new(ErrorKind::RequiredItem, message);
        let inner = new.inner();
        inner.status = failed.error.status();
        inner.item = Some(failed);
        inner.results = Some(results);
        new
    }

    #[doc(hidden)]
    pub fn denied(denied: BudgetDenied) -> Self {
        let mut new = Self::new(ErrorKind::Budget, denied.to_string());
        new.inner().denied = Some(denied);
        new
    }

    /// For changes while the error is built and not yet shared.
    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.inner)
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.inner().status = Some(status);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.inner().source = Some(source.into().into());
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_request_id(mut self, request_id: Option<&str>) -> Self {
        if let Some(id) = request_id {
            self.inner().request_id = Some(id.to_owned());
        }
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_price(mut self, attempts: u32, charged: u32) -> Self {
        self.inner().attempts = attempts;
        self.inner().charged = charged;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_invalid_reason(mut self, reason: InvalidReason) -> Self {
        self.inner().invalid = Some(reason);
        self
    }

    /// Replaces the API's text.
    #[doc(hidden)]
    #[must_use]
    pub fn with_description(mut self, description: String) -> Self {
        if let Some(api) = &mut self.inner().api {
            api.description = Some(description);
        }
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_requests(mut self, requests: u32) -> Self {
        self.inner().requests = requests;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_stop_reason(mut self, name: &'static str) -> Self {
        self.inner().stop_reason = Some(name);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn with_retry_at(mut self, retry_at: Option<Timestamp>) -> Self {
        self.inner().retry_at = retry_at;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn retryable_after(mut self, wait: Option<Duration>) -> Self {
        self.inner().retryable = true;
        self.inner().wait = wait;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn answered_at(mut self, moment: Timestamp) -> Self {
        self.inner().answered_at = Some(moment);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn of_list_entry(mut self) -> Self {
        self.inner().is_list_entry = true;
        self
    }

    /// The kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// Whether the request was rejected locally before sending.
    pub fn is_invalid_request(&self) -> bool {
        self.kind() == ErrorKind::InvalidRequest
    }

    /// Whether the API returned an error for the whole request.
    pub fn is_api(&self) -> bool {
        self.kind() == ErrorKind::Api
    }

    /// Whether no complete response arrived: no connection, a reset, or a
    /// truncated body.
    pub fn is_transport(&self) -> bool {
        self.kind() == ErrorKind::Transport
    }

    /// Whether the deadline passed.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Whether the response could not be decoded.
    pub fn is_decode(&self) -> bool {
        self.kind() == ErrorKind::Decode
    }

    /// Whether a required item failed. See [`Error::item`] and
    /// [`Error::results`].
    pub fn is_required_item(&self) -> bool {
        self.kind() == ErrorKind::RequiredItem
    }

    /// Whether a rate budget denied the request.
    pub fn is_budget(&self) -> bool {
        self.kind() == ErrorKind::Budget
    }

    /// Whether the token source did not return an access token.
    pub fn is_token(&self) -> bool {
        self.kind() == ErrorKind::Token
    }

    /// The reason for a local rejection, for a program that has its own text for
    /// it. `None` for any other reason or kind.
    pub fn invalid_reason(&self) -> Option<InvalidReason> {
        self.inner.invalid
    }

    /// Whether it concerns only one entry of a list. The entry is skipped and the
    /// list continues. Any other error ends the list.
    pub fn is_list_entry(&self) -> bool {
        self.inner.is_list_entry
    }

    /// Whether the same call can succeed if it is repeated.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Transport | ErrorKind::Timeout => true,
            ErrorKind::Api => self.api_error().is_some_and(ApiError::is_retryable),
            ErrorKind::RequiredItem => self.item().is_some_and(ItemError::is_retryable),
            // A proxy's error page with a 5xx is temporary. A 200 that cannot be
            // decoded is not.
            ErrorKind::Decode => self.status().is_some_and(|status| status >= 500),
            // A budget refills, so it may grant the request later, unless the
            // request exceeds its maximum.
            ErrorKind::Budget => self.retry_at().is_some(),
            // The token source decides.
            ErrorKind::Token => self.inner.retryable,
            ErrorKind::InvalidRequest => false,
        }
    }

    /// The HTTP status of the response, or the code of the required item. `None`
    /// if there was no response.
    pub fn status(&self) -> Option<u16> {
        self.inner.status
    }

    /// The API's error object, for the whole response or the required item.
    /// `None` if the error did not come from the API.
    pub fn api_error(&self) -> Option<&ApiError> {
        self.inner
            .api
            .as_ref()
            .or_else(|| self.item().and_then(ItemError::api_error))
    }

    /// How long the API or the token endpoint asks to wait after its response
    /// (`Retry-After`). `None` if it does not say.
    pub fn retry_after(&self) -> Option<Duration> {
        if self.inner.wait.is_some() {
            return self.inner.wait;
        }
        let wait: RetryAfter = self.api_error()?.retry_after?;
        Some(wait.delay_from(self.inner.answered_at.unwrap_or_else(Timestamp::now)))
    }

    /// When a retry makes sense. It is set if the wait that the API or a budget
    /// asked for exceeded the deadline or the maximum wait, or if no attempts
    /// were left. `None` if the time is unknown.
    pub fn retry_at(&self) -> Option<Timestamp> {
        self.inner.retry_at
    }

    /// Why a budget denied the request. `None` for any [kind](ErrorKind) but
    /// [`ErrorKind::Budget`].
    pub fn budget_denied(&self) -> Option<&BudgetDenied> {
        self.inner.denied.as_ref()
    }

    /// The request ID to give to the API's support (`SC-Request-Id`). `None` if
    /// there was no response or it had none.
    pub fn request_id(&self) -> Option<&str> {
        self.inner.request_id.as_deref()
    }

    /// Why the required item failed. `None` for any [kind](ErrorKind) but
    /// [`ErrorKind::RequiredItem`].
    pub fn item(&self) -> Option<&ItemError> {
        self.inner.item.as_ref().map(|failed| &failed.error)
    }

    /// The path of the required item that failed. `None` for any other kind.
    pub fn item_path(&self) -> Option<&str> {
        self.inner.item.as_ref().map(|failed| failed.path.as_str())
    }

    /// All results of the call if a required item failed. `None` for any other
    /// kind. To read them:
    ///
    /// ```
    /// use smartcar_model::{Error, Odometer};
    ///
    /// fn distance(error: &Error) -> Option<f64> {
    ///     let odometer = error.results()?.get::<Odometer>()?;
    ///     Some(odometer.ok()?.distance)
    /// }
    /// ```
    pub fn results(&self) -> Option<&PathResults> {
        self.inner.results.as_ref()
    }

    /// Number of attempts, see [`crate::Response::attempts`]. Zero if the request
    /// was rejected locally.
    pub fn attempts(&self) -> u32 {
        self.inner.attempts
    }

    /// Number of HTTP requests sent, see [`crate::Response::requests`].
    pub fn requests(&self) -> u32 {
        self.inner.requests
    }

    /// Why there was no further attempt although one might have helped: the
    /// [name](crate::StopReason::name) of a [`crate::StopReason`]. `None` if no
    /// retry could help.
    pub fn stop_reason(&self) -> Option<&'static str> {
        let timeout = || self.is_timeout().then_some("deadline");
        self.inner.stop_reason.or_else(timeout)
    }

    /// Number of requests charged, see [`crate::Response::charged`].
    pub fn charged(&self) -> u32 {
        self.inner.charged
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The results are left out, because they contain the vehicle's data.
        f.debug_struct("Error")
            .field("kind", &self.inner.kind)
            .field("message", &self.inner.message)
            .field("status", &self.inner.status)
            .field("request_id", &self.inner.request_id)
            .field("source", &self.inner.source)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as _)
    }
}
