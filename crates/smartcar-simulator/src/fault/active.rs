//! The active faults, and which of them apply to a request.
//!
//! Invariant: no two faults that apply to one request share a slot; the one added
//! first takes it. A fault that did not apply is not used up.

use super::check::{self, FaultError};
use super::target::Slot;
use super::target::Target;
use super::value::Fault;
use crate::catalogue::Catalogue;
use serde::Serialize;

/// Identifies a fault, for
/// [`Simulator::clear_fault`](crate::Simulator::clear_fault).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct FaultId(pub(crate) u64);

/// A fault that applies to a request.
#[derive(Debug)]
pub(crate) struct Strike {
    pub(crate) id: FaultId,
    pub(crate) fault: Fault,
    /// The position of the request among those that match the fault, from 1.
    pub(crate) count: u64,
}

/// A fault that never applied to a request; see
/// [`Simulator::unmatched_faults`](crate::Simulator::unmatched_faults).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UnmatchedFault {
    /// Its ID.
    pub id: FaultId,
    /// The fault.
    pub fault: Fault,
    /// The number of requests that matched it, but to which it did not apply, because of
    /// its number or chance, or because another fault took the same part.
    pub matched: u64,
    /// The number of requests for its path or its vehicle that did not match it
    /// otherwise.
    pub near_misses: u64,
}

/// All faults, in the order they were added.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    added: u64,
    waiting: Vec<Waiting>,
}

#[derive(Debug, Clone)]
struct Waiting {
    id: FaultId,
    fault: Fault,
    /// The number of requests that matched it.
    count: u64,
    /// The number of requests to which it applied.
    struck: u64,
    near_misses: u64,
}

impl Faults {
    pub(crate) fn add(
        &mut self,
        fault: Fault,
        catalogue: &Catalogue,
    ) -> Result<FaultId, FaultError> {
        check::check(&fault, catalogue)?;
        self.added += 1;
        let id = FaultId(self.added);
        self.waiting.push(Waiting {
            id,
            fault,
            count: 0,
            struck: 0,
            near_misses: 0,
        });
        Ok(id)
    }

    /// Returns whether it was still active.
    pub(crate) fn remove(&mut self, id: FaultId) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|waiting| waiting.id != id);
        self.waiting.len() < before
    }

    /// Returns how many there were.
    pub(crate) fn clear(&mut self) -> usize {
        let cleared = self.waiting.len();
        self.waiting.clear();
        cleared
    }

    /// The active faults that never applied.
    pub(crate) fn unmatched(&self) -> Vec<UnmatchedFault> {
        let unmatched = self.waiting.iter().filter(|waiting| waiting.struck == 0);
        let unmatched = unmatched.map(|waiting| UnmatchedFault {
            id: waiting.id,
            fault: waiting.fault.clone(),
            matched: waiting.count,
            near_misses: waiting.near_misses,
        });
        unmatched.collect()
    }

    pub(crate) fn all(&self) -> Vec<(FaultId, Fault)> {
        let waiting = self.waiting.iter();
        waiting.map(|it| (it.id, it.fault.clone())).collect()
    }

    /// Returns the faults that apply to this request, and counts it.
    pub(crate) fn strike(&mut self, target: &Target<'_>) -> Vec<Strike> {
        let mut due: Vec<&mut Waiting> = Vec::new();
        for waiting in &mut self.waiting {
            if waiting.fault.concerns(target) {
                waiting.count += 1;
                if waiting.fault.when.is_due(waiting.count) {
                    due.push(waiting);
                }
            } else if waiting.fault.nearly_concerns(target) {
                waiting.near_misses += 1;
            }
        }
        // A replaced response does not have the items that other faults would
        // change.
        let mut whole = due.iter().filter(|it| it.fault.slot() == Some(Slot::Whole));
        let is_new = whole.next().is_some_and(|it| it.fault.replaces_all());
        let mut strikes: Vec<Strike> = Vec::new();
        for waiting in due {
            let fault = &waiting.fault;
            if !(is_new && fault.needs_items()) && is_free(fault.slot(), &strikes) {
                waiting.struck += 1;
                strikes.push(Strike {
                    id: waiting.id,
                    fault: fault.clone(),
                    count: waiting.count,
                });
            }
        }
        self.waiting.retain(|waiting| {
            let when = &waiting.fault.when;
            !when.is_spent(waiting.count, waiting.struck)
        });
        strikes
    }
}

fn is_free(slot: Option<Slot<'_>>, strikes: &[Strike]) -> bool {
    let mut taken = strikes.iter().filter_map(|it| it.fault.slot());
    slot.is_none_or(|slot| !taken.any(|taken| taken == slot))
}

#[cfg(test)]
mod tests;
