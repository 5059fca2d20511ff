//! The events that are being handled, and those that were.
//!
//! Invariant: an event is handled by one request at a time, and counts as taken only
//! after its handler succeeded.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::seen::Seen;

/// Shared by all requests.
#[derive(Debug, Clone, Default)]
pub(super) struct InFlight(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    busy: HashSet<String>,
    seen: Seen,
}

/// Whether a request may handle an event.
pub(super) enum Claim {
    /// It was taken before.
    Taken,
    /// Another request handles it.
    Busy,
    New(Guard),
}

/// Gives the event free on drop, also if the request is cancelled.
pub(super) struct Guard {
    in_flight: InFlight,
    id: String,
}

impl InFlight {
    pub(super) fn claim(&self, id: &str) -> Claim {
        let mut known = self.lock();
        if known.seen.contains(id) {
            return Claim::Taken;
        }
        if !known.busy.insert(id.to_owned()) {
            return Claim::Busy;
        }
        drop(known);
        Claim::New(Guard {
            in_flight: self.clone(),
            id: id.to_owned(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guard {
    /// Records that the event was taken.
    pub(super) fn taken(self) {
        let mut known = self.in_flight.lock();
        known.seen.insert(&self.id, Timestamp::now());
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.in_flight.lock().busy.remove(&self.id);
    }
}
