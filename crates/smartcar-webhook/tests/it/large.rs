//! Deliveries near the limit of the size.

use std::time::{Duration, Instant};

use crate::support::{state, with_signals};

#[test]
fn an_object_with_very_many_members_and_a_fault_is_read_soon() {
    let many: Vec<_> = (0..40_000)
        .map(|number| format!("\"m{number}\":{{}},"))
        .collect();
    let many = many.concat();
    let body = with_signals("[]");
    let body = body.replacen("\"year\":2024", &format!("{many}\"year\":[]"), 1);
    let start = Instant::now();
    let state = state(&body);
    assert_eq!(state.vehicle().unwrap().as_str(), "v1");
    assert_eq!(state.unread()[0].member, "/data/vehicle/year");
    // It takes about a second, and took more than half a minute.
    assert!(start.elapsed() < Duration::from_secs(15));
}
