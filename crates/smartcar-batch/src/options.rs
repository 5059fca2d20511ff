//! The options of a call.
//!
//! Invariant: options and setters are defined once, for requests, fleets and loaders.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use smartcar_model::UnitSystem;
use tokio::sync::Mutex;

use crate::budget::Priority;
use crate::retry::RetryPolicy;

/// The options of a call. Loaders share a window if their options are equal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Options {
    pub(crate) units: Option<UnitSystem>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) priority: Priority,
    pub(crate) last_known: bool,
    pub(crate) patience: Option<Patience>,
}

/// How the calls of a fleet wait.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    /// The longest wait for one vehicle.
    pub(crate) max_wait: Duration,
    /// Whether to wait, without a limit, for a budget that cannot be checked.
    pub(crate) outlasts: bool,
    /// The call that holds it may wait for the application; FIFO.
    pub(crate) line: Arc<Mutex<()>>,
}

impl PartialEq for Patience {
    fn eq(&self, other: &Self) -> bool {
        self.max_wait == other.max_wait
            && self.outlasts == other.outlasts
            && Arc::ptr_eq(&self.line, &other.line)
    }
}

impl Eq for Patience {}

impl Hash for Patience {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.max_wait.hash(hasher);
        self.outlasts.hash(hasher);
    }
}

/// The setters of a type with a field `options`.
macro_rules! setters {
    () => {
        /// The unit system of the response; the default is metric. Each reading has
        /// its unit system in its [`Meta`](smartcar_model::Meta).
        pub fn units(mut self, units: smartcar_model::UnitSystem) -> Self {
            self.options.units = Some(units);
            self
        }

        /// The retry policy; the default is that of the client.
        pub fn retry(mut self, policy: crate::retry::RetryPolicy) -> Self {
            self.options.retry = Some(policy);
            self
        }

        /// The time limit of a call, including all attempts and waits; the default is
        /// the client's deadline.
        pub fn deadline(mut self, deadline: std::time::Duration) -> Self {
            self.options.deadline = Some(deadline);
            self
        }

        /// Marks the call as one that a person waits for: the budget gets
        /// [`Priority::Interactive`](crate::Priority::Interactive). By default, calls
        /// are background work. A budget can keep a reserve for such calls:
        /// [`InProcessBudget::reserve`](crate::InProcessBudget::reserve).
        pub fn interactive(mut self) -> Self {
            self.options.priority = crate::budget::Priority::Interactive;
            self
        }

        /// Whether a failed v3 signal returns its last known value, if the response
        /// contains one with its time. The default is false: the failure is the
        /// result. With a last known value, the reading is marked in
        /// [`Meta::last_known`](smartcar_model::Meta::last_known), and the signal is
        /// not retried. No effect on v2.0.
        pub fn last_known(mut self, last_known: bool) -> Self {
            self.options.last_known = last_known;
            self
        }
    };
}
pub(crate) use setters;
