//! What is known of one signal, and when it was said.
//!
//! Invariant: the newest value is kept beside a newer failure.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::element::Element;

/// When something was said: the newest time in the delivery, its sequence, and when it
/// was sent. The first two are the same over repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) at: Option<Timestamp>,
    pub(super) sequence: Option<i64>,
    pub(super) delivered: Option<Timestamp>,
}

/// What is known of one signal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) value: Option<Value>,
    /// The newest failure, and when it was said.
    pub(super) failure: Option<(Order, Element)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Value {
    /// The time of the value: the vehicle's, else the fetch, else the delivery's.
    pub(super) rank: (Option<Timestamp>, Option<i64>),
    pub(super) element: Element,
    /// When a good value of the signal was last said.
    pub(super) said: Order,
}

impl Known {
    /// The failure, if it is newer than every good value.
    pub(super) fn current_failure(&self) -> Option<&Element> {
        let (said, failure) = self.failure.as_ref()?;
        let is_current = self.value.as_ref().is_none_or(|value| *said > value.said);
        is_current.then_some(failure)
    }
}
