//! A moment as the API wrote it.
//!
//! Invariant: the text is kept, so that a form nobody foresaw costs nothing.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A date and time in a body: the API's text, and the moment it means.
///
/// The API answers ISO 8601 in UTC, with or without milliseconds; some members
/// come as a date without a time. Whatever it is, the text is kept.
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
    /// A moment from its text.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text as the API wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The moment; a date without a time is its midnight in UTC. `None` for a
    /// text that is neither.
    pub fn timestamp(&self) -> Option<Timestamp> {
        let text = self.0.trim();
        text.parse().ok().or_else(|| {
            let date: Date = text.parse().ok()?;
            Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
        })
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
