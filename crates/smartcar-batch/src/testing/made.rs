//! Constructors for what a client returns.
//!
//! Invariant: the values equal what a client returns for the same responses.

use jiff::Timestamp;
use smartcar_model::{
    ApiError, Error, ErrorKind, ItemError, Plan, RequiredItemError, Response, ResponseHeaders,
    StopReason,
};
use smartcar_model::{Outcomes, PathResults, decode::ItemResponse};

/// Builds a [`Response`], to test code that takes one.
///
/// ```
/// use smartcar_batch::testing::{ResponseBuilder, api_error};
/// use smartcar_batch::{ItemError, Meta, Odometer, Reading};
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let odometer: Odometer = serde_json::from_str(r#"{"distance": 18250.6}"#)?;
/// let asleep = ItemError::from(api_error(409, "VEHICLE_STATE", Some("ASLEEP")));
/// let response = ResponseBuilder::new()
///     .ok("/odometer")
///     .failed("/fuel", asleep)
///     .charged(2)
///     .data(Reading::new(odometer, Meta::default()));
///
/// assert_eq!(response.data.distance, 18250.6);
/// assert_eq!(response.failures()[0].path, "/fuel");
/// assert_eq!(response.charged, 2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing before `data`"]
pub struct ResponseBuilder {
    response: Response<()>,
}

impl Default for ResponseBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl ResponseBuilder {
    /// A response after one attempt and one HTTP request, without paths.
    pub fn new() -> Self {
        let mut response = Response::nothing();
        response.attempts = 1;
        response.requests = 1;
        response.plan = Plan::Batch;
        Self { response }
    }

    /// Adds a path that succeeded.
    pub fn ok(mut self, path: &str) -> Self {
        self.response.note(path.to_owned(), 1, None);
        self
    }

    /// Adds a path that failed.
    pub fn failed(mut self, path: &str, error: ItemError) -> Self {
        self.response.note(path.to_owned(), 1, Some(error));
        self
    }

    /// Sets the number of charged requests; the default is 0.
    pub fn charged(mut self, requests: u32) -> Self {
        self.response.charged = requests;
        self
    }

    /// Sets the request ID.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.response.request_id = Some(id.into());
        self
    }

    /// Sets why the call stopped with failed items, and when to retry.
    pub fn stopped(mut self, reason: StopReason, retry_at: Option<Timestamp>) -> Self {
        self.response.stop_reason = Some(reason);
        self.response.retry_at = retry_at;
        self
    }

    /// Builds the response with its data.
    pub fn data<T>(self, data: T) -> Response<T> {
        self.response.with(data)
    }
}

/// An API error, such as `(409, "VEHICLE_STATE", Some("ASLEEP"))`. Use
/// `ItemError::from(…)` to make it the error of an item.
pub fn api_error(status: u16, error_type: &str, code: Option<&str>) -> ApiError {
    let mut error = ApiError::from_status(status);
    error.error_type = Some(error_type.to_owned());
    error.code = code.map(str::to_owned);
    error
}

/// An error of a whole call, of any kind.
///
/// ```
/// use smartcar_batch::{ErrorKind, testing};
///
/// let error = testing::error(ErrorKind::Timeout, "no complete response within 5 s");
/// assert!(error.is_timeout() && error.is_retryable());
/// ```
pub fn error(kind: ErrorKind, message: &str) -> Error {
    Error::new(kind, message)
}

/// The error of a call whose required item failed, with all results.
///
/// ```
/// use smartcar_batch::{ItemError, testing};
///
/// let results = testing::path_results([("/fuel", r#"{"percentRemaining": 0.5}"#)]);
/// let error = testing::required_error("/odometer", ItemError::Missing, results);
/// assert!(error.is_required_item());
/// assert_eq!(error.item_path(), Some("/odometer"));
/// ```
pub fn required_error(path: &str, error: ItemError, results: PathResults) -> Error {
    Error::required(RequiredItemError::new(path, error), results)
}

/// The results of paths with these JSON bodies, as if the status was 200.
///
/// ```
/// use smartcar_batch::{Odometer, testing};
///
/// let results = testing::path_results([("/odometer", r#"{"distance": 18250.6}"#)]);
/// let odometer = results.get::<Odometer>();
/// assert!(odometer.is_some_and(|read| read.is_ok()));
/// ```
pub fn path_results<'a>(bodies: impl IntoIterator<Item = (&'a str, &'a str)>) -> PathResults {
    let bodies: Vec<_> = bodies.into_iter().collect();
    let mut results = PathResults::of(bodies.iter().map(|(path, _)| *path));
    for (index, (_, body)) in bodies.iter().enumerate() {
        let headers = ResponseHeaders::default();
        results.accept(index, &ItemResponse::of_endpoint(200, headers, body, None));
    }
    results
}
