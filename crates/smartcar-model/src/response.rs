//! What a call or a delivery gives.
//!
//! Invariant: whatever type the items have, every failure is listed here too.

mod error;
mod stopped;

use jiff::Timestamp;

use crate::decode::Warning;
use crate::item_error::ItemError;
use crate::plan::Plan;
use crate::v3::Gap;

pub use error::{Error, ErrorKind};
pub use stopped::Stopped;

/// The items of an answer, and what asking for them took.
#[derive(Debug)]
#[non_exhaustive]
pub struct Answered<T> {
    /// What was asked for: a tuple of outcomes, a derived struct,
    /// [`crate::Answers`], or a reading.
    pub items: T,
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
    /// client assumes (`ClientBuilder::signals_price`).
    pub charged: u32,
    /// Results that match no requested path, and duplicates.
    pub warnings: Vec<Warning>,
    /// Members of good readings that are empty since their signal failed, each
    /// with its path. Only version 3 has such.
    pub gaps: Vec<(String, Gap)>,
    /// Why asking stopped with failed items left that asking again might have
    /// repaired. `None` where all are good, or no other answer can be expected.
    pub stopped: Option<Stopped>,
    /// When asking again makes sense, where the API or a budget said so and the
    /// call did not wait for it. `None` where all is good or nobody said.
    pub retry_at: Option<Timestamp>,
    failures: Vec<Failure>,
    asked: Vec<(String, u32)>,
}

/// A path that gave no reading.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// The path that was asked.
    pub path: String,
    /// Why it gave no reading: its last answer.
    pub error: ItemError,
    /// How often it was asked.
    pub asked: u32,
}

impl Answered<()> {
    /// Nothing asked yet.
    #[doc(hidden)]
    pub fn nothing() -> Self {
        Self {
            items: (),
            request_id: None,
            attempts: 0,
            requests: 0,
            plan: Plan::Nothing,
            charged: 0,
            warnings: Vec::new(),
            gaps: Vec::new(),
            stopped: None,
            retry_at: None,
            failures: Vec::new(),
            asked: Vec::new(),
        }
    }

    /// Notes a path, how often it was asked, and its error if it failed.
    #[doc(hidden)]
    pub fn note(&mut self, path: &str, asked: u32, error: Option<ItemError>) {
        self.asked.push((path.to_owned(), asked));
        if let Some(error) = error {
            let path = path.to_owned();
            self.failures.push(Failure { path, error, asked });
        }
    }

    /// The same with items.
    #[doc(hidden)]
    pub fn with<T>(self, items: T) -> Answered<T> {
        Answered {
            items,
            request_id: self.request_id,
            attempts: self.attempts,
            requests: self.requests,
            plan: self.plan,
            charged: self.charged,
            warnings: self.warnings,
            gaps: self.gaps,
            stopped: self.stopped,
            retry_at: self.retry_at,
            failures: self.failures,
            asked: self.asked,
        }
    }
}

impl<T> Answered<T> {
    /// Whether every path gave a reading.
    pub fn all_ok(&self) -> bool {
        self.failures.is_empty()
    }

    /// How often a path was asked; `None` for one that is not in the request.
    pub fn asked(&self, path: &str) -> Option<u32> {
        let found = self.asked.iter().find(|(asked, _)| asked == path);
        found.map(|(_, count)| *count)
    }

    /// The paths that gave no reading, in the order asked.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }
}
