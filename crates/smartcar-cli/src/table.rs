//! The result of a batch as a table.
//!
//! Invariant: numbers are rounded only here; JSON and CSV keep every digit.

use jiff::Timestamp;
use serde_json::value::RawValue;
use smartcar_batch::{EndpointInfo, ItemError, Meta, PathResults, Response};

use crate::age::{self, UNKNOWN};
use crate::fold::fold;
use crate::grid::{Cell, Grid, Look};
use crate::hint::hint;
use crate::report::items::Report;
use crate::report::said::Said;
use crate::{fields, number, output, text};

/// The table of a batch: one row per field, then the charge and request ID.
pub(crate) fn batch(report: &Report, now: Timestamp) -> String {
    let response = &report.response;
    let mut grid = Grid::new(&["path", "field", "value", "unit", "age"]);
    let mut good = 0;
    for (path, outcome) in response.data.iter() {
        match outcome {
            Ok(reading) => {
                good += 1;
                let body = report.body(path, reading);
                for row in body_rows(path, &reading.meta, &body, now) {
                    grid.add(row);
                }
            }
            Err(error) => grid.add(error_row(path, "error", error)),
        }
        let members = response.member_errors().iter();
        for member in members.filter(|member| member.path == path) {
            grid.add(error_row(path, &text::shown(&member.member), &member.error));
        }
    }
    let id = response.request_id.as_deref();
    let last = format!(
        "{good} of {} items ok, {} charged, request ID {}",
        response.data.len(),
        text::count(response.charged.into(), "request"),
        id.map_or_else(|| UNKNOWN.to_owned(), text::shown),
    );
    let lines: Vec<_> = stopped(response).into_iter().chain([last]).collect();
    let lines = match output::width() {
        Some(columns) => lines.iter().flat_map(|line| fold(line, columns)).collect(),
        None => lines,
    };
    format!("{}\n\n{}", grid.render(), lines.join("\n"))
}

/// Why failed items were not retried, and when to retry them.
fn stopped(response: &Response<PathResults>) -> Option<String> {
    let reason = response.stop_reason.as_ref()?;
    let mut line = text::shown(&format!("not retried: {reason}"));
    if let Some(moment) = response.retry_at {
        line.push_str(&format!("; retry at {moment:.0}"));
    }
    Some(line)
}

fn body_rows(path: &str, meta: &Meta, body: &RawValue, now: Timestamp) -> Vec<Vec<Cell>> {
    let age = age::ago(meta.age_at(now));
    let row = |field: &str, value: String, unit: String| {
        vec![
            Cell::key(path),
            Cell::plain(field),
            Cell::plain(value),
            Cell::plain(unit),
            Cell::new(&age, Look::Faint),
        ]
    };
    let Some(info) = EndpointInfo::of(path) else {
        return vec![row("body", body.get().to_owned(), UNKNOWN.to_owned())];
    };
    fields::of(info, body)
        .into_iter()
        .map(|field| {
            let unit = fields::unit(info, &field.pattern, meta.unit_system.as_ref());
            let value = field.value.map(|value| {
                if field.is_number {
                    number::rounded(&value, unit.as_deref())
                } else {
                    text::shown(&value)
                }
            });
            let or_dash = |cell: Option<String>| cell.unwrap_or_else(|| UNKNOWN.to_owned());
            row(&text::shown(&field.name), or_dash(value), or_dash(unit))
        })
        .collect()
}

fn error_row(path: &str, field: &str, error: &ItemError) -> Vec<Cell> {
    let said = Said::of_item(path, error);
    let mut value = said.head();
    if value.is_empty() {
        value = said.kind;
    }
    if let Some(description) = &said.description {
        value.push_str(&format!(": {description}"));
    }
    if let Some(hint) = error.api_error().and_then(hint) {
        value.push_str(&format!(" [{hint}"));
        if let Some(seconds) = said.retry_after_seconds {
            let wait = std::time::Duration::from_secs(seconds);
            value.push_str(&format!(", in {}", age::span(wait)));
        }
        value.push(']');
    }
    vec![
        Cell::key(path),
        Cell::new(field, Look::Error),
        Cell::new(text::shown(&value), Look::Error),
        Cell::plain(UNKNOWN),
        Cell::plain(UNKNOWN),
    ]
}
