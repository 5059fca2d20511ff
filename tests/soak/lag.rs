//! How late the machine itself is.
//!
//! Invariant: it is measured in the same process at the same time, so that a busy
//! machine is not taken for a call that hangs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

/// A task that only sleeps, and how late it woke.
#[derive(Debug)]
pub(crate) struct Lag {
    millis: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Lag {
    pub(crate) fn watch() -> Self {
        let millis = Arc::<AtomicU64>::default();
        let longest = Arc::clone(&millis);
        let task = tokio::spawn(async move {
            let pause = Duration::from_millis(10);
            loop {
                let begun = Instant::now();
                tokio::time::sleep(pause).await;
                let late = begun.elapsed().saturating_sub(pause).as_millis();
                longest.fetch_max(u64::try_from(late).unwrap_or(u64::MAX), SeqCst);
            }
        });
        Self { millis, task }
    }

    /// The longest so far.
    pub(crate) fn longest(&self) -> Duration {
        Duration::from_millis(self.millis.load(SeqCst))
    }

    /// How late after its deadline a call may end.
    pub(crate) fn slack(&self) -> Duration {
        Duration::from_secs(1) + self.longest() * 3
    }
}

impl Drop for Lag {
    fn drop(&mut self) {
        self.task.abort();
    }
}
