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
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// It may, and must call [`Claims::release`].
    New,
    /// It was written before.
    Taken,
    /// Another request is writing it.
    Busy,
}

impl Claims {
    /// Claims an event. One without an ID is always new.
    pub(super) fn claim(&self, id: Option<&str>) -> Claim {
        let Some(id) = id else {
            return Claim::New;
        };
        let mut known = self.lock();
        if known.seen.contains(id) {
            Claim::Taken
        } else if known.busy.insert(id.to_owned()) {
            Claim::New
        } else {
            Claim::Busy
        }
    }

    /// Gives an event free, and remembers it if it was written.
    pub(super) fn release(&self, id: Option<&str>, is_written: bool) {
        let Some(id) = id else {
            return;
        };
        let mut known = self.lock();
        if is_written {
            known.seen.insert(id, Timestamp::now());
        }
        known.busy.remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
