//! A deviation in words.
//!
//! Invariant: says what differs and never what the value was.

use super::tally::{Found, Kind};

/// One line; `place` is where in the answer.
pub fn message(place: &str, kind: &Kind, found: &Found) -> String {
    match kind {
        Kind::UnknownPath => "path that the spec does not know".to_owned(),
        Kind::DuplicatePath => "second item for this path in one answer".to_owned(),
        Kind::Status(Some(status)) => format!("status {status} is neither 200 nor an error's"),
        Kind::Status(None) => "status is no number that HTTP knows".to_owned(),
        Kind::NoBody => format!("{place} has no body"),
        Kind::StatusDiffers => format!("{place} is not the status of its answer"),
        Kind::ErrorPair { kind, code, status } => {
            let code = code
                .as_ref()
                .map_or_else(|| "null".to_owned(), ToString::to_string);
            let status = status.map_or_else(|| "no status".to_owned(), |s| format!("status {s}"));
            format!("unlisted error: type {kind}, code {code}, {status}")
        }
        Kind::UnknownHeader(word) => {
            format!("undeclared header {word}: {}", found.shape.describe())
        }
        Kind::UnknownMember(word) => {
            format!(
                "unknown member {word} of {place}: {}",
                found.shape.describe()
            )
        }
        Kind::Missing(name) => format!("required member `{name}` of {place} is missing"),
        Kind::Null => format!("{place} is null, which the spec does not allow"),
        Kind::WrongType { declared, seen } => {
            format!("{place} is declared {declared}, seen: {}", seen.name())
        }
        Kind::NotDateTime { date: true } => {
            format!("{place} is declared date-time, seen: string with a date")
        }
        Kind::NotDateTime { date: false } => {
            format!("{place} is declared date-time, seen: other string")
        }
        Kind::EnumValue(word) => format!("undocumented value {word} of {place}"),
        Kind::BelowMinimum => format!("{place} is below its minimum"),
        Kind::AboveMaximum => format!("{place} is above its maximum"),
    }
}

/// What a person should look at, where no line can be suggested.
pub fn advice(kind: &Kind) -> &'static str {
    match kind {
        Kind::UnknownPath => {
            "describe the path once a good answer to it was seen and it can be shown"
        }
        Kind::DuplicatePath => "the reader keeps the first; nothing to add",
        Kind::Status(_) => "if it is a success, say so in the description of `code`",
        Kind::NoBody => "mend the description of `body` if this is usual",
        Kind::StatusDiffers => "the status of the answer counts; nothing to add",
        Kind::WrongType { .. } => {
            "decide by hand which type holds, or name the form in x-smartcar-irregular"
        }
        _ => "what was seen cannot be shown; look at the recording",
    }
}
