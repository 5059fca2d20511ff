//! Why a call or a delivery gave no items.
//!
//! Invariant: one line, lowercase, with the cause; never a body, a token, a
//! location, a VIN or a URL.

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

/// Why a call gave no items.
///
/// Opaque, so that it can say more later; ask its predicates. `Display` is one
/// line; [`std::error::Error::source`] leads to what caused it. Cheap to clone,
/// since one failure can be several callers'.
///
/// ```
/// use smartcar_model::{Error, ErrorKind};
///
/// fn advice(error: &Error) -> &'static str {
///     match error.kind() {
///         ErrorKind::InvalidRequest => "mend the call: the text says how",
///         _ if error.retry_at().is_some() => "again at that moment",
///         _ if error.is_retryable() => "again some time",
///         _ => "asking again is no help",
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Error {
    inner: Arc<Inner>,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Refused before anything was sent: the input says why and how to mend it.
    InvalidRequest,
    /// The API answered with an error for the whole request.
    Api,
    /// No whole answer came: no connection, a reset, a body that broke off.
    Transport,
    /// The deadline passed.
    Timeout,
    /// An answer came that is no answer to this request.
    Decode,
    /// An endpoint that must be there gave no reading; the others are in
    /// [`Error::results`].
    RequiredItem,
    /// A budget refused the request.
    Budget,
    /// The token source gave no access token.
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
    /// Whether and after which wait a token source may give a token after all.
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

    /// For changes while it is made; nobody shares it then.
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

    /// Puts words in place of the API's.
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

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// Whether the request was rejected locally, before anything was sent.
    pub fn is_invalid_request(&self) -> bool {
        self.kind() == ErrorKind::InvalidRequest
    }

    /// Whether the API answered with an error for the whole request.
    pub fn is_api(&self) -> bool {
        self.kind() == ErrorKind::Api
    }

    /// Whether no whole answer came: no connection, a reset, a body that broke off.
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

    /// Whether a required item failed: [`Error::item`] and [`Error::results`].
    pub fn is_required_item(&self) -> bool {
        self.kind() == ErrorKind::RequiredItem
    }

    /// Whether a budget refused the request.
    pub fn is_budget(&self) -> bool {
        self.kind() == ErrorKind::Budget
    }

    /// Whether there was no access token to send.
    pub fn is_token(&self) -> bool {
        self.kind() == ErrorKind::Token
    }

    /// What a rejected request lacks, where a program that wraps this crate has
    /// words of its own for it. `None` for any other reason and kind.
    pub fn invalid_reason(&self) -> Option<InvalidReason> {
        self.inner.invalid
    }

    /// Whether it concerns one entry of a list only: that entry is skipped, and
    /// the list goes on. Any other error of a list ends it.
    pub fn is_list_entry(&self) -> bool {
        self.inner.is_list_entry
    }

    /// Whether the same call can succeed if it is made again.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Transport | ErrorKind::Timeout => true,
            ErrorKind::Api => self.api_error().is_some_and(ApiError::is_retryable),
            ErrorKind::RequiredItem => self.item().is_some_and(ItemError::is_retryable),
            // A proxy's page with a 5xx passes; a 200 that is no answer does not.
            ErrorKind::Decode => self.status().is_some_and(|status| status >= 500),
            // Later, by a budget that fills up; never, by one that it cannot fit.
            ErrorKind::Budget => self.retry_at().is_some(),
            // As the token source says.
            ErrorKind::Token => self.inner.retryable,
            ErrorKind::InvalidRequest => false,
        }
    }

    /// The HTTP status of the answer, or the code of the required item. `None`
    /// where nothing was answered.
    pub fn status(&self) -> Option<u16> {
        self.inner.status
    }

    /// The API's error object, of the whole answer or of the required item. `None`
    /// where it was no error of the API's.
    pub fn api_error(&self) -> Option<&ApiError> {
        self.inner
            .api
            .as_ref()
            .or_else(|| self.item().and_then(ItemError::api_error))
    }

    /// How long the API or the token endpoint asks to wait, from the moment of its
    /// answer on (`Retry-After`). `None` where it does not.
    pub fn retry_after(&self) -> Option<Duration> {
        if self.inner.wait.is_some() {
            return self.inner.wait;
        }
        let wait: RetryAfter = self.api_error()?.retry_after?;
        Some(wait.delay_from(self.inner.answered_at.unwrap_or_else(Timestamp::now)))
    }

    /// When asking again makes sense: what the API or a budget asked to wait
    /// went past the deadline or the longest wait, or the attempts were used up
    /// before. `None` where nobody said when.
    pub fn retry_at(&self) -> Option<Timestamp> {
        self.inner.retry_at
    }

    /// Why a budget granted nothing; `None` for any other
    /// [kind](ErrorKind::Budget).
    pub fn budget_denied(&self) -> Option<&BudgetDenied> {
        self.inner.denied.as_ref()
    }

    /// The id to give to the API's support (`SC-Request-Id`). `None` where nothing
    /// was answered, or without one.
    pub fn request_id(&self) -> Option<&str> {
        self.inner.request_id.as_deref()
    }

    /// Why the required item failed; `None` for any other
    /// [kind](ErrorKind::RequiredItem).
    pub fn item(&self) -> Option<&ItemError> {
        self.inner.item.as_ref().map(|failed| &failed.error)
    }

    /// The path of the required item that failed; `None` for any other kind.
    pub fn item_path(&self) -> Option<&str> {
        self.inner.item.as_ref().map(|failed| failed.path.as_str())
    }

    /// Every answer that came, where a required item failed; `None` for any other
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

    /// How many attempts were made, see [`crate::Response::attempts`]; zero for
    /// what was refused before.
    pub fn attempts(&self) -> u32 {
        self.inner.attempts
    }

    /// How many HTTP requests were sent: [`crate::Response::requests`].
    pub fn requests(&self) -> u32 {
        self.inner.requests
    }

    /// Why no other attempt was made where one might have helped: the
    /// [name](crate::StopReason::name) of a [`crate::StopReason`]. `None` where none
    /// could help.
    pub fn stop_reason(&self) -> Option<&'static str> {
        let timeout = || self.is_timeout().then_some("deadline");
        self.inner.stop_reason.or_else(timeout)
    }

    /// How many requests were charged: [`crate::Response::charged`].
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
        // Not the outcomes: they hold the vehicle's data.
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
