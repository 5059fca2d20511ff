//! How a call was split into HTTP requests.
//!
//! Invariant: it describes the first attempt. Retries only request what failed.

use std::fmt;

/// How a call was split into HTTP requests: [`crate::Response::plan`].
///
/// Version 3 of the API has no batch. The client chooses the cheapest way, based
/// on `ClientBuilder::signals_cost` of `smartcar_batch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Plan {
    /// Nothing was sent, because version 3 does not offer any requested path.
    Nothing,
    /// One batch request of v2.0.
    Batch,
    /// One request for one endpoint of v2.0.
    Endpoint,
    /// Version 3: one request for all signals in the store.
    Signals,
    /// Version 3: this number of requests, each for one signal.
    Singles(u32),
    /// Version 3: requests for the vehicle or its connection only, and no
    /// signals.
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
