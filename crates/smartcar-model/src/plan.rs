//! How a call became HTTP requests.
//!
//! Invariant: it tells what the first attempt did; later ones ask only what
//! failed.

use std::fmt;

/// How a call became HTTP requests: [`crate::Response::plan`].
///
/// Version 3 of the API has no batch: the client chooses what costs least by
/// `ClientBuilder::signals_cost` of `smartcar_batch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Plan {
    /// Nothing was sent: version 3 has nothing of what was asked.
    Nothing,
    /// One batch request of v2.0.
    Batch,
    /// One request for one endpoint of v2.0.
    Endpoint,
    /// Version 3: one request for every signal of the store.
    Signals,
    /// Version 3: so many requests for one signal each.
    Singles(u32),
    /// Version 3: the vehicle or its connection alone, and no signal.
    Resources,
}

impl Plan {
    /// `nothing`, `batch`, `endpoint`, `signals`, `singles` or `resources`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Batch => "batch",
            Self::Endpoint => "endpoint",
            Self::Signals => "signals",
            Self::Singles(_) => "singles",
            Self::Resources => "resources",
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Singles(count) => write!(f, "singles ({count})"),
            _ => f.write_str(self.name()),
        }
    }
}
