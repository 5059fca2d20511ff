//! The windows that are open.
//!
//! Invariant: a window is in the table exactly while it takes endpoints.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{Shared, WeakShared};
use smartcar_model::{Error, PathResults, Response, UserId, VehicleId};
use tokio::sync::Notify;

use crate::options::Options;
use crate::transport::BoxFuture;

/// What loaders must have in common to share a window.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Settings {
    pub(super) window: Duration,
    pub(super) max_size: usize,
    pub(super) options: Options,
}

/// What became of a window, for everyone who waited.
pub(super) type Batch = Shared<BoxFuture<'static, Arc<Outcome>>>;

/// What became of a window.
pub(super) enum Outcome {
    /// The batches that went out.
    Sent(Vec<Part>),
    /// Something that was plugged into the client panicked. What it panicked with
    /// is for the first who asks.
    Panicked(Mutex<Option<Box<dyn Any + Send>>>),
}

/// One batch of a window, and the paths that it asked.
pub(super) struct Part {
    pub(super) paths: Vec<&'static str>,
    pub(super) answer: Result<Arc<Response<PathResults>>, Error>,
}

pub(super) type Key = (VehicleId, Option<UserId>, Settings);

/// The open windows of a client.
#[derive(Default)]
pub(crate) struct Windows {
    table: Mutex<HashMap<Key, Open>>,
}

/// A window in the table. It does not keep the batch alive: those who wait do.
pub(super) struct Open {
    pub(super) window: Arc<Window>,
    pub(super) batch: WeakShared<BoxFuture<'static, Arc<Outcome>>>,
}

/// What a window has gathered.
#[derive(Default)]
pub(super) struct Window {
    /// Each path, and how many wait for it.
    paths: Mutex<Vec<(&'static str, usize)>>,
    /// Told when no other path fits.
    pub(super) full: Notify,
}

impl Window {
    /// Counts one who waits for a path. How many paths there are then.
    pub(super) fn add(&self, path: &'static str) -> usize {
        let mut paths = self.paths();
        match paths.iter_mut().find(|(known, _)| *known == path) {
            Some((_, waiting)) => *waiting += 1,
            None => paths.push((path, 1)),
        }
        paths.len()
    }

    /// Forgets one who waited; the path too, if it was the last of them.
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
        // Nothing panics while it is half changed.
        self.paths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Windows {
    pub(super) fn table(&self) -> MutexGuard<'_, HashMap<Key, Open>> {
        // As above.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many windows are open.
    pub(crate) fn len(&self) -> usize {
        self.table().len()
    }
}

impl fmt::Debug for Windows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the vehicles.
        f.debug_struct("Windows")
            .field("open", &self.len())
            .finish()
    }
}
