//! The response of a call or a delivery.
//!
//! Invariant: every failure is listed here too, whatever the type of the items.

mod error;
mod invalid_reason;
mod stop_reason;

use std::borrow::Cow;

use jiff::Timestamp;

use crate::decode::Warning;
use crate::item_error::ItemError;
use crate::plan::Plan;
use crate::v3::MemberError;

pub use error::{Error, ErrorKind};
pub use invalid_reason::InvalidReason;
pub use stop_reason::StopReason;

/// The items of a call, and what the call cost.
#[derive(Debug)]
#[non_exhaustive]
pub struct Response<T> {
    /// The requested data: a tuple of results, a derived struct,
    /// [`crate::PathResults`], or a reading.
    pub data: T,
    /// The request ID of the last HTTP response (`SC-Request-Id`), for the API's
    /// support. `None` if that response had none.
    pub request_id: Option<String>,
    /// Number of attempts, including the first.
    pub attempts: u32,
    /// Number of HTTP requests sent. On v2.0 it is one per attempt; on version 3
    /// an attempt can take several.
    pub requests: u32,
    /// How the first attempt was split into HTTP requests.
    pub plan: Plan,
    /// Number of requests charged. On v2.0 it is one per path sent. On version 3
    /// it is one per HTTP request, except that a request for all signals is
    /// charged as the client assumes (`ClientBuilder::signals_cost`).
    pub charged: u32,
    /// Results that match no requested path, and duplicates.
    pub warnings: Vec<Warning>,
    /// Why the call stopped although a retry might have helped some failed items.
    /// `None` if every item succeeded or no retry could help.
    pub stop_reason: Option<StopReason>,
    /// When a retry makes sense, if the API or a budget said so and the call did
    /// not wait for it. `None` if every item succeeded or the time is unknown.
    pub retry_at: Option<Timestamp>,
    failures: Vec<Failure>,
    member_errors: Vec<MemberError>,
    requested: Vec<(Cow<'static, str>, u32)>,
}

/// A path that gave no reading.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// The requested path.
    pub path: String,
    /// The error of its last result.
    pub error: ItemError,
    /// How often it was requested.
    pub attempts: u32,
}

impl Response<()> {
    /// A response before anything was requested.
    #[doc(hidden)]
    pub fn nothing() -> Self {
        Self {
            data: (),
            request_id: None,
            attempts: 0,
            requests: 0,
            plan: Plan::Nothing,
            charged: 0,
            warnings: Vec::new(),
            member_errors: Vec::new(),
            stop_reason: None,
            retry_at: None,
            failures: Vec::new(),
            requested: Vec::new(),
        }
    }

    /// Records a path, how often it was requested, and its error if it failed.
    #[doc(hidden)]
    pub fn note(
        &mut self,
        path: impl Into<Cow<'static, str>>,
        attempts: u32,
        error: Option<ItemError>,
    ) {
        let path = path.into();
        if let Some(error) = error {
            self.failures.push(Failure {
                path: path.clone().into_owned(),
                error,
                attempts,
            });
        }
        self.requested.push((path, attempts));
    }

    /// Makes room for a number of paths.
    #[doc(hidden)]
    pub fn reserve(&mut self, paths: usize) {
        self.requested.reserve_exact(paths);
    }

    /// The same response with other items.
    #[doc(hidden)]
    pub fn with<T>(self, data: T) -> Response<T> {
        Response {
            data,
            request_id: self.request_id,
            attempts: self.attempts,
            requests: self.requests,
            plan: self.plan,
            charged: self.charged,
            warnings: self.warnings,
            member_errors: self.member_errors,
            stop_reason: self.stop_reason,
            retry_at: self.retry_at,
            failures: self.failures,
            requested: self.requested,
        }
    }
}

impl<T> Response<T> {
    /// Whether every path has a reading.
    pub fn all_ok(&self) -> bool {
        self.failures.is_empty()
    }

    /// How often a path was requested. `None` if it is not in the request.
    pub fn attempts_of(&self, path: &str) -> Option<u32> {
        let found = self.requested.iter().find(|(asked, _)| asked == path);
        found.map(|(_, count)| *count)
    }

    /// Members of successful readings that are empty because their signal failed
    /// or could not be decoded. Empty on v2.0.
    pub fn member_errors(&self) -> &[MemberError] {
        &self.member_errors
    }

    #[doc(hidden)]
    pub fn push_member_errors(&mut self, errors: Vec<MemberError>) {
        self.member_errors.extend(errors);
    }

    /// The paths that gave no reading, in the order requested.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }
}
