//! How long events are remembered.

use std::time::Duration;

use smartcar_webhook::Seen;
use smartcar_webhook::jiff::{SignedDuration, Timestamp};

#[test]
fn an_event_is_forgotten_only_after_both_limits() {
    let start: Timestamp = "2026-03-14T09:00:00Z".parse().unwrap();
    let at = |seconds| start + SignedDuration::from_secs(seconds);
    let mut seen = Seen::new().events(3).time(Duration::from_secs(60));
    for id in ["a", "b", "c", "d", "e"] {
        assert!(seen.insert(id, start));
    }
    assert_eq!(seen.len(), 5, "none is a minute old");
    assert!(!seen.insert("a", at(61)));
    assert_eq!(seen.len(), 5, "a repeat forgets nothing");
    let mut whole = seen.clone();
    assert!(whole.insert("f", at(60)));
    assert_eq!(whole.len(), 6, "none is older than a minute");
    assert!(seen.insert("f", at(61)));
    assert_eq!(seen.len(), 3);
    assert!(!seen.contains("a") && !seen.contains("c") && seen.contains("d"));
    assert!(seen.insert("a", at(62)), "forgotten");
}

#[test]
fn it_is_stored_and_restored() {
    let start: Timestamp = "2026-03-14T09:00:00Z".parse().unwrap();
    let mut seen = Seen::new().events(2);
    seen.insert("a", start);
    let text = serde_json::to_string(&seen).unwrap();
    let mut seen: Seen = serde_json::from_str(&text).unwrap();
    assert!(!seen.insert("a", start));
    assert!(!seen.is_empty() && seen.insert("b", start));
    assert_eq!(serde_json::from_str::<Seen>(&text).unwrap().len(), 1);
}
