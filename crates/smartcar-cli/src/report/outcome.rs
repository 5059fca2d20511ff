//! The outcome of a vehicle in a fleet: a report or an error.
//!
//! Invariant: both serialise to one line of JSON.

use serde::Serialize;
use smartcar_batch::{FleetOutcome, PathResults};

use super::failed::Failed;
use super::items::Report;
use super::verdict::Verdict;

/// The outcome of a vehicle in a fleet.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Outcome {
    /// There was a response.
    Response(Report),
    /// There was none.
    Failed(Failed),
}

impl Outcome {
    /// From the library's outcome.
    pub(crate) fn of(outcome: FleetOutcome<PathResults>, paths: &[String]) -> Self {
        let vehicle = outcome.vehicle.to_string();
        match outcome.result {
            Ok(response) => Self::Response(Report { vehicle, response }),
            Err(error) => Self::Failed(Failed::of(&vehicle, error).with_hints(paths)),
        }
    }

    /// The vehicle's ID, if it is known.
    pub(crate) fn vehicle(&self) -> Option<&str> {
        match self {
            Self::Response(report) => Some(&report.vehicle),
            Self::Failed(failed) => failed.vehicle.as_deref(),
        }
    }

    /// The verdict for the fleet's counts.
    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Self::Response(report) => report.verdict(),
            Self::Failed(failed) => failed.verdict(),
        }
    }

    /// Number of requests charged.
    pub(crate) fn charged(&self) -> u32 {
        match self {
            Self::Response(report) => report.response.charged,
            Self::Failed(failed) => failed.error.charged(),
        }
    }
}
