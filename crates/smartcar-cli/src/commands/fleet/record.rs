//! Writes and parses the lines of fleet output.
//!
//! Invariant: parsing a written line gives back the same vehicle and items.

use serde::Deserialize;
use smartcar_batch::model::{ErrorInfo, Retry};

use crate::report::outcome::Outcome;
use crate::report::rows::{self, HEADER};
use crate::report::verdict::Verdict;
use crate::text;

/// The output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// One JSON object per vehicle and line, as `smartcar batch --json` prints it
    Ndjson,
    /// Spreadsheet rows, one per vehicle, path and field
    Csv,
}

/// The parsed contents of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) vehicle: String,
    pub(super) verdict: Verdict,
    /// The items; none if the vehicle failed as a whole.
    pub(super) items: Vec<Item>,
    /// The line's number within the vehicle, from 1, and the vehicle's number of lines.
    pub(super) number: usize,
    pub(super) count: usize,
}

/// The outcome of one path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) path: String,
    pub(super) ok: bool,
    /// Whether it failed but may succeed later.
    pub(super) may_pass: bool,
}

impl Format {
    /// The header line, if the format has one.
    pub(super) fn header(self) -> Option<&'static str> {
        (self == Self::Csv).then_some(HEADER)
    }

    /// A vehicle's lines, with their newlines.
    pub(super) fn lines(self, outcome: &Outcome) -> String {
        match self {
            Self::Ndjson => text::line(outcome) + "\n",
            Self::Csv => rows::rows(outcome),
        }
    }

    /// Parses a line; `None` if it is not fleet output.
    pub(super) fn read(self, line: &str) -> Option<Part> {
        match self {
            Self::Ndjson => of_json(line),
            Self::Csv => of_row(line),
        }
    }
}

#[derive(Deserialize)]
struct Object {
    vehicle: String,
    items: Option<Vec<JsonItem>>,
    error: Option<Why>,
}

#[derive(Deserialize)]
struct JsonItem {
    path: String,
    ok: bool,
    error: Option<Why>,
}

/// The error of a vehicle or item. Members that a fleet always writes are required.
#[derive(Deserialize)]
struct Why {
    kind: String,
    #[serde(rename = "type")]
    error_type: Option<String>,
    code: Option<String>,
    status: Option<u16>,
    #[serde(default)]
    retryable: bool,
    retry_after_seconds: Option<u64>,
}

impl Why {
    /// Whether a later request may succeed. It cannot if the API rejected this one for
    /// good, or if version 3 does not have the path.
    fn may_pass(&self) -> bool {
        match self.kind.as_str() {
            "api" => self.retryable || self.waits() || self.is_passing(),
            "not_on_v3" | "unsupported" => false,
            // No response, or one that could not be decoded.
            _ => true,
        }
    }

    fn waits(&self) -> bool {
        self.retry_after_seconds.is_some()
    }

    /// Decided by the error catalogue, else by the status. An exhausted quota passes:
    /// it is renewed next month.
    fn is_passing(&self) -> bool {
        let kind = self.error_type.as_deref();
        let row = kind.and_then(|kind| ErrorInfo::of(kind, self.code.as_deref()));
        match (self.status, row) {
            (Some(430), _) => true,
            (_, Some(row)) => row.retry != Retry::No,
            (status, None) => matches!(status, Some(408 | 409 | 429 | 500 | 502..=504)),
        }
    }
}

fn verdict(ok: bool, waits: bool, otherwise: Verdict) -> Verdict {
    match (ok, waits) {
        (true, _) => Verdict::Good,
        (false, true) => Verdict::Waiting,
        (false, false) => otherwise,
    }
}

fn of_json(line: &str) -> Option<Part> {
    let object: Object = serde_json::from_str(line).ok()?;
    let (verdict, items) = match object.items {
        None => {
            let why = object.error?;
            (verdict(false, why.waits(), Verdict::Failed), Vec::new())
        }
        Some(items) => {
            let mut worst = None;
            let mut read = Vec::with_capacity(items.len());
            for JsonItem { path, ok, error } in items {
                let why = if ok { None } else { Some(error?) };
                let waits = why.as_ref().is_some_and(Why::waits);
                worst = worst.max(Some(verdict(ok, waits, Verdict::Partly)));
                let may_pass = why.is_some_and(|why| why.may_pass());
                read.push(Item { path, ok, may_pass });
            }
            (worst?, read)
        }
    };
    Some(Part {
        vehicle: object.vehicle,
        verdict,
        items,
        number: 1,
        count: 1,
    })
}

fn of_row(line: &str) -> Option<Part> {
    let row = rows::read(line)?.pop()?;
    let otherwise = if row.path.is_empty() {
        Verdict::Failed
    } else {
        Verdict::Partly
    };
    let ok = row.ok;
    let why = Why {
        // A fleet always writes the kind of an error.
        kind: row.error_kind.or_else(|| ok.then(String::new))?,
        error_type: row.error_type,
        code: row.error_code,
        status: row.error_status,
        retryable: false,
        retry_after_seconds: row.retry_after_seconds,
    };
    let item = Item {
        may_pass: !ok && why.may_pass(),
        ok,
        path: row.path,
    };
    Some(Part {
        vehicle: row.vehicle,
        verdict: verdict(ok, why.waits(), otherwise),
        items: Some(item)
            .filter(|item| !item.path.is_empty())
            .into_iter()
            .collect(),
        number: row.number,
        count: row.count,
    })
    .filter(|part| (1..=part.count).contains(&part.number))
}

impl Part {
    /// Whether a line is this vehicle's next one.
    pub(super) fn continues_with(&self, next: &Self) -> bool {
        self.vehicle == next.vehicle
            && self.count == next.count
            && self.number + 1 == next.number
            && !next.items.is_empty()
    }

    /// Combines a vehicle's lines.
    pub(super) fn and(mut self, next: Self) -> Self {
        self.verdict = self.verdict.max(next.verdict);
        for item in next.items {
            // A path has one row per field.
            if self.items.last().is_none_or(|last| last.path != item.path) {
                self.items.push(item);
            }
        }
        self.number = next.number;
        self
    }
}
