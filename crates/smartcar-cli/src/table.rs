//! What a person reads: tables.
//!
//! Invariant: where stdout is no terminal, a row is one line without colours,
//! so that `grep` and `cut` see what a person sees.

use comfy_table::{
    Attribute, Cell, Color, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle,
};
use jiff::Timestamp;
use smartcar_batch::EndpointInfo;

use crate::age::{self, UNKNOWN};
use crate::fields;
use crate::output;
use crate::report::items::{Item, ItemBody, ItemFailure, Report};
use crate::text;

/// The table of a batch: a row a field, then what it took.
pub(crate) fn batch(report: &Report, now: Timestamp) -> String {
    let mut table = new(&["path", "field", "value", "unit", "age"]);
    for item in &report.items {
        match item {
            Item::Good(body) => {
                for row in body_rows(body, now) {
                    table.add_row(row);
                }
            }
            Item::Bad(failure) => {
                table.add_row(error_row(failure));
            }
        }
    }
    let good = report.items.iter().filter(|item| item.is_good()).count();
    format!(
        "{}\n\n{good} of {} items good, {} {} charged, request id {}",
        render(&table),
        report.items.len(),
        report.charged,
        if report.charged == 1 {
            "request"
        } else {
            "requests"
        },
        report
            .request_id
            .as_deref()
            .map_or_else(|| UNKNOWN.to_owned(), text::shown),
    )
}

fn body_rows(item: &ItemBody, now: Timestamp) -> Vec<Vec<Cell>> {
    let age = age::ago(item.source.age_at(now));
    let row = |field: &str, value: String, unit: String| {
        vec![
            Cell::new(&item.path).fg(Color::Cyan),
            Cell::new(field),
            Cell::new(value),
            Cell::new(unit),
            Cell::new(&age).add_attribute(Attribute::Dim),
        ]
    };
    let Some(info) = EndpointInfo::of(&item.path) else {
        return vec![row("body", item.body.get().to_owned(), UNKNOWN.to_owned())];
    };
    fields::of(info, &item.body)
        .into_iter()
        .map(|field| {
            let unit = fields::unit(info, &field.pattern, item.source.unit_system.as_ref());
            let or_dash = |cell: Option<String>| cell.unwrap_or_else(|| UNKNOWN.to_owned());
            let value = or_dash(field.value.as_deref().map(text::shown));
            row(&text::shown(&field.name), value, or_dash(unit))
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
        Cell::new(&item.path).fg(Color::Cyan),
        Cell::new("error").fg(Color::Red),
        Cell::new(text::shown(&value)).fg(Color::Red),
        Cell::new(UNKNOWN),
        Cell::new(UNKNOWN),
    ]
}

/// The table of endpoints: a row each.
pub(crate) fn endpoints(rows: &[&EndpointInfo]) -> String {
    let mut table = new(&["path", "type", "permission", "makes", "fields"]);
    for info in rows {
        let makes = if info.makes.is_empty() {
            "any".to_owned()
        } else {
            info.makes.join(", ")
        };
        let fields: Vec<_> = info
            .fields
            .iter()
            .map(|field| {
                let optional = if field.optional { "?" } else { "" };
                let unit = field
                    .unit
                    .map(|unit| fields::both(unit.metric, unit.imperial));
                let unit = unit.map(|unit| format!(" ({unit})")).unwrap_or_default();
                format!("{}{optional}{unit}", field.name)
            })
            .collect();
        table.add_row(vec![
            Cell::new(info.path).fg(Color::Cyan),
            Cell::new(info.type_name),
            Cell::new(info.permission.unwrap_or("none")),
            Cell::new(makes),
            Cell::new(fields.join(", ")),
        ]);
    }
    render(&table)
}

fn new(header: &[&str]) -> Table {
    /// In a terminal of fewer columns, its own line breaks read better.
    const NARROWEST: u16 = 60;
    let mut table = Table::new();
    table.load_style(TableStyle::new());
    match table.width().filter(|width| *width >= NARROWEST) {
        Some(width) if output::is_terminal() => {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            // Told, since without colours the table would not look for it.
            table.set_width(width);
            table.style_mut().header_separator = LineStyle::none().fill('─').junction('─');
        }
        _ => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    if output::has_colours() {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    let bold = |name: &&str| Cell::new(name).add_attribute(Attribute::Bold);
    table.set_header(header.iter().map(bold).collect::<Vec<_>>());
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    if let Some(path) = table.column_mut(0) {
        // A path is there to be copied: it is never broken.
        path.set_constraint(ColumnConstraint::ContentWidth);
    }
    table
}

/// Without the blanks that fill the last column.
fn render(table: &Table) -> String {
    let lines: Vec<_> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n")
}
