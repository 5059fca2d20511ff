//! CSV rows for spreadsheets, one per field.
//!
//! Invariant: every row is one line, and a vehicle's rows are numbered, so that
//! truncation can be detected.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use smartcar_batch::{EndpointInfo, Meta};

use super::items::Report;
use super::outcome::Outcome;
use super::said::Said;
use crate::{fields, text};

/// The header line: the members of [`Row`], in order.
pub(crate) const HEADER: &str = "vehicle,path,ok,field,value,unit,data_age,fetched_at,\
    error_kind,error_type,error_code,error_status,error_description,retry_after_seconds,row,rows";

/// A field of an item, an item that failed, or a vehicle that failed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) vehicle: String,
    /// Empty if the vehicle failed as a whole.
    pub(crate) path: String,
    pub(crate) ok: bool,
    field: String,
    value: Option<String>,
    unit: Option<String>,
    data_age: Option<String>,
    fetched_at: Option<String>,
    pub(crate) error_kind: Option<String>,
    pub(crate) error_type: Option<String>,
    pub(crate) error_code: Option<String>,
    pub(crate) error_status: Option<u16>,
    error_description: Option<String>,
    pub(crate) retry_after_seconds: Option<u64>,
    /// Number of the row within the vehicle, from 1.
    #[serde(rename = "row")]
    pub(crate) number: usize,
    /// Number of rows of the vehicle.
    #[serde(rename = "rows")]
    pub(crate) count: usize,
}

/// A vehicle's rows as CSV lines.
pub(crate) fn rows(outcome: &Outcome) -> String {
    let (vehicle, mut rows) = match outcome {
        Outcome::Response(report) => (report.vehicle.as_str(), of_report(report)),
        Outcome::Failed(failed) => {
            let row = Row::of(Said::of_batch(&failed.error));
            (failed.vehicle.as_deref().unwrap_or_default(), vec![row])
        }
    };
    for row in &mut rows {
        vehicle.clone_into(&mut row.vehicle);
        row.keep_to_one_line();
    }
    written(rows)
}

/// Numbers the rows and writes them as CSV lines.
pub(crate) fn written(mut rows: Vec<Row>) -> String {
    let count = rows.len();
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    for (place, row) in rows.iter_mut().enumerate() {
        (row.number, row.count) = (place + 1, count);
        writer
            .serialize(row)
            .expect("writing plain cells to memory cannot fail");
    }
    let lines = writer.into_inner().expect("flushing memory cannot fail");
    String::from_utf8(lines).expect("CSV of UTF-8 cells is UTF-8")
}

/// Parses CSV lines; `None` if one of them is not a row.
pub(crate) fn read(lines: &str) -> Option<Vec<Row>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(lines.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().ok()
}

fn of_report(report: &Report) -> Vec<Row> {
    let items = report.response.data.iter();
    let rows = items.flat_map(|(path, outcome)| match outcome {
        Ok(reading) => of_body(path, &reading.meta, &report.body(path, reading)),
        Err(error) => vec![Row {
            path: path.to_owned(),
            ..Row::of(Said::of_item(path, error))
        }],
    });
    rows.collect()
}

fn of_body(path: &str, meta: &Meta, body: &RawValue) -> Vec<Row> {
    let row = |field: String, value: Option<String>, unit: Option<String>| Row {
        path: path.to_owned(),
        ok: true,
        field,
        value,
        unit,
        data_age: meta.data_age.map(|moment| moment.to_string()),
        fetched_at: meta.fetched_at.map(|moment| moment.to_string()),
        ..Row::default()
    };
    let Some(info) = EndpointInfo::of(path) else {
        // Its fields are not known.
        return vec![row("body".to_owned(), Some(body.get().to_owned()), None)];
    };
    let fields = fields::of(info, body).into_iter();
    fields
        .map(|field| {
            let unit = fields::unit(info, &field.pattern, meta.unit_system.as_ref());
            row(field.name, field.value, unit)
        })
        .collect()
}

impl Row {
    /// Fills in an error's cells.
    fn of(said: Said) -> Self {
        Self {
            error_kind: Some(said.kind),
            error_type: said.error_type,
            error_code: said.code,
            error_status: said.status,
            error_description: said.description,
            retry_after_seconds: said.retry_after_seconds,
            ..Self::default()
        }
    }

    /// Escapes newlines and control characters in foreign text.
    fn keep_to_one_line(&mut self) {
        let texts = [&mut self.value, &mut self.error_description];
        let codes = [&mut self.error_type, &mut self.error_code];
        let cells = texts.into_iter().chain(codes).flatten();
        for cell in cells.chain([&mut self.vehicle, &mut self.path, &mut self.field]) {
            *cell = text::shown(cell);
        }
    }
}
