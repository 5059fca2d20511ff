//! A batch that was answered: an object an item, in the order asked.
//!
//! Invariant: a body that the description knows is the typed one, serialised
//! again; any other is as it came.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use smartcar_batch::model::nearest_path;
use smartcar_batch::{
    ApiError, EndpointInfo, ItemError, Meta, PathResults, Reading, Response, UnitSystem, Warning,
};

use super::verdict::Verdict;
use crate::age::whole_seconds;
use crate::hint::hint;
use crate::{text, unknown};

/// The object that stands for the batch.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(super) vehicle: String,
    pub(crate) request_id: Option<String>,
    attempts: u32,
    pub(crate) warnings: Vec<Odd>,
    pub(crate) items: Vec<Item>,
    #[serde(skip)]
    pub(crate) charged: u32,
}

/// An answer that stands in nobody's place.
#[derive(Debug, Serialize)]
pub(crate) struct Odd {
    pub(crate) path: String,
    pub(crate) kind: &'static str,
}

/// What became of one path.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Item {
    /// It was answered.
    Good(ItemBody),
    /// It was not, or not readably.
    Bad(ItemFailure),
}

/// The body of a path, and what the API says about it.
#[derive(Debug, Serialize)]
pub(crate) struct ItemBody {
    pub(crate) path: String,
    ok: bool,
    pub(crate) body: Box<RawValue>,
    pub(super) meta: About,
    /// As the table needs it.
    #[serde(skip)]
    pub(crate) source: Meta,
}

#[derive(Debug, Serialize)]
pub(super) struct About {
    pub(super) data_age: Option<String>,
    pub(super) fetched_at: Option<String>,
    unit_system: Option<String>,
}

/// Why a path has no body.
#[derive(Debug, Serialize)]
pub(crate) struct ItemFailure {
    pub(crate) path: String,
    ok: bool,
    pub(crate) error: Why,
}

/// The error of one item.
#[derive(Debug, Serialize)]
pub(crate) struct Why {
    pub(crate) kind: &'static str,
    #[serde(rename = "type")]
    pub(crate) error_type: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) description: Option<String>,
    resolution: Option<String>,
    retryable: bool,
    pub(crate) retry_after_seconds: Option<u64>,
    /// What a person can do about it.
    #[serde(skip)]
    pub(crate) hint: Option<&'static str>,
}

impl Report {
    /// What a vehicle answered.
    pub(crate) fn of(vehicle: &str, answered: &Response<PathResults>, now: Timestamp) -> Self {
        let items = answered.data.iter();
        Self {
            vehicle: vehicle.to_owned(),
            request_id: answered.request_id.clone(),
            attempts: answered.requests,
            warnings: answered.warnings.iter().map(Odd::of).collect(),
            items: items
                .map(|(path, outcome)| {
                    // A signal is shown as it came, unknown members included.
                    let known = EndpointInfo::of(path).is_some();
                    let body = known.then(|| answered.data.normalized(path)).flatten();
                    Item::of(path, outcome, body, now)
                })
                .collect(),
            charged: answered.charged,
        }
    }

    /// What it means for a fleet, and for the exit code.
    pub(crate) fn verdict(&self) -> Verdict {
        let verdicts = self.items.iter().map(|item| match item {
            Item::Good(_) => Verdict::Good,
            Item::Bad(failure) if failure.error.retry_after_seconds.is_some() => Verdict::Waiting,
            Item::Bad(_) => Verdict::Partly,
        });
        verdicts.max().unwrap_or(Verdict::Good)
    }
}

impl Odd {
    fn of(warning: &Warning) -> Self {
        Self {
            path: warning.path.clone(),
            kind: warning.kind.as_str(),
        }
    }
}

impl Item {
    fn of(
        path: &str,
        outcome: Result<&Reading<Box<RawValue>>, &ItemError>,
        normalised: Option<Box<RawValue>>,
        now: Timestamp,
    ) -> Self {
        match outcome {
            Ok(reading) => Self::Good(ItemBody {
                path: path.to_owned(),
                ok: true,
                body: normalised.unwrap_or_else(|| text::compact_raw(&reading.body)),
                meta: About::of(&reading.meta),
                source: reading.meta.clone(),
            }),
            Err(error) => Self::Bad(ItemFailure {
                path: path.to_owned(),
                ok: false,
                error: Why::of(path, error, now),
            }),
        }
    }

    /// Whether it was answered.
    pub(crate) fn is_good(&self) -> bool {
        matches!(self, Self::Good(_))
    }
}

impl About {
    fn of(meta: &Meta) -> Self {
        Self {
            data_age: meta.data_age.map(|moment| moment.to_string()),
            fetched_at: meta.fetched_at.map(|moment| moment.to_string()),
            unit_system: meta.unit_system.as_ref().map(UnitSystem::to_string),
        }
    }
}

impl Why {
    fn of(path: &str, error: &ItemError, now: Timestamp) -> Self {
        let api = error.api_error();
        let (kind, description) = match error {
            ItemError::Api(error) => ("api", error.description.clone()),
            ItemError::Malformed(malformed) => ("malformed", Some(malformed.to_string())),
            ItemError::Unsupported(missing) => ("not_on_v3", Some(missing.to_string())),
            // Missing, and whatever comes later: its own words.
            other => ("missing", Some(other.to_string())),
        };
        let is_told = matches!(error, ItemError::NotAvailable(_)) && nearest_path(path).is_some();
        let description = match unknown::hint(path) {
            Some(hint) if !is_told => {
                Some(description.map_or_else(String::new, |words| words + "; ") + &hint)
            }
            _ => description,
        };
        let wait = error.retry_after().map(|wait| wait.delay_from(now));
        Self {
            kind,
            error_type: api.and_then(|error| error.error_type.clone()),
            code: api.and_then(|error| error.code.clone()),
            status: error.status(),
            description,
            resolution: api.and_then(ApiError::resolution_type).map(str::to_owned),
            retryable: error.is_retryable(),
            retry_after_seconds: wait.map(whole_seconds),
            hint: api.and_then(hint),
        }
    }
}
