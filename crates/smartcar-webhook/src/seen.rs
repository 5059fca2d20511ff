//! A memory of events that were taken.
//!
//! Invariant: an event is remembered for at least the stated time and number of
//! later events, whichever is longer.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A memory of the IDs of events that were taken, to recognize repeats.
///
/// It is a plain value: it reads no clock, and can be stored with serde.
///
/// ```
/// use jiff::Timestamp;
/// use smartcar_webhook::Seen;
///
/// let mut seen = Seen::new();
/// let now: Timestamp = "2026-03-14T09:00:00Z".parse()?;
/// assert!(seen.insert("event-1", now));
/// assert!(!seen.insert("event-1", now), "a repeat");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Seen {
    events: usize,
    seconds: i64,
    /// From the oldest to the newest.
    order: VecDeque<(String, Timestamp)>,
    ids: HashSet<String>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    events: usize,
    seconds: i64,
    seen: VecDeque<(String, Timestamp)>,
}

impl Default for Seen {
    fn default() -> Self {
        Self::new()
    }
}

impl Seen {
    /// Remembers at least 100,000 events and ten minutes.
    pub fn new() -> Self {
        Self {
            events: 100_000,
            seconds: 600,
            order: VecDeque::new(),
            ids: HashSet::new(),
        }
    }

    /// The number of events that are remembered at least.
    #[must_use]
    pub fn events(mut self, events: usize) -> Self {
        self.events = events;
        self
    }

    /// The time that an event is remembered at least, in whole seconds.
    #[must_use]
    pub fn time(mut self, time: Duration) -> Self {
        self.seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        self
    }

    /// Whether an event was taken.
    pub fn contains(&self, event_id: &str) -> bool {
        self.ids.contains(event_id)
    }

    /// Records an event. Returns whether it is new. `now` is only used to forget old
    /// events.
    pub fn insert(&mut self, event_id: &str, now: Timestamp) -> bool {
        if !self.ids.insert(event_id.to_owned()) {
            return false;
        }
        self.order.push_back((event_id.to_owned(), now));
        while self.order.len() > self.events.max(1)
            && let Some((_, time)) = self.order.front()
            && now.duration_since(*time) > SignedDuration::from_secs(self.seconds)
        {
            if let Some((id, _)) = self.order.pop_front() {
                self.ids.remove(&id);
            }
        }
        true
    }

    /// The number of remembered events.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether no event is remembered.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

impl From<Stored> for Seen {
    fn from(stored: Stored) -> Self {
        let Stored {
            events,
            seconds,
            seen,
        } = stored;
        Self {
            events,
            seconds,
            ids: seen.iter().map(|(id, _)| id.clone()).collect(),
            order: seen,
        }
    }
}

impl From<Seen> for Stored {
    fn from(seen: Seen) -> Self {
        Self {
            events: seen.events,
            seconds: seen.seconds,
            seen: seen.order,
        }
    }
}
