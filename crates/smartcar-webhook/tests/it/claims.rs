//! One request at a time handles an event.

use std::panic::{AssertUnwindSafe, catch_unwind};

use smartcar_webhook::jiff::Timestamp;
use smartcar_webhook::{Claim, Claimed, Claims, Seen};

/// Claims an event that must be new.
fn new(claims: &Claims, event_id: Option<&str>) -> Claimed {
    match claims.claim(event_id) {
        Claim::New(claimed) => claimed,
        other => panic!("{event_id:?} is {other:?}"),
    }
}

#[test]
fn a_claimed_event_is_busy_and_available_again_after_a_drop() {
    let claims = Claims::new();
    let claimed = new(&claims, Some("a"));
    assert_eq!(claimed.event_id(), Some("a"));
    assert_eq!(format!("{claims:?}"), "Claims { .. }");
    // A clone shares the memory.
    assert!(matches!(claims.clone().claim(Some("a")), Claim::Busy));
    drop(new(&claims, Some("b")));
    drop(claimed);
    drop(new(&claims, Some("a")));
    assert!(claims.seen().is_empty());
}

#[test]
fn a_refused_claim_leaves_the_holder_its_event() {
    let claims = Claims::new();
    let claimed = new(&claims, Some("a"));
    for _ in 0..3 {
        assert!(matches!(claims.claim(Some("a")), Claim::Busy));
    }
    claimed.taken();
    assert!(matches!(claims.claim(Some("a")), Claim::Taken));
}

#[test]
fn a_taken_event_stays_taken() {
    let claims = Claims::new();
    new(&claims, Some("a")).taken();
    for _ in 0..2 {
        assert!(matches!(claims.claim(Some("a")), Claim::Taken));
    }
    drop(new(&claims, Some("A")));
}

#[test]
fn an_event_without_an_id_is_always_new() {
    let claims = Claims::new();
    let first = new(&claims, None);
    assert_eq!(first.event_id(), None);
    new(&claims, None).taken();
    drop(new(&claims, None));
    first.taken();
    assert!(claims.seen().is_empty());
    drop(new(&claims, Some("")));
}

#[test]
fn a_panic_of_the_holder_makes_the_event_available_again() {
    let claims = Claims::new();
    let claimed = new(&claims, Some("a"));
    let handled = catch_unwind(AssertUnwindSafe(|| {
        let _claimed = claimed;
        panic!("the handler fails");
    }));
    assert!(handled.is_err());
    new(&claims, Some("a")).taken();
    assert!(matches!(claims.claim(Some("a")), Claim::Taken));
}

#[test]
fn what_was_taken_is_stored_and_restored_with_its_limits() {
    let claims = Claims::with_seen(Seen::new().events(1).time(std::time::Duration::ZERO));
    new(&claims, Some("a")).taken();
    let _busy = new(&claims, Some("b"));
    let stored = serde_json::to_string(&claims.seen()).unwrap();
    let restored = Claims::with_seen(serde_json::from_str(&stored).unwrap());
    assert!(matches!(restored.claim(Some("a")), Claim::Taken));
    // What was only claimed is not stored.
    drop(new(&restored, Some("b")));

    let old = Timestamp::now() - std::time::Duration::from_secs(2);
    let mut seen = Seen::new().events(1).time(std::time::Duration::ZERO);
    seen.insert("a", old);
    let claims = Claims::with_seen(seen);
    new(&claims, Some("b")).taken();
    drop(new(&claims, Some("a")));
}

#[test]
fn one_of_many_threads_gets_an_event() {
    let claims = Claims::new();
    let start = std::sync::Barrier::new(8);
    let held: Vec<_> = std::thread::scope(|scope| {
        let claim = || {
            start.wait();
            match claims.claim(Some("a")) {
                Claim::New(claimed) => Some(claimed),
                _ => None,
            }
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(claim)).collect();
        let claims = threads.into_iter().map(|thread| thread.join().unwrap());
        claims.flatten().collect()
    });
    assert_eq!(held.len(), 1);
}
