//! The ticket of a job.
//!
//! Invariant: a ticket that is dropped before it is settled gives its job back.

use std::fmt;
use std::sync::Arc;

use async_nats::Subject;
use async_nats::jetstream::Message;
use bytes::Bytes;

use crate::job::Job;
use crate::shared::Shared;
use crate::slots::{Slot, Slots};
use crate::subject::VEHICLES;

/// A job under way. It comes with its vehicle from [`Queue::jobs`](crate::Queue::jobs),
/// goes through a fleet, and ends in [`Queue::finish`](crate::Queue::finish).
///
/// Dropping it gives the job back: it is delivered again at once, to any worker. While
/// it exists, the server is told every 10 s that the job is in progress.
pub struct Ticket {
    shared: Arc<Shared>,
    pub(crate) subject: Subject,
    pub(crate) payload: Bytes,
    /// `None` if the payload cannot be read.
    pub(crate) job: Option<Job>,
    pub(crate) sequence: u64,
    pub(crate) deliveries: u64,
    slot: Slot,
}

impl Ticket {
    /// Takes a delivered message. `None` if it did not come from a stream, or if its
    /// job is held already.
    pub(crate) fn of(shared: &Arc<Shared>, slots: &Arc<Slots>, message: Message) -> Option<Self> {
        let info = message.info().ok()?;
        let (sequence, delivered) = (info.stream_sequence, info.delivered);
        let async_nats::Message {
            subject,
            reply,
            payload,
            ..
        } = message.message;
        if !shared.hold(sequence, reply?) {
            return None;
        }
        Some(Self {
            shared: Arc::clone(shared),
            subject,
            payload,
            job: None,
            sequence,
            deliveries: u64::try_from(delivered).unwrap_or_default(),
            slot: Slot::take(slots),
        })
    }

    /// How often the job was delivered, this time included.
    pub fn deliveries(&self) -> u64 {
        self.deliveries
    }

    /// Identifies the job for as long as the stream exists. A scheduled job has a new
    /// one each time it comes back.
    pub fn message_id(&self) -> String {
        format!("{VEHICLES}-{}", self.sequence)
    }

    /// The outcome is there, so another job may be fetched.
    pub(crate) fn answered(&mut self) {
        self.slot.answered();
    }

    /// Acknowledges the job.
    pub(crate) async fn acknowledge(self) {
        if let Some(reply) = self.shared.release(self.sequence) {
            // This fails only if the client was closed; then the job is delivered again.
            let ack = Bytes::from_static(b"+ACK");
            let _ = self.shared.client.publish(reply, ack).await;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // It is released if it was acknowledged.
        if let Some(reply) = self.shared.release(self.sequence) {
            self.shared.give_back(reply);
        }
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("sequence", &self.sequence)
            .field("deliveries", &self.deliveries)
            .finish_non_exhaustive()
    }
}
