//! What a batch gave, for a person.
//!
//! Invariant: numbers are rounded here only; JSON and CSV keep every digit.

use jiff::Timestamp;
use smartcar_batch::EndpointInfo;

use crate::age::{self, UNKNOWN};
use crate::fold::fold;
use crate::grid::{Cell, Grid, Look};
use crate::report::items::{Item, ItemBody, ItemFailure, Report};
use crate::{fields, number, output, text};

/// The table of a batch: a row for each field, then what it took.
pub(crate) fn batch(report: &Report, now: Timestamp) -> String {
    let mut grid = Grid::new(&["path", "field", "value", "unit", "age"]);
    for item in &report.items {
        match item {
            Item::Good(body) => {
                for row in body_rows(body, now) {
                    grid.add(row);
                }
            }
            Item::Bad(failure) => grid.add(error_row(failure)),
        }
    }
    let good = report.items.iter().filter(|item| item.is_good()).count();
    let last = format!(
        "{good} of {} items good, {} charged, request id {}",
        report.items.len(),
        text::count(report.charged.into(), "request"),
        report
            .request_id
            .as_deref()
            .map_or_else(|| UNKNOWN.to_owned(), text::shown),
    );
    let last = match output::width() {
        Some(columns) => fold(&last, columns).join("\n"),
        None => last,
    };
    format!("{}\n\n{last}", grid.render())
}

fn body_rows(item: &ItemBody, now: Timestamp) -> Vec<Vec<Cell>> {
    let age = age::ago(item.source.age_at(now));
    let row = |field: &str, value: String, unit: String| {
        vec![
            Cell::key(&item.path),
            Cell::plain(field),
            Cell::plain(value),
            Cell::plain(unit),
            Cell::new(&age, Look::Faint),
        ]
    };
    let Some(info) = EndpointInfo::of(&item.path) else {
        return vec![row("body", item.body.get().to_owned(), UNKNOWN.to_owned())];
    };
    fields::of(info, &item.body)
        .into_iter()
        .map(|field| {
            let unit = fields::unit(info, &field.pattern, item.source.unit_system.as_ref());
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

fn error_row(item: &ItemFailure) -> Vec<Cell> {
    let error = &item.error;
    let status = error.status.map(|status| status.to_string());
    let head = [
        status.as_ref(),
        error.error_type.as_ref(),
        error.code.as_ref(),
    ];
    let mut words: Vec<_> = head.into_iter().flatten().map(String::as_str).collect();
    if words.is_empty() {
        words.push(error.kind);
    }
    let mut value = words.join(" ");
    if let Some(description) = &error.description {
        value.push_str(&format!(": {description}"));
    }
    if let Some(hint) = error.hint {
        value.push_str(&format!(" [{hint}"));
        if let Some(seconds) = error.retry_after_seconds {
            let wait = std::time::Duration::from_secs(seconds);
            value.push_str(&format!(", in {}", age::span(wait)));
        }
        value.push(']');
    }
    vec![
        Cell::key(&item.path),
        Cell::new("error", Look::Error),
        Cell::new(text::shown(&value), Look::Error),
        Cell::plain(UNKNOWN),
        Cell::plain(UNKNOWN),
    ]
}
