//! Ages and waiting times in words.
//!
//! Invariant: an age has one unit and is rounded down; an unknown age is a dash.

use std::time::Duration;

/// Shown for an unknown value.
pub(crate) const UNKNOWN: &str = "-";

/// `3 min ago`; a dash for an unknown age.
pub(crate) fn ago(age: Option<Duration>) -> String {
    age.map_or_else(|| UNKNOWN.to_owned(), |age| format!("{} ago", span(age)))
}

/// `40 s`, `3 min`, `5 h`, `12 days`.
pub(crate) fn span(length: Duration) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match length.as_secs() {
        // Below two of a unit, the smaller unit is more precise.
        seconds if seconds < 2 * MINUTE => format!("{seconds} s"),
        seconds if seconds < 2 * HOUR => format!("{} min", seconds / MINUTE),
        seconds if seconds < 2 * DAY => format!("{} h", seconds / HOUR),
        seconds => format!("{} days", seconds / DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unit_that_fits() {
        let span = |seconds| ago(Some(Duration::from_secs(seconds)));
        assert_eq!(span(0), "0 s ago");
        assert_eq!(span(119), "119 s ago");
        assert_eq!(span(3 * 60 + 59), "3 min ago");
        assert_eq!(span(47 * 3600), "47 h ago");
        assert_eq!(span(12 * 24 * 3600), "12 days ago");
        assert_eq!(ago(None), "-");
    }
}
