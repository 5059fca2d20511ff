//! Classifies the end of a file that has no final newline.
//!
//! Invariant: only a text that a fleet could have continued counts as an
//! incomplete record.

use serde::de::IgnoredAny;
use smartcar_batch::{EndpointInfo, VehicleId};

use super::record::{Format, Part};

/// The start of every NDJSON record.
const START: &str = "{\"vehicle\":\"";

/// What follows the vehicle, in a response or in a failure.
const SECOND: [&str; 2] = [",\"request_id\":", ",\"error\":"];

/// The number of CSV columns. The last two are the row numbers.
const COLUMNS: usize = 16;

/// The end of a file without a final newline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// Complete except for the newline.
    Whole,
    /// An incomplete line.
    Beginning,
    /// Not fleet output.
    Foreign,
}

impl Tail {
    /// Classifies a line, which may be the first one or follow other rows of the same
    /// vehicle. `paths` is the number of requested paths.
    pub(super) fn of(
        format: Format,
        bytes: &[u8],
        is_first: bool,
        open: Option<&Part>,
        paths: usize,
    ) -> Self {
        let (text, is_text) = match str::from_utf8(bytes) {
            Ok(text) => (text, true),
            // Cut within a UTF-8 character.
            Err(error) if error.error_len().is_none() => {
                let valid = &bytes[..error.valid_up_to()];
                (str::from_utf8(valid).unwrap_or_default(), false)
            }
            Err(_) => return Self::Foreign,
        };
        let (is_whole, is_beginning) = match (format, format.header()) {
            (_, Some(header)) if is_first => (text == header, header.starts_with(text)),
            (Format::Ndjson, _) => (format.read(text).is_some(), begins_object(text)),
            (Format::Csv, _) => {
                let part = format.read(text);
                let is_whole = part.is_some_and(|part| is_whole_row(&part, open, paths));
                (is_whole, begins_row(text, open))
            }
        };
        if is_whole && is_text {
            Self::Whole
        } else if is_beginning {
            Self::Beginning
        } else {
            Self::Foreign
        }
    }
}

fn begins_object(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(START) else {
        return START.starts_with(text);
    };
    let ends_early = serde_json::from_str::<IgnoredAny>(text).is_err_and(|error| error.is_eof());
    let mut is_escaped = false;
    let end = rest.find(|letter| {
        let ends = letter == '"' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        ends
    });
    let rest = end.map_or("", |end| &rest[end + 1..]);
    let goes_on = |second: &&str| rest.starts_with(*second) || second.starts_with(rest);
    ends_early && SECOND.iter().any(goes_on)
}

/// Whether a row is complete. Its last cell is a number, which may itself be cut.
fn is_whole_row(part: &Part, open: Option<&Part>, paths: usize) -> bool {
    if let Some(open) = open {
        return open.continues_with(part);
    }
    if (part.number, part.count) != (1, 1) {
        return part.number == 1;
    }
    // `1` is the only row, or a cut number: the first of ten or more rows.
    match part.items.first() {
        None => true,
        Some(_) if paths > 1 => false,
        Some(item) if !item.ok => true,
        Some(item) => EndpointInfo::of(&item.path).is_none_or(|info| {
            let has_list = info.fields.iter().any(|field| field.name.contains('['));
            info.fields.len() < 10 && !has_list
        }),
    }
}

fn begins_row(text: &str, open: Option<&Part>) -> bool {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let Some(Ok(row)) = reader.records().next() else {
        return false;
    };
    let last = row.len() - 1;
    let cell = |place: usize| row.get(place).filter(|_| place <= last);
    // A cell that is present, complete or not.
    let is_of = |place: usize, words: &[&str]| {
        cell(place).is_none_or(|cell| {
            let mut words = words.iter();
            words.any(|word| *word == cell || (place == last && word.starts_with(cell)))
        })
    };
    let vehicle = cell(0).unwrap_or_default();
    let has_vehicle = match open {
        Some(open) => is_of(0, &[&open.vehicle]),
        None => VehicleId::new(vehicle).is_ok(),
    };
    let has_path = cell(1).is_none_or(|path| path.is_empty() || path.starts_with('/'));
    let has_numbers = (COLUMNS - 2..COLUMNS)
        .filter_map(cell)
        .all(|number| number.bytes().all(|digit| digit.is_ascii_digit()));
    row.len() <= COLUMNS && has_vehicle && has_path && is_of(2, &["true", "false"]) && has_numbers
}
