//! A line of a fleet's output, written and read again.
//!
//! Invariant: what a line says when it is read is what was known when it was
//! written.

use serde::Deserialize;

use crate::report::outcome::Outcome;
use crate::report::rows::{self, HEADER, Row};
use crate::report::verdict::Verdict;
use crate::text;

/// What a line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// One JSON object per vehicle and line: that of `smartcar batch --json`
    Ndjson,
    /// Rows for a spreadsheet: one per vehicle, path and field
    Csv,
}

/// What a line says of its vehicle.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) vehicle: String,
    pub(super) verdict: Verdict,
    /// The paths that it answers; none where the vehicle failed as a whole.
    pub(super) paths: Vec<String>,
    /// Whether it begins a vehicle, and whether it ends one.
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

impl Format {
    /// What stands above all lines.
    pub(super) fn header(self) -> Option<&'static str> {
        (self == Self::Csv).then_some(HEADER)
    }

    /// A vehicle's lines, with their ends.
    pub(super) fn lines(self, outcome: &Outcome) -> String {
        match self {
            Self::Ndjson => text::line(outcome) + "\n",
            Self::Csv => rows::rows(outcome),
        }
    }

    /// What a line says; `None` if no fleet wrote it.
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
    items: Option<Vec<Item>>,
    error: Option<Why>,
}

#[derive(Deserialize)]
struct Item {
    path: String,
    ok: bool,
    error: Option<Why>,
}

#[derive(Deserialize)]
struct Why {
    retry_after_seconds: Option<u64>,
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
    let waits = |why: &Option<Why>| {
        let why = why.as_ref();
        why.is_some_and(|why| why.retry_after_seconds.is_some())
    };
    let verdict = match &object.items {
        None => {
            object.error.as_ref()?;
            verdict(false, waits(&object.error), Verdict::Failed)
        }
        Some(items) => {
            let verdicts = items
                .iter()
                .map(|item| verdict(item.ok, waits(&item.error), Verdict::Partly));
            verdicts.max()?
        }
    };
    let items = object.items.into_iter().flatten();
    Some(Part {
        vehicle: object.vehicle,
        verdict,
        paths: items.map(|item| item.path).collect(),
        is_first: true,
        is_last: true,
    })
}

fn of_row(line: &str) -> Option<Part> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(line.as_bytes());
    let row: Row = reader.deserialize().next()?.ok()?;
    let otherwise = if row.path.is_empty() {
        Verdict::Failed
    } else {
        Verdict::Partly
    };
    let paths = Some(row.path).filter(|path| !path.is_empty());
    Some(Part {
        vehicle: row.vehicle,
        verdict: verdict(row.ok, row.retry_after_seconds.is_some(), otherwise),
        paths: paths.into_iter().collect(),
        is_first: row.number == 1,
        is_last: row.number == row.count,
    })
}

impl Part {
    /// A vehicle's lines as one.
    pub(super) fn and(mut self, next: Self) -> Self {
        self.verdict = self.verdict.max(next.verdict);
        for path in next.paths {
            // A path has a row for each of its fields.
            if self.paths.last() != Some(&path) {
                self.paths.push(path);
            }
        }
        self.is_last = next.is_last;
        self
    }
}
