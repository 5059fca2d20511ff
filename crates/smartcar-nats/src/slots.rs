//! Counts the jobs of one worker.
//!
//! Invariant: a job takes a slot until its outcome is there, and a place until it is
//! settled. Jobs are only fetched for free slots and free places.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tokio::sync::Notify;

/// The slots of one stream of jobs.
#[derive(Debug)]
pub(crate) struct Slots {
    max: usize,
    /// Jobs without an outcome.
    asking: AtomicUsize,
    /// Jobs that are not settled: those without an outcome, and those whose outcome is
    /// being stored.
    held: AtomicUsize,
    freed: Notify,
}

impl Slots {
    pub(crate) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self {
            max: max.max(1),
            asking: AtomicUsize::new(0),
            held: AtomicUsize::new(0),
            freed: Notify::new(),
        })
    }

    /// How many jobs may be fetched now. Outcomes that cannot be stored take places, so
    /// that a store that is down stops the fetching.
    pub(crate) fn free(&self) -> usize {
        let slots = self.max.saturating_sub(self.asking.load(SeqCst));
        slots.min((2 * self.max).saturating_sub(self.held.load(SeqCst)))
    }

    /// Waits until there may be a free slot.
    pub(crate) async fn freed(&self) {
        self.freed.notified().await;
    }
}

/// The slot and the place of one job.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Arc<Slots>,
    is_asking: bool,
}

impl Slot {
    pub(crate) fn take(slots: &Arc<Slots>) -> Self {
        slots.asking.fetch_add(1, SeqCst);
        slots.held.fetch_add(1, SeqCst);
        Self {
            slots: Arc::clone(slots),
            is_asking: true,
        }
    }

    /// The outcome is there: the slot is free, the place is not.
    pub(crate) fn answered(&mut self) {
        if std::mem::take(&mut self.is_asking) {
            self.slots.asking.fetch_sub(1, SeqCst);
            self.slots.freed.notify_one();
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.answered();
        self.slots.held.fetch_sub(1, SeqCst);
        self.slots.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_is_down_stops_the_fetching() {
        let slots = Slots::new(2);
        let mut storing = Vec::new();
        for free in [2, 2, 2, 1] {
            assert_eq!(slots.free(), free);
            let mut slot = Slot::take(&slots);
            slot.answered();
            storing.push(slot);
        }
        assert_eq!(slots.free(), 0);
        storing.pop();
        assert_eq!(slots.free(), 1);
        let _asking = Slot::take(&slots);
        storing.clear();
        assert_eq!(slots.free(), 1);
    }
}
