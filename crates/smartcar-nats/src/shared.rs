//! What a queue, its tickets and its keeper share.
//!
//! Invariant: a job that is held is kept in progress; nothing else is.

use std::collections::HashMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_nats::jetstream::Context;
use async_nats::{Client, Subject};
use tokio::sync::{mpsc, oneshot};

use crate::gate::Gate;
use crate::streams::Ready;

/// What the keeper is asked to do.
#[derive(Debug)]
pub(crate) enum Task {
    /// Give a job back, so that it is delivered again at once.
    GiveBack(Subject),
    /// Report when everything before it was sent to the server.
    Flush(oneshot::Sender<()>),
}

/// How often a client has connected.
pub(crate) fn connections(client: &Client) -> u64 {
    client.statistics().connects.load(Relaxed)
}

/// The state of a queue.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) client: Client,
    pub(crate) context: Context,
    pub(crate) ready: Ready,
    pub(crate) gate: Gate,
    pub(crate) tasks: mpsc::UnboundedSender<Task>,
    /// By the job's sequence in the stream.
    held: Mutex<HashMap<u64, Subject>>,
}

impl Shared {
    pub(crate) fn new(
        client: Client,
        context: Context,
        ready: Ready,
        tasks: mpsc::UnboundedSender<Task>,
    ) -> Self {
        let gate = Gate::new(connections(&client));
        Self {
            client,
            context,
            ready,
            gate,
            tasks,
            held: Mutex::default(),
        }
    }

    /// Keeps a job in progress until it is released. `reply` is where its
    /// acknowledgements go. Returns false if this job is held already: then the server
    /// delivered it again, for example after an outage, and only `reply` is new.
    pub(crate) fn hold(&self, sequence: u64, reply: Subject) -> bool {
        self.held().insert(sequence, reply).is_none()
    }

    /// Returns where the last acknowledgement of a held job goes.
    pub(crate) fn release(&self, sequence: u64) -> Option<Subject> {
        self.held().remove(&sequence)
    }

    /// Where the acknowledgements of all held jobs go.
    pub(crate) fn replies(&self) -> Vec<Subject> {
        self.held().values().cloned().collect()
    }

    /// Gives a job back. This fails only if the keeper's runtime has ended; then the
    /// server delivers the job again after its ack wait.
    pub(crate) fn give_back(&self, reply: Subject) {
        let _ = self.tasks.send(Task::GiveBack(reply));
    }

    fn held(&self) -> MutexGuard<'_, HashMap<u64, Subject>> {
        // A poisoned lock is safe to use: every update is a single step.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
