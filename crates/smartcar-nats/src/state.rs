//! What the queue reports.
//!
//! Invariant: data only.

use async_nats::jetstream::{consumer, stream};
use smartcar_batch::Error;
use smartcar_batch::jiff::Timestamp;

/// What [`Queue::enqueue`](crate::Queue::enqueue) did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Enqueued {
    /// The vehicle is in the queue now.
    Added,
    /// It was in the queue already, or is under way.
    Present,
    /// It is scheduled for later, which is left alone.
    Waiting,
}

/// What [`Queue::finish`](crate::Queue::finish) did with a job.
#[derive(Debug)]
#[non_exhaustive]
pub enum Finished {
    /// The outcome is stored and the job is acknowledged. Failed items of an answered
    /// batch are part of its outcome.
    Stored {
        /// The outcome was in the stream already: the job was delivered twice.
        is_duplicate: bool,
        /// When the vehicle is polled again: see [`Queue::every`](crate::Queue::every).
        next: Option<Timestamp>,
    },
    /// The whole call failed and can succeed later: the job is scheduled for this time.
    Scheduled {
        /// The stated time; without one, a minute later, doubling up to an hour.
        at: Timestamp,
    },
    /// The whole call failed, and the job was removed in the meantime.
    Removed,
    /// The call cannot succeed for this vehicle: a dead letter is stored.
    Dead {
        /// Why.
        error: Error,
    },
    /// A shared budget or the token endpoint is away: the job is given back, and no jobs
    /// are fetched for 1 to 30 s.
    GivenBack {
        /// Why.
        error: Error,
    },
    /// The token or the credentials were rejected, which concerns every vehicle: the
    /// job is given back and the queue is stopped.
    Refused {
        /// Why.
        error: Error,
    },
}

/// How many jobs there are in the whole queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Depth {
    /// Jobs that no worker has.
    pub ready: u64,
    /// Jobs that a worker has, or that come back from one that has ended.
    pub under_way: u64,
    /// Jobs that are scheduled for later.
    pub waiting: u64,
}

impl Depth {
    pub(crate) fn of(consumer: &consumer::Info, stream: &stream::Info) -> Self {
        let ready = consumer.num_pending;
        let under_way = u64::try_from(consumer.num_ack_pending).unwrap_or(u64::MAX);
        // All other messages are schedules. The two reports are of two moments.
        let waiting = stream
            .state
            .messages
            .saturating_sub(ready.saturating_add(under_way));
        Self {
            ready,
            under_way,
            waiting,
        }
    }

    /// Whether no job is ready or under way. Jobs that are scheduled do not count.
    pub fn is_empty(self) -> bool {
        self.ready == 0 && self.under_way == 0
    }
}
