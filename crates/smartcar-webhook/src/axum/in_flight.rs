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

/// Gives the event free on drop, also if the handler panics.
pub(super) struct Guard {
    in_flight: InFlight,
    /// The event's ID. Without one it is always new.
    id: Option<String>,
}

impl InFlight {
    pub(super) fn claim(&self, id: Option<&str>) -> Claim {
        if let Some(id) = id {
            let mut known = self.lock();
            if known.seen.contains(id) {
                return Claim::Taken;
            }
            if !known.busy.insert(id.to_owned()) {
                return Claim::Busy;
            }
        }
        Claim::New(Guard {
            in_flight: self.clone(),
            id: id.map(str::to_owned),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guard {
    /// Records that the event was taken.
    pub(super) fn taken(self) {
        if let Some(id) = &self.id {
            let mut known = self.in_flight.lock();
            known.seen.insert(id, Timestamp::now());
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(id) = &self.id {
            self.in_flight.lock().busy.remove(id);
        }
    }
}
