//! The headers of a response or of one batch item.
//!
//! Invariant: names are case-insensitive, and an unreadable value is treated as
//! absent, never as an error.

use std::fmt;

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::date_time::timestamp;
use crate::generated::UnitSystem;
use crate::http_date;
use crate::members::Name;
use crate::retry_after::RetryAfter;

/// The headers that this crate uses. Each is `None` if it is absent or
/// unreadable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseHeaders {
    /// `sc-data-age`: when the vehicle recorded the data.
    pub data_age: Option<Timestamp>,
    /// `sc-fetched-at`: when Smartcar fetched the data from the car maker.
    pub fetched_at: Option<Timestamp>,
    /// `sc-unit-system`: the unit system of the body.
    pub unit_system: Option<UnitSystem>,
    /// `retry-after`: how long to wait before the next request.
    pub retry_after: Option<RetryAfter>,
    /// `date`: when the server sent the response, by its own clock.
    pub date: Option<Timestamp>,
}

impl ResponseHeaders {
    /// Adds one header. Unknown names and unreadable values are ignored. Of
    /// duplicates, the first readable one is used.
    pub fn insert(&mut self, name: &str, value: &str) {
        match known(name) {
            Some("sc-data-age") => self.data_age = self.data_age.or_else(|| timestamp(value)),
            Some("sc-fetched-at") => {
                self.fetched_at = self.fetched_at.or_else(|| timestamp(value));
            }
            Some("sc-unit-system") => {
                if self.unit_system.is_none() {
                    self.unit_system = unit_system(value);
                }
            }
            Some("retry-after") => {
                self.retry_after = self.retry_after.or_else(|| RetryAfter::parse(value));
            }
            Some("date") => {
                let date = || http_date::utc(http_date::parse(value.trim())?);
                self.date = self.date.or_else(date);
            }
            _ => return,
        }
        // Both times are on the server's clock, which may differ from the local
        // one.
        if let (Some(at @ RetryAfter::At(_)), Some(date)) = (self.retry_after, self.date) {
            self.retry_after = Some(RetryAfter::Delay(at.delay_from(date)));
        }
    }
}

/// The name in lower case, if it is known. Most servers send it so.
fn known(name: &str) -> Option<&'static str> {
    const NAMES: [&str; 5] = [
        "sc-data-age",
        "sc-fetched-at",
        "sc-unit-system",
        "retry-after",
        "date",
    ];
    let is = |known: &&&str| **known == name || known.eq_ignore_ascii_case(name);
    NAMES.iter().find(is).copied()
}

/// Matches a unit system in any letter case. `None` if there is no text.
fn unit_system(value: &str) -> Option<UnitSystem> {
    let value = if UnitSystem::VALUES.contains(&value) {
        value
    } else {
        let value = value.trim();
        let mut known = UnitSystem::VALUES.iter();
        let known = known.find(|known| known.eq_ignore_ascii_case(value));
        known.copied().unwrap_or(value)
    };
    (!value.is_empty()).then(|| UnitSystem::from(value))
}

impl<'a> FromIterator<(&'a str, &'a str)> for ResponseHeaders {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(headers: I) -> Self {
        let mut known = Self::default();
        for (name, value) in headers {
            known.insert(name, value);
        }
        known
    }
}

/// Reads a JSON object of strings or numbers. Anything else gives no headers.
impl<'de> Deserialize<'de> for ResponseHeaders {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(serde_json::from_str(raw.get()).map_or_else(|_| Self::default(), |Known(known)| known))
    }
}

/// The headers in an object. Each name and value is extracted before it is
/// parsed, so that a number out of range or an invalid escape does not lose the
/// other headers.
struct Known(ResponseHeaders);

impl<'de> Deserialize<'de> for Known {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Known;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("headers")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Known, A::Error> {
                let mut headers = ResponseHeaders::default();
                while let Some((name, value)) = map.next_entry::<Name<'_>, &RawValue>()? {
                    let value = serde_json::from_str::<HeaderValue>(value.get());
                    if let Ok(HeaderValue(value)) = value {
                        headers.insert(name.as_str(), &value);
                    }
                }
                Ok(Known(headers))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A header value as text, from a string or a number.
struct HeaderValue(String);

impl<'de> Deserialize<'de> for HeaderValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = HeaderValue;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a header's value")
            }
            fn visit_str<E>(self, text: &str) -> Result<HeaderValue, E> {
                Ok(HeaderValue(text.to_owned()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<HeaderValue, E> {
                Ok(HeaderValue(value.to_string()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<HeaderValue, E> {
                Ok(HeaderValue(value.to_string()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<HeaderValue, E> {
                Ok(HeaderValue(value.to_string()))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read(json: &str) -> ResponseHeaders {
        serde_json::from_str(json).expect("headers never fail")
    }

    #[test]
    fn reads_any_case_and_numbers_as_well_as_text() {
        let headers = read(
            r#"{"SC-Data-Age": "2019-10-24T00:43:46.000Z", "Sc-Unit-System": "imperial",
                "retry-AFTER": 7, "x": [1, {"y": null}], "z": true}"#,
        );
        assert_eq!(headers.data_age, "2019-10-24T00:43:46Z".parse().ok());
        assert_eq!(headers.unit_system, Some(UnitSystem::Imperial));
        assert_eq!(
            headers.retry_after,
            Some(RetryAfter::Delay(Duration::from_secs(7)))
        );
    }

    #[test]
    fn a_unit_system_is_read_in_any_letter_case() {
        for (text, expected) in [
            ("Metric", UnitSystem::Metric),
            (" IMPERIAL ", UnitSystem::Imperial),
            ("Nautical", UnitSystem::from("Nautical")),
        ] {
            let headers = read(&format!(r#"{{"sc-unit-system": "{text}"}}"#));
            assert_eq!(headers.unit_system, Some(expected), "{text}");
        }
    }

    #[test]
    fn the_first_of_two_that_can_be_read_counts() {
        let headers = read(
            r#"{"sc-unit-system": "metric", "SC-Unit-System": "imperial", "sc-data-age": "?",
                "Sc-Data-Age": "2019-10-24T00:43:46Z", "sc-data-age": "2020-10-24T00:43:46Z"}"#,
        );
        assert_eq!(headers.unit_system, Some(UnitSystem::Metric));
        assert_eq!(headers.data_age, "2019-10-24T00:43:46Z".parse().ok());
        let (first, second) = (
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:39 GMT",
        );
        let headers: ResponseHeaders = [
            ("sc-fetched-at", "2019-10-24T00:43:46Z"),
            ("sc-fetched-at", "2020-10-24T00:43:46Z"),
            ("retry-after", "7"),
            ("retry-after", "9"),
            ("date", first),
            ("date", second),
        ]
        .into_iter()
        .collect();
        assert_eq!(headers.fetched_at, "2019-10-24T00:43:46Z".parse().ok());
        let wait = RetryAfter::Delay(Duration::from_secs(7));
        assert_eq!(headers.retry_after, Some(wait));
        assert_eq!(headers.date, "1994-11-06T08:49:37Z".parse().ok());
    }

    #[test]
    fn a_date_to_retry_at_is_measured_by_the_same_answers_date() {
        let (date, later) = (
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:39 GMT",
        );
        let wait = Some(RetryAfter::Delay(Duration::from_secs(2)));
        let orders = [
            [("Date", date), ("Retry-After", later)],
            [("retry-after", later), ("date", date)],
        ];
        for order in orders {
            let headers: ResponseHeaders = order.into_iter().collect();
            assert_eq!(headers.retry_after, wait, "{order:?}");
        }
        let alone: ResponseHeaders = [("Retry-After", later)].into_iter().collect();
        assert!(matches!(alone.retry_after, Some(RetryAfter::At(_))));
    }

    #[test]
    fn whatever_is_unreadable_is_absent() {
        for json in [
            "null",
            "[]",
            "3",
            "-3",
            "1.5",
            "\"text\"",
            "true",
            "{}",
            r#"{"sc-data-age": "yesterday", "sc-fetched-at": null, "retry-after": {"in": 3}}"#,
        ] {
            assert_eq!(read(json), ResponseHeaders::default(), "{json}");
        }
    }

    #[test]
    fn what_is_no_header_is_refused_by_its_name() {
        let refused = |error: serde_json::Error| error.to_string();
        let headers = serde_json::from_str::<Known>("[]").err().map(refused);
        let value = serde_json::from_str::<HeaderValue>("[]").err().map(refused);
        assert!(headers.is_some_and(|why| why.contains("expected headers")));
        assert!(value.is_some_and(|why| why.contains("expected a header's value")));
    }

    #[test]
    fn an_unreadable_header_costs_no_other() {
        for bad in [
            r#""x": 1e400"#,
            r#""x": "\ud800""#,
            r#""\udc00": 1"#,
            r#""sc-data-age": -1e999"#,
        ] {
            let headers = read(&format!(r#"{{{bad}, "retry-after": 7}}"#));
            let wait = RetryAfter::Delay(Duration::from_secs(7));
            assert_eq!(headers.retry_after, Some(wait), "{bad}");
        }
        assert_eq!(read("1e400"), ResponseHeaders::default());
    }
}
