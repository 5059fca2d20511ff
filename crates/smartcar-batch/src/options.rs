//! What can be set for one call.
//!
//! Invariant: options and setters exist once, for requests, fleets and loaders.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use smartcar_model::UnitSystem;
use tokio::sync::Mutex;

use crate::budget::Priority;
use crate::retry::RetryPolicy;

/// What can be set for one call. Loaders share a window if theirs are equal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Options {
    pub(crate) units: Option<UnitSystem>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) priority: Priority,
    pub(crate) last_known: bool,
    pub(crate) patience: Option<Patience>,
}

/// How calls wait that are many and share a place to wait in.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    /// The longest wait for one vehicle.
    pub(crate) max_wait: Duration,
    /// Who holds it may wait for the application; first come, first served.
    pub(crate) line: Arc<Mutex<()>>,
}

impl PartialEq for Patience {
    fn eq(&self, other: &Self) -> bool {
        self.max_wait == other.max_wait && Arc::ptr_eq(&self.line, &other.line)
    }
}

impl Eq for Patience {}

impl Hash for Patience {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.max_wait.hash(hasher);
    }
}

/// The setters of a type that has `options`.
macro_rules! setters {
    () => {
        /// The unit system of the answers; metric without it. Each reading says in
        /// its [`Meta`](smartcar_model::Meta) what it came in.
        pub fn units(mut self, units: smartcar_model::UnitSystem) -> Self {
            self.options.units = Some(units);
            self
        }

        /// When a call asks again; the client's policy without it.
        pub fn retry(mut self, policy: crate::retry::RetryPolicy) -> Self {
            self.options.retry = Some(policy);
            self
        }

        /// How long a call may take in all, with every attempt and wait; the
        /// client's deadline without it.
        pub fn deadline(mut self, deadline: std::time::Duration) -> Self {
            self.options.deadline = Some(deadline);
            self
        }

        /// A person waits for the answer: the budget is asked with
        /// [`Priority::Interactive`](crate::Priority::Interactive). Without it calls
        /// are background work. [`InProcessBudget`](crate::InProcessBudget) treats
        /// both the same; a budget of your own can hold back a reserve.
        pub fn interactive(mut self) -> Self {
            self.options.priority = crate::budget::Priority::Interactive;
            self
        }

        /// Whether a signal of version 3 that failed gives its last value, where it
        /// carries one with its time; false without it: the failure is the outcome.
        /// Such a reading is marked in its
        /// [`Meta::last_known`](smartcar_model::Meta::last_known), and the signal is
        /// not asked again. No effect on v2.0.
        pub fn last_known(mut self, last_known: bool) -> Self {
            self.options.last_known = last_known;
            self
        }
    };
}
pub(crate) use setters;
