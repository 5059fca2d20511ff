//! Dates of HTTP headers.
//!
//! Invariant: a date is read in each of the three forms of RFC 9110, section 5.6.7, and
//! in no other.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

/// The form that is sent today, and the two obsolete ones.
const FORMS: [&str; 3] = [
    "%a, %d %b %Y %H:%M:%S GMT",
    "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S %Y",
];

/// Reads the date and time, which are in UTC. `None` also if the day of the week is
/// wrong.
pub(crate) fn parse(text: &str) -> Option<DateTime> {
    let read = |form| strtime::parse(form, text).ok()?.to_datetime().ok();
    FORMS.into_iter().find_map(read)
}

/// The moment of a date. `None` for the last day of the calendar.
pub(crate) fn utc(date: DateTime) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(date).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_form_of_the_standard_is_read() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            let expected = date(1994, 11, 6).at(8, 49, 37, 0);
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for text in [
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 31 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "1994-11-06T08:49:37Z",
            "",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
