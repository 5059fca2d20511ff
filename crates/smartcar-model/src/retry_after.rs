//! How long the server asks to wait.
//!
//! Invariant: no text panics or overflows, and an unreadable value is treated as
//! absent.

use std::time::Duration;

use jiff::Timestamp;

use crate::http_date;

/// The value of a `Retry-After` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// Wait this long.
    Delay(Duration),
    /// Wait until this time.
    At(Timestamp),
}

impl RetryAfter {
    /// The longest delay, one year. Longer ones are shortened to it.
    const CEILING: Duration = Duration::from_secs(366 * 24 * 60 * 60);

    /// Reads seconds or an HTTP date. Decimals are rounded up, and more than a
    /// year, or a date beyond the calendar, counts as a year. `None` for anything
    /// else, including negative numbers.
    ///
    /// ```
    /// use std::time::Duration;
    /// use smartcar_model::RetryAfter;
    ///
    /// assert_eq!(RetryAfter::parse("120"), Some(RetryAfter::Delay(Duration::from_secs(120))));
    /// assert_eq!(RetryAfter::parse("0.2"), Some(RetryAfter::Delay(Duration::from_secs(1))));
    /// assert_eq!(RetryAfter::parse("-5"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.starts_with(|first: char| first.is_ascii_digit()) && is_decimal(text) {
            // Numbers beyond the range of a double saturate below.
            let seconds: f64 = text.parse().ok()?;
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "float to integer casts saturate, and the number is not negative"
            )]
            let seconds = seconds.ceil() as u64;
            return Some(Self::Delay(Duration::from_secs(seconds).min(Self::CEILING)));
        }
        let Some(moment) = http_date::parse(text) else {
            return is_far_date(text).then_some(Self::Delay(Self::CEILING));
        };
        Some(http_date::utc(moment).map_or(Self::Delay(Self::CEILING), Self::At))
    }

    /// How long to wait from a given time: zero if the time has passed, at most
    /// one year. A date is on the server's clock, so pass the `Date` of the same
    /// response if possible.
    pub fn delay_from(self, now: Timestamp) -> Duration {
        match self {
            Self::Delay(delay) => delay,
            Self::At(moment) => Duration::try_from(moment.duration_since(now))
                .unwrap_or_default()
                .min(Self::CEILING),
        }
    }
}

/// Whether it would be an HTTP date if its year had four digits. The day of the
/// week may be wrong.
fn is_far_date(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let [day, date, month, year, time, zone] = words.as_slice() else {
        return false;
    };
    let is_far = year.len() > 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    let days = ["Mon,", "Tue,", "Wed,", "Thu,", "Fri,", "Sat,", "Sun,"];
    // A leap year contains every date.
    let is_date = |day: &&str| {
        let near = format!("{day} {date} {month} 9996 {time} {zone}");
        http_date::parse(&near).is_some()
    };
    is_far && days.contains(day) && days.iter().any(is_date)
}

fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(count: u64) -> RetryAfter {
        RetryAfter::Delay(Duration::from_secs(count))
    }

    #[test]
    fn reads_seconds_in_every_spelling() {
        assert_eq!(RetryAfter::parse("120"), Some(seconds(120)));
        assert_eq!(RetryAfter::parse(" 0 "), Some(seconds(0)));
        assert_eq!(RetryAfter::parse("1.01"), Some(seconds(2)));
        let epoch_milliseconds = "1782345600000000000000000000000000000000";
        assert_eq!(
            RetryAfter::parse(epoch_milliseconds),
            Some(RetryAfter::Delay(RetryAfter::CEILING))
        );
    }

    #[test]
    fn reads_the_three_http_dates() {
        let expected = Some(RetryAfter::At(
            "1994-11-06T08:49:37Z".parse().expect("a date"),
        ));
        assert_eq!(RetryAfter::parse("Sun, 06 Nov 1994 08:49:37 GMT"), expected);
        assert_eq!(
            RetryAfter::parse("Sunday, 06-Nov-94 08:49:37 GMT"),
            expected
        );
        assert_eq!(RetryAfter::parse("Sun Nov  6 08:49:37 1994"), expected);
    }

    #[test]
    fn junk_is_absent() {
        for junk in [
            "",
            "-1",
            "soon",
            "1e3",
            "2026-01-01T00:00:00Z",
            "NaN",
            "inf",
            "+5",
            "1.2.3",
        ] {
            assert_eq!(RetryAfter::parse(junk), None, "{junk}");
        }
    }

    #[test]
    fn a_date_beyond_the_calendar_is_very_long_and_not_absent() {
        for far in [
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "Sat, 01 Jan 10000 00:00:00 GMT",
            "Tue, 29 Feb 12000 00:00:00 GMT",
            "Sat, 01 Jan 99999999999999999999 00:00:00 GMT",
        ] {
            let wait = RetryAfter::parse(far).expect(far);
            assert_eq!(wait, RetryAfter::Delay(RetryAfter::CEILING), "{far}");
        }
        for junk in [
            "Sat, 99 Jan 10000 00:00:00 GMT",
            "1 2 3 10000",
            "a b c 12345 d",
        ] {
            assert_eq!(RetryAfter::parse(junk), None, "{junk}");
        }
        let then: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a date");
        let far = RetryAfter::parse("Wed, 30 Dec 9998 00:00:00 GMT").expect("a date");
        assert_eq!(far.delay_from(then), RetryAfter::CEILING);
    }

    #[test]
    fn a_date_that_has_passed_waits_for_nothing() {
        let then: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a date");
        let now: Timestamp = "2026-01-01T00:00:10Z".parse().expect("a date");
        assert_eq!(RetryAfter::At(then).delay_from(now), Duration::ZERO);
        assert_eq!(
            RetryAfter::At(now).delay_from(then),
            Duration::from_secs(10)
        );
    }
}
