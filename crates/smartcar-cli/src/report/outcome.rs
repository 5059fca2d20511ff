//! What a vehicle of a fleet gave: a report, or why there is none.
//!
//! Invariant: either object can stand on a line of its own.

use serde::Serialize;
use smartcar_batch::{FleetOutcome, PathResults};

use super::failed::Failed;
use super::items::Report;
use super::verdict::Verdict;

/// What a vehicle of a fleet gave.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Outcome {
    /// It was answered.
    Response(Report),
    /// It was not.
    Failed(Failed),
}

impl Outcome {
    /// Of what the façade gave.
    pub(crate) fn of(outcome: FleetOutcome<PathResults>, paths: &[String]) -> Self {
        let vehicle = outcome.vehicle.to_string();
        match outcome.result {
            Ok(response) => Self::Response(Report { vehicle, response }),
            Err(error) => Self::Failed(Failed::of(&vehicle, error).with_hints(paths)),
        }
    }

    /// The vehicle's id, where one is known.
    pub(crate) fn vehicle(&self) -> Option<&str> {
        match self {
            Self::Response(report) => Some(&report.vehicle),
            Self::Failed(failed) => failed.vehicle.as_deref(),
        }
    }

    /// What became of it.
    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Self::Response(report) => report.verdict(),
            Self::Failed(failed) => failed.verdict(),
        }
    }

    /// How many requests were charged.
    pub(crate) fn charged(&self) -> u32 {
        match self {
            Self::Response(report) => report.response.charged,
            Self::Failed(failed) => failed.error.charged(),
        }
    }
}
