//! What a vehicle gave, for spreadsheets: a row a field.
//!
//! Invariant: a row is one line whatever it holds, and a vehicle's rows are
//! numbered, so that a file that was cut off shows it.

use serde::{Deserialize, Serialize};
use smartcar_batch::EndpointInfo;

use super::items::Item;
use super::outcome::Outcome;
use crate::{fields, text};

/// The first line of a file: the members of [`Row`], in their order.
pub(crate) const HEADER: &str = "vehicle,path,ok,field,value,unit,data_age,fetched_at,\
    error_kind,error_type,error_code,error_status,error_description,retry_after_seconds,row,rows";

/// A field of an item, an item that failed, or a vehicle that failed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) vehicle: String,
    /// Empty where the vehicle failed as a whole.
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
    /// From 1 on, within the vehicle.
    #[serde(rename = "row")]
    pub(crate) number: usize,
    /// How many rows the vehicle has.
    #[serde(rename = "rows")]
    pub(crate) count: usize,
}

/// The rows of a vehicle as lines of CSV.
pub(crate) fn rows(outcome: &Outcome) -> String {
    let mut rows = match outcome {
        Outcome::Response(report) => report.items.iter().flat_map(of_item).collect(),
        Outcome::Failed(failed) => {
            let error = &failed.error;
            vec![Row {
                error_kind: Some(error.kind.to_owned()),
                error_type: error.error_type.clone(),
                error_code: error.code.clone(),
                error_status: error.status,
                error_description: Some(error.description.clone()),
                retry_after_seconds: error.retry_after_seconds,
                ..Row::default()
            }]
        }
    };
    let vehicle = match outcome {
        Outcome::Response(report) => report.vehicle.as_str(),
        Outcome::Failed(failed) => failed.vehicle.as_deref().unwrap_or_default(),
    };
    for row in &mut rows {
        vehicle.clone_into(&mut row.vehicle);
        row.keep_to_one_line();
    }
    written(rows)
}

/// Rows as lines of CSV, numbered.
pub(crate) fn written(mut rows: Vec<Row>) -> String {
    let count = rows.len();
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    for (place, row) in rows.iter_mut().enumerate() {
        (row.number, row.count) = (place + 1, count);
        writer
            .serialize(row)
            .expect("memory takes any row of plain cells");
    }
    let lines = writer.into_inner().expect("memory can be flushed");
    String::from_utf8(lines).expect("CSV of texts is a text")
}

/// Lines of CSV as rows; `None` if one of them is not a row.
pub(crate) fn read(lines: &str) -> Option<Vec<Row>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(lines.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().ok()
}

fn of_item(item: &Item) -> Vec<Row> {
    let body = match item {
        Item::Bad(item) => {
            let error = &item.error;
            return vec![Row {
                path: item.path.clone(),
                error_kind: Some(error.kind.to_owned()),
                error_type: error.error_type.clone(),
                error_code: error.code.clone(),
                error_status: error.status,
                error_description: error.description.clone(),
                retry_after_seconds: error.retry_after_seconds,
                ..Row::default()
            }];
        }
        Item::Good(body) => body,
    };
    let row = |field: String, value: Option<String>, unit: Option<String>| Row {
        path: body.path.clone(),
        ok: true,
        field,
        value,
        unit,
        data_age: body.meta.data_age.clone(),
        fetched_at: body.meta.fetched_at.clone(),
        ..Row::default()
    };
    let Some(info) = EndpointInfo::of(&body.path) else {
        // Nobody knows its fields.
        return vec![row(
            "body".to_owned(),
            Some(body.body.get().to_owned()),
            None,
        )];
    };
    let system = body.source.unit_system.as_ref();
    let fields = fields::of(info, &body.body).into_iter();
    fields
        .map(|field| {
            let unit = fields::unit(info, &field.pattern, system);
            row(field.name, field.value, unit)
        })
        .collect()
}

impl Row {
    /// What others wrote can hold line ends, and what a terminal minds.
    fn keep_to_one_line(&mut self) {
        let texts = [&mut self.value, &mut self.error_description];
        let codes = [&mut self.error_type, &mut self.error_code];
        let cells = texts.into_iter().chain(codes).flatten();
        for cell in cells.chain([&mut self.vehicle, &mut self.path, &mut self.field]) {
            *cell = text::shown(cell);
        }
    }
}
