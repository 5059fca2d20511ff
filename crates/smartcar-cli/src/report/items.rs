//! A batch with a response.
//!
//! Invariant: bodies in the spec are serialised from their types; all others are
//! shown unchanged.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use smartcar_batch::__private::Noted;
use smartcar_batch::{EndpointInfo, PathResults, Reading, Response};

use super::verdict::Verdict;
use crate::{text, unknown};

/// A vehicle's response.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) vehicle: String,
    #[serde(flatten, serialize_with = "noted")]
    pub(crate) response: Response<PathResults>,
}

/// Adds hints on unknown paths that failed.
fn noted<S: Serializer>(response: &Response<PathResults>, to: S) -> Result<S::Ok, S::Error> {
    let note = unknown::note;
    Noted { response, note }.serialize(to)
}

impl Report {
    /// The verdict, for the fleet's counts and the exit code.
    pub(crate) fn verdict(&self) -> Verdict {
        let verdicts = self.response.data.iter().map(|(_, outcome)| match outcome {
            Ok(_) => Verdict::Good,
            Err(error) if error.retry_after().is_some() => Verdict::Waiting,
            Err(_) => Verdict::Partly,
        });
        verdicts.max().unwrap_or(Verdict::Good)
    }

    /// A path's body as one line of JSON.
    pub(crate) fn body(&self, path: &str, reading: &Reading<Box<RawValue>>) -> Box<RawValue> {
        let known = EndpointInfo::of(path).and_then(|_| self.response.data.normalized(path));
        known.unwrap_or_else(|| text::compact_raw(&reading.body))
    }
}
