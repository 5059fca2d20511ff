//! A date and time as the API sent it.
//!
//! Invariant: the original text is kept, so an unexpected format is not an error.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::tree::Tree;

/// From this number on, a value counts milliseconds. Read as seconds it would be
/// a date about 3000 years away.
const MILLISECONDS: f64 = 1e11;

/// The moment of a date and time, or of a date's midnight in UTC.
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    let whole = text.parse();
    whole.or_else(|_| text.trim().parse()).ok().or_else(|| {
        let date: Date = text.trim().parse().ok()?;
        Some(date.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp())
    })
}

/// The time in a JSON value: ISO 8601, or seconds or milliseconds since 1970 as a
/// number or as digits. `None` for zero, which means "never".
pub(crate) fn moment(value: &Tree<'_>) -> Option<Timestamp> {
    match value {
        Tree::Text(text) => {
            let moment = timestamp(text);
            moment.or_else(|| epoch(text.trim().parse().ok()?))
        }
        Tree::Number(number) => epoch(number.as_f64()?),
        _ => None,
    }
}

fn epoch(number: f64) -> Option<Timestamp> {
    let milliseconds = if number < MILLISECONDS {
        number * 1e3
    } else {
        number
    };
    if !(1.0..1e15).contains(&milliseconds) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "checked above")]
    Timestamp::from_millisecond(milliseconds as i64).ok()
}

/// A date and time in a body: the API's text, and the time it represents.
///
/// The API sends ISO 8601 in UTC, with or without milliseconds. Some members hold
/// a date without a time. The text is always kept as received.
///
/// ```
/// use smartcar_model::DateTime;
///
/// let charged = DateTime::new("2026-03-14T21:05:00.000Z");
/// assert_eq!(charged.timestamp(), Some("2026-03-14T21:05:00Z".parse().unwrap()));
/// assert_eq!(DateTime::new("soon").timestamp(), None);
/// assert_eq!(DateTime::new("soon").as_str(), "soon");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct DateTime(
    #[cfg_attr(feature = "schemars", schemars(extend("format" = "date-time")))] Box<str>,
);

impl DateTime {
    /// Wraps a text without checking it.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// Converts seconds or milliseconds since 1970. A number that is out of range
    /// is kept as digits.
    pub(crate) fn from_epoch(number: f64) -> Self {
        Self::new(epoch(number).map_or_else(|| number.to_string(), |moment| moment.to_string()))
    }

    /// The text as the API sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The time it represents. A date without a time is midnight UTC. `None` if
    /// the text is neither a date nor a date-time.
    pub fn timestamp(&self) -> Option<Timestamp> {
        timestamp(&self.0)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
