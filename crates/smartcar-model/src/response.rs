//! What a call or a delivery gives.
//!
//! Invariant: whatever type the items have, every failure is listed here too.

mod error;
mod invalid_reason;
mod stop_reason;

use jiff::Timestamp;

use crate::decode::Warning;
use crate::item_error::ItemError;
use crate::plan::Plan;
use crate::v3::MemberError;

pub use error::{Error, ErrorKind};
pub use invalid_reason::InvalidReason;
pub use stop_reason::StopReason;

/// The items of an answer, and what asking for them took.
#[derive(Debug)]
#[non_exhaustive]
pub struct Response<T> {
    /// What was asked for: a tuple of outcomes, a derived struct,
    /// [`crate::PathResults`], or a reading.
    pub data: T,
    /// The id of the last answer (`SC-Request-Id`), for the API's support. `None`
    /// where that answer had none.
    pub request_id: Option<String>,
    /// How many attempts were made: the first, and the repeats.
    pub attempts: u32,
    /// How many HTTP requests were sent: one per attempt on v2.0; on version 3
    /// an attempt can take several.
    pub requests: u32,
    /// How the first attempt became HTTP requests.
    pub plan: Plan,
    /// How many requests were charged: on v2.0 one for each path sent, on
    /// version 3 one for each HTTP request, and for all signals at once what the
    /// client assumes (`ClientBuilder::signals_cost`).
    pub charged: u32,
    /// Results that match no requested path, and duplicates.
    pub warnings: Vec<Warning>,
    /// Why asking stopped with failed items left that asking again might have
    /// repaired. `None` where all are good, or no other answer can be expected.
    pub stop_reason: Option<StopReason>,
    /// When asking again makes sense, where the API or a budget said so and the
    /// call did not wait for it. `None` where all is good or nobody said.
    pub retry_at: Option<Timestamp>,
    failures: Vec<Failure>,
    member_errors: Vec<MemberError>,
    requested: Vec<(String, u32)>,
}

/// A path that gave no reading.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// The path that was asked.
    pub path: String,
    /// Why it gave no reading: its last answer.
    pub error: ItemError,
    /// How often it was requested.
    pub attempts: u32,
}

impl Response<()> {
    /// Nothing asked yet.
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

    /// Notes a path, how often it was requested, and its error if it failed.
    #[doc(hidden)]
    pub fn note(&mut self, path: &str, attempts: u32, error: Option<ItemError>) {
        self.requested.push((path.to_owned(), attempts));
        if let Some(error) = error {
            let path = path.to_owned();
            self.failures.push(Failure {
                path,
                error,
                attempts,
            });
        }
    }

    /// The same with items.
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
    /// Whether every path gave a reading.
    pub fn all_ok(&self) -> bool {
        self.failures.is_empty()
    }

    /// How often a path was requested; `None` if it is not in the request.
    pub fn attempts_of(&self, path: &str) -> Option<u32> {
        let found = self.requested.iter().find(|(asked, _)| asked == path);
        found.map(|(_, count)| *count)
    }

    /// Members of good readings that are empty because their signal failed or
    /// could not be read. Empty on v2.0.
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
