//! What a worker has done so far.
//!
//! Invariant: the line and the metrics show the same numbers.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use smartcar_nats::{Depth, Finished};

/// The counts of a worker.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Vehicles whose call has ended.
    pub(super) asked: Counter,
    /// Counted requests of the API.
    pub(super) charged: Counter,
    stored: Counter,
    scheduled: Counter,
    dead: Counter,
    pub(super) given_back: Counter,
    /// Jobs under way in this worker.
    pub(super) under_way: Gauge<u64, AtomicU64>,
    ready_in_queue: Gauge<u64, AtomicU64>,
    under_way_in_queue: Gauge<u64, AtomicU64>,
    waiting_in_queue: Gauge<u64, AtomicU64>,
}

impl Counts {
    pub(super) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Counts what happened to a job.
    pub(super) fn add(&self, finished: &Finished) {
        let counter = match finished {
            Finished::Stored { .. } => &self.stored,
            Finished::Scheduled { .. } => &self.scheduled,
            Finished::Dead { .. } => &self.dead,
            Finished::GivenBack { .. } | Finished::Refused { .. } => &self.given_back,
            _ => return,
        };
        counter.inc();
    }

    /// Notes the state of the whole queue.
    pub(super) fn queue(&self, depth: Depth) {
        self.ready_in_queue.set(depth.ready);
        self.under_way_in_queue.set(depth.under_way);
        self.waiting_in_queue.set(depth.waiting);
    }

    /// `asked 120, stored 118, waiting 3, dead 0, budget left 40`.
    pub(super) fn line(&self, waiting: Option<u64>, left: &str) -> String {
        let waiting = waiting.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
        format!(
            "asked {}, stored {}, waiting {waiting}, dead {}, budget left {left}",
            self.asked.get(),
            self.stored.get(),
            self.dead.get(),
        )
    }

    /// The metrics, each with its description.
    pub(super) fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix("smartcar_worker");
        for (name, help, counter) in [
            ("asked", "Vehicles whose call has ended", &self.asked),
            ("charged", "Counted requests of the API", &self.charged),
            ("stored", "Outcomes stored", &self.stored),
            (
                "scheduled",
                "Jobs scheduled for later after a failure",
                &self.scheduled,
            ),
            ("dead", "Dead letters stored", &self.dead),
            ("given_back", "Jobs given back", &self.given_back),
        ] {
            registry.register(name, help, counter.clone());
        }
        for (name, help, gauge) in [
            (
                "under_way",
                "Jobs under way in this worker",
                &self.under_way,
            ),
            (
                "queue_ready",
                "Jobs in the queue that no worker has",
                &self.ready_in_queue,
            ),
            (
                "queue_under_way",
                "Jobs under way in all workers",
                &self.under_way_in_queue,
            ),
            (
                "queue_waiting",
                "Jobs in the queue that are scheduled",
                &self.waiting_in_queue,
            ),
        ] {
            registry.register(name, help, gauge.clone());
        }
        registry
    }
}
