//! Where deliveries are kept: written as lines, or stored in the stream of outcomes.
//!
//! Invariant: an event counts as taken only after it was kept.

use std::sync::Arc;
use std::time::Duration;

use smartcar_batch::VehicleId;
use smartcar_nats::Queue;
use smartcar_webhook::Claimed;

use super::words::Words;
use super::writer::Writer;

/// How long keeping an event may take before 503 is answered.
const LONGEST: Duration = Duration::from_secs(10);

/// Where deliveries are kept.
pub(super) enum Sink {
    Lines(Writer),
    Stream { queue: Queue, words: Arc<Words> },
}

/// One delivery to be kept.
pub(super) struct Kept {
    /// The object, without a newline.
    pub(super) line: String,
    pub(super) vehicle: Option<VehicleId>,
}

impl Sink {
    /// Keeps a claimed event. Returns whether it was kept in time.
    pub(super) async fn keep(&self, kept: Kept, claimed: Claimed) -> bool {
        match self {
            Self::Lines(writer) => {
                let line = kept.line + "\n";
                let written = tokio::time::timeout(LONGEST, writer.write(line, claimed));
                written.await.unwrap_or(false)
            }
            Self::Stream { queue, words } => {
                let (queue, words) = (queue.clone(), Arc::clone(words));
                // A task of its own, so that storing goes on even if the sender goes
                // away.
                let stored = tokio::spawn(async move {
                    let message_id = claimed.event_id().map(|id| format!("event-{id}"));
                    let stored =
                        queue.store(kept.vehicle.as_ref(), message_id.as_deref(), kept.line);
                    let stored = tokio::time::timeout(LONGEST, stored).await;
                    let is_stored = matches!(stored, Ok(Ok(_)));
                    match stored {
                        Ok(Ok(_)) => {
                            words.taken();
                            claimed.taken();
                        }
                        Ok(Err(error)) => words.not_kept(&error),
                        Err(_) => words.not_kept(&"NATS did not answer in time"),
                    }
                    is_stored
                });
                stored.await.unwrap_or(false)
            }
        }
    }

    /// Opens the output anew.
    pub(super) fn reopen(&self) {
        if let Self::Lines(writer) = self {
            writer.reopen();
        }
    }

    /// Waits until nothing can be kept any more: stdout has lost its reader.
    pub(super) async fn unread(&self) {
        match self {
            Self::Lines(writer) => writer.unread().await,
            Self::Stream { .. } => std::future::pending().await,
        }
    }

    /// Waits until everything that was handed over is kept.
    pub(super) async fn idle(&self) {
        if let Self::Lines(writer) = self {
            writer.idle().await;
        }
    }
}
