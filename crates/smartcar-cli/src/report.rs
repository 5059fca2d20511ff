//! What a batch gave, for scripts: the objects that `--json` prints.
//!
//! Invariant: the members, their order and their nulls are a contract; every
//! member is always written.

mod failed;
mod items;
mod rows;

use jiff::Timestamp;
use serde::Serialize;
use smartcar_batch::{Answers, FleetOutcome};

pub(crate) use failed::Failed;
pub(crate) use items::{Item, ItemBody, ItemFailure, Report};
pub(crate) use rows::{HEADER, Row, rows};

use crate::text;

/// What became of a vehicle, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// Every item was answered.
    Good,
    /// It was answered; some or all of its items failed.
    Partly,
    /// It, or one of its items, said how long to wait.
    Waiting,
    /// It was not answered.
    Failed,
}

/// What a vehicle of a fleet gave.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Outcome {
    /// It was answered.
    Answered(Report),
    /// It was not.
    Failed(Failed),
}

impl Outcome {
    /// Of what the façade gave.
    pub(crate) fn of(outcome: &FleetOutcome<Answers>) -> Self {
        let vehicle = outcome.vehicle.as_str();
        match &outcome.result {
            Ok(answered) => Self::Answered(Report::of(vehicle, answered, Timestamp::now())),
            Err(error) => Self::Failed(Failed::of(vehicle, error)),
        }
    }

    /// What became of it.
    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Self::Answered(report) => report.verdict(),
            Self::Failed(failed) => failed.verdict(),
        }
    }

    /// How many requests were charged.
    pub(crate) fn charged(&self) -> u32 {
        match self {
            Self::Answered(report) => report.charged,
            Self::Failed(failed) => failed.charged,
        }
    }
}

/// One line of JSON that a terminal can show.
pub(crate) fn line(object: &impl Serialize) -> String {
    // Our own structs have text keys and no fallible parts.
    let json = serde_json::to_string(object).unwrap_or_else(|_| "null".to_owned());
    text::compact(&json)
}
