//! The table of open windows.
//!
//! Invariant: a window is in the table exactly while it accepts endpoints.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{Shared, WeakShared};
use smartcar_model::{Error, PathResults, Response, UserId, VehicleId};
use tokio::sync::{Notify, Semaphore};

use crate::options::Options;
use crate::transport::BoxFuture;

/// The settings that loaders must share to use the same window.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Settings {
    pub(super) window: Duration,
    pub(super) max_size: usize,
    pub(super) options: Options,
}

/// The outcome of a window, shared by all its callers.
pub(super) type Batch = Shared<BoxFuture<'static, Arc<Outcome>>>;

/// The outcome of a window.
pub(super) enum Outcome {
    /// The batches that were sent.
    Sent(Vec<Part>),
    /// A custom part of the client panicked. The first caller takes the payload.
    Panicked(Mutex<Option<Box<dyn Any + Send>>>),
}

/// One batch of a window, and its paths.
pub(super) struct Part {
    pub(super) paths: Vec<&'static str>,
    pub(super) answer: Result<Arc<Response<PathResults>>, Error>,
}

pub(super) type Key = (VehicleId, Option<UserId>, Settings);

/// The open windows of a client.
pub(crate) struct Windows {
    table: Mutex<HashMap<Key, Open>>,
    /// One permit for each batch that may be under way. It is never closed.
    pub(super) slots: Semaphore,
}

/// A window in the table. It does not keep the batch alive: its callers do.
pub(super) struct Open {
    pub(super) window: Arc<Window>,
    pub(super) batch: WeakShared<BoxFuture<'static, Arc<Outcome>>>,
}

/// The endpoints that a window has collected.
#[derive(Default)]
pub(super) struct Window {
    /// Each path with the number of callers that wait for it.
    paths: Mutex<Vec<(&'static str, usize)>>,
    /// Notified when the window is full.
    pub(super) full: Notify,
}

impl Window {
    /// Adds a caller for a path. Returns the number of different paths.
    pub(super) fn add(&self, path: &'static str) -> usize {
        let mut paths = self.paths();
        match paths.iter_mut().find(|(known, _)| *known == path) {
            Some((_, waiting)) => *waiting += 1,
            None => paths.push((path, 1)),
        }
        paths.len()
    }

    /// Removes a caller, and the path if it was the last caller for it.
    pub(super) fn leave(&self, path: &str) {
        let mut paths = self.paths();
        if let Some(at) = paths.iter().position(|(known, _)| *known == path) {
            paths[at].1 -= 1;
            if paths[at].1 == 0 {
                paths.remove(at);
            }
        }
    }

    pub(super) fn take(&self) -> Vec<&'static str> {
        let paths = std::mem::take(&mut *self.paths());
        paths.into_iter().map(|(path, _)| path).collect()
    }

    fn paths(&self) -> MutexGuard<'_, Vec<(&'static str, usize)>> {
        // Nothing panics in the middle of a change.
        self.paths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Windows {
    /// `batches`: how many may be under way at the same time.
    pub(crate) fn new(batches: usize) -> Self {
        Self {
            table: Mutex::default(),
            slots: Semaphore::new(batches.min(Semaphore::MAX_PERMITS)),
        }
    }

    pub(super) fn table(&self) -> MutexGuard<'_, HashMap<Key, Open>> {
        // As above: nothing panics in the middle of a change.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of open windows.
    pub(crate) fn len(&self) -> usize {
        self.table().len()
    }
}

impl fmt::Debug for Windows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only the count, not the vehicles.
        f.debug_struct("Windows")
            .field("open", &self.len())
            .finish()
    }
}
