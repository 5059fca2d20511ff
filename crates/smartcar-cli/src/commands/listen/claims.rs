//! The events that are being written, and those that were.
//!
//! Invariant: an event counts as taken only after its line was written.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use smartcar_webhook::Seen;

/// Shared by all requests and the writer.
#[derive(Debug, Clone, Default)]
pub(super) struct Claims(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    busy: HashSet<String>,
    seen: Seen,
}

/// Whether a request may write an event.
#[derive(Debug)]
pub(super) enum Claim {
    New(Claimed),
    /// It was written before.
    Taken,
    /// Another request is writing it.
    Busy,
}

/// An event that one request may write. Dropping it gives the event free.
#[derive(Debug)]
pub(super) struct Claimed {
    claims: Claims,
    id: Option<String>,
}

impl Claims {
    /// Claims an event. One without an ID is always new.
    pub(super) fn claim(&self, id: Option<String>) -> Claim {
        if let Some(id) = &id {
            let mut known = self.lock();
            if known.seen.contains(id) {
                return Claim::Taken;
            }
            if !known.busy.insert(id.clone()) {
                return Claim::Busy;
            }
        }
        let claims = self.clone();
        Claim::New(Claimed { claims, id })
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Claimed {
    /// The event's ID.
    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Remembers that the event was written.
    pub(super) fn written(self) {
        if let Some(id) = &self.id {
            self.claims.lock().seen.insert(id, Timestamp::now());
        }
    }
}

impl Drop for Claimed {
    fn drop(&mut self) {
        if let Some(id) = &self.id {
            self.claims.lock().busy.remove(id);
        }
    }
}
