//! The events that are being handled, and those that were taken.
//!
//! Invariant: an event is handled by one request at a time, and counts as taken only
//! after its holder said so.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::seen::Seen;

/// Lets one request at a time handle an event, and recognizes repeats.
///
/// Smartcar delivers an event again if there is no answer within 15 seconds, so that a
/// repeat can arrive while the first request is still being handled. [`Seen`] alone
/// does not notice that: it has the events that were taken. `Claims` also has those
/// that are being handled, can be shared by all requests, and reads the clock.
///
/// All clones share one memory. It belongs to this process: several processes behind
/// one webhook do not see each other's claims, so what they write to must itself
/// recognize an event's ID. After a restart nothing is known, unless [`Claims::seen`]
/// was stored.
///
/// The router of the feature `axum` does this by itself.
///
/// ```
/// use smartcar_webhook::{Claim, Claims};
///
/// /// Returns the status to answer.
/// fn handle(claims: &Claims, event_id: Option<&str>) -> u16 {
///     let claimed = match claims.claim(event_id) {
///         Claim::New(claimed) => claimed,
///         Claim::Taken => return 200,
///         Claim::Busy => return 503,
///     };
///     if store().is_err() {
///         // `claimed` is dropped: the next repeat is new.
///         return 503;
///     }
///     claimed.taken();
///     200
/// }
///
/// fn store() -> std::io::Result<()> {
///     Ok(())
/// }
///
/// let claims = Claims::new();
/// assert_eq!(handle(&claims, Some("event-1")), 200);
/// assert!(matches!(claims.claim(Some("event-1")), Claim::Taken));
/// ```
#[derive(Clone, Default)]
pub struct Claims(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    busy: HashSet<String>,
    seen: Seen,
}

/// Whether a request may handle an event.
#[derive(Debug)]
#[must_use = "dropping it makes a new event available again"]
pub enum Claim {
    /// It may: nobody else handles the event until this value is dropped.
    New(Claimed),
    /// Another request is handling the event. Answer 503: if that request fails, a
    /// repeat is needed.
    Busy,
    /// The event was taken before. Answer 200.
    Taken,
}

/// An event that one request may handle.
///
/// If it is dropped without [`Claimed::taken`], also by a panic or because the request
/// was cancelled, the event is available again.
#[derive(Debug)]
#[must_use = "dropping it makes the event available again"]
pub struct Claimed {
    claims: Claims,
    id: Option<String>,
}

impl Claims {
    /// Nothing is claimed or taken. Events are remembered as long as [`Seen::new`]
    /// does.
    pub fn new() -> Self {
        Self::default()
    }

    /// The events in `seen` are taken, and its limits apply.
    pub fn with_seen(seen: Seen) -> Self {
        let busy = HashSet::new();
        Self(Arc::new(Mutex::new(Known { busy, seen })))
    }

    /// A copy of the events that were taken, to be stored.
    pub fn seen(&self) -> Seen {
        self.lock().seen.clone()
    }

    /// Claims an event. One without an ID cannot be recognized, so it is always new
    /// and never taken.
    pub fn claim(&self, event_id: Option<&str>) -> Claim {
        if let Some(id) = event_id {
            let mut known = self.lock();
            if known.seen.contains(id) {
                return Claim::Taken;
            }
            if !known.busy.insert(id.to_owned()) {
                return Claim::Busy;
            }
        }
        Claim::New(Claimed {
            claims: self.clone(),
            id: event_id.map(str::to_owned),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").finish_non_exhaustive()
    }
}

impl Claimed {
    /// The event's ID. `None` if it was sent without one.
    pub fn event_id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Remembers that the event was taken. Call it only after the event was stored: if
    /// storing fails afterwards, no repeat brings the event back.
    pub fn taken(self) {
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
