//! Reads bytes as headers, waits and dates.
//!
//! Invariant: an unreadable value counts as absent. It never affects another
//! header, and no arithmetic on it overflows or goes below zero.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::value::RawValue;
use smartcar_model::{DateTime, Meta, ResponseHeaders, RetryAfter};

/// Longer than the longest delay that is distinguished from "very long".
const TOO_LONG: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Checks one input.
pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    json(text);
    pairs(text);
    for line in text.lines().take(16) {
        value(line);
    }
    value(text);
}

/// The headers of an item. Any JSON is accepted; some of it has no headers.
fn json(text: &str) {
    let Ok(raw) = serde_json::from_str::<&RawValue>(text) else {
        return;
    };
    let headers: ResponseHeaders =
        serde_json::from_str(raw.get()).expect("headers never fail, whatever the JSON");
    known(&headers);
}

/// The headers of a response, one `name: value` per line.
fn pairs(text: &str) {
    let pairs: Vec<_> = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .collect();
    let headers: ResponseHeaders = pairs.iter().copied().collect();
    known(&headers);

    let shouted: Vec<_> = pairs
        .iter()
        .map(|(name, value)| (name.to_ascii_uppercase(), *value))
        .collect();
    let shouted: ResponseHeaders = shouted
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    assert_eq!(headers, shouted);

    let member = |text: &str| serde_json::to_string(text).expect("text is JSON");
    let members: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{}:{}", member(name), member(value)))
        .collect();
    let object = format!("{{{}}}", members.join(","));
    assert_eq!(
        serde_json::from_str::<ResponseHeaders>(&object).ok(),
        Some(headers)
    );
}

/// One header value, read as each possible kind.
fn value(text: &str) {
    let wait = RetryAfter::parse(text);
    if let Some(wait) = wait {
        waits(wait);
    }
    let headers = ResponseHeaders::from_iter([("Retry-After", text)]);
    assert_eq!(headers.retry_after, wait);

    let date = DateTime::new(text);
    assert_eq!(date.as_str(), text);
    let headers = ResponseHeaders::from_iter([("sc-data-age", text), ("sc-fetched-at", text)]);
    assert_eq!(headers.data_age, date.timestamp());
    assert_eq!(headers.fetched_at, date.timestamp());
    known(&headers);
}

/// The extreme timestamps, and a typical one.
fn moments() -> [Timestamp; 4] {
    let now = Timestamp::from_second(1_773_480_413).expect("a second of 2026");
    [Timestamp::MIN, Timestamp::UNIX_EPOCH, now, Timestamp::MAX]
}

fn known(headers: &ResponseHeaders) {
    if let Some(wait) = headers.retry_after {
        waits(wait);
    }
    let meta = Meta::from_headers(headers, Some("id"));
    assert_eq!(meta.data_age, headers.data_age);
    for now in moments().into_iter().chain(headers.fetched_at) {
        let age = meta.age_at(now);
        assert_eq!(age.is_some(), headers.data_age.is_some());
        if let (Some(age), Some(then)) = (age, headers.data_age) {
            assert_eq!(age.is_zero(), then >= now, "{then} {now}");
        }
    }
}

fn waits(wait: RetryAfter) {
    for now in moments() {
        let delay = wait.delay_from(now);
        match wait {
            RetryAfter::Delay(asked) => {
                assert_eq!(delay, asked);
                assert!(delay < TOO_LONG && delay.subsec_nanos() == 0, "{delay:?}");
            }
            RetryAfter::At(moment) => assert_eq!(delay.is_zero(), moment <= now),
            _ => {}
        }
        // A client adds the delay to its clock.
        let _ = now.checked_add(delay);
    }
}
