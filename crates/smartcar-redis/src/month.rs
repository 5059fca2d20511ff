//! Calendar months in UTC, on the server's clock.
//!
//! Invariant: months follow each other without a gap: each ends where the next starts.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

/// A calendar month in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Month(Date);

impl Month {
    /// The month of a time, in microseconds since 1970.
    pub(crate) fn of(micros: i64) -> Self {
        let moment = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
        Self(Offset::UTC.to_datetime(moment).date().first_of_month())
    }

    /// Its first microsecond.
    pub(crate) fn starts(self) -> i64 {
        let start = Offset::UTC.to_timestamp(self.0.at(0, 0, 0, 0));
        start.map_or(0, Timestamp::as_microsecond)
    }

    /// The first microsecond of the next month.
    pub(crate) fn ends(self) -> i64 {
        // A month has at most 31 days, so day 32 is in the next one.
        const MICROS_OF_32_DAYS: i64 = 32 * 24 * 60 * 60 * 1_000_000;
        Self::of(self.starts().saturating_add(MICROS_OF_32_DAYS)).starts()
    }
}

/// `2026-11`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_where_the_next_starts() {
        for (moment, name, ends) in [
            (
                "2026-01-31T23:59:59.999999Z",
                "2026-01",
                "2026-02-01T00:00:00Z",
            ),
            ("2026-02-01T00:00:00Z", "2026-02", "2026-03-01T00:00:00Z"),
            ("2028-02-10T12:00:00Z", "2028-02", "2028-03-01T00:00:00Z"),
            (
                "2026-12-31T23:00:00-05:00",
                "2027-01",
                "2027-02-01T00:00:00Z",
            ),
        ] {
            let moment: Timestamp = moment.parse().unwrap();
            let ends: Timestamp = ends.parse().unwrap();
            let month = Month::of(moment.as_microsecond());
            assert_eq!(month.to_string(), name);
            assert_eq!(month.ends(), ends.as_microsecond());
            assert_eq!(Month::of(month.ends()).starts(), month.ends());
            assert_eq!(Month::of(month.starts()), month);
            assert_eq!(Month::of(month.ends() - 1), month);
        }
    }
}
