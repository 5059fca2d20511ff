//! A batch that was answered.
//!
//! Invariant: a body that the description knows is the typed one, serialised
//! again; any other is as it came.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use smartcar_batch::__private::Noted;
use smartcar_batch::{EndpointInfo, PathResults, Reading, Response};

use super::verdict::Verdict;
use crate::{text, unknown};

/// What a vehicle answered.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) vehicle: String,
    #[serde(flatten, serialize_with = "noted")]
    pub(crate) response: Response<PathResults>,
}

/// With what the unknown paths among those that failed may mean.
fn noted<S: Serializer>(response: &Response<PathResults>, to: S) -> Result<S::Ok, S::Error> {
    let note = unknown::note;
    Noted { response, note }.serialize(to)
}

impl Report {
    /// What it means for a fleet, and for the exit code.
    pub(crate) fn verdict(&self) -> Verdict {
        let verdicts = self.response.data.iter().map(|(_, outcome)| match outcome {
            Ok(_) => Verdict::Good,
            Err(error) if error.retry_after().is_some() => Verdict::Waiting,
            Err(_) => Verdict::Partly,
        });
        verdicts.max().unwrap_or(Verdict::Good)
    }

    /// A path's body as JSON has it, on one line.
    pub(crate) fn body(&self, path: &str, reading: &Reading<Box<RawValue>>) -> Box<RawValue> {
        let known = EndpointInfo::of(path).and_then(|_| self.response.data.normalized(path));
        known.unwrap_or_else(|| text::compact_raw(&reading.body))
    }
}
