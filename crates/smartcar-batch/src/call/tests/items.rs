//! After a 200: only failed items with retryable errors are retried.

use super::{
    NO_PERMISSION, NO_RESPONSE, Script, Step, VEHICLE_LIMIT, api, exact, seconds, vehicle,
};
use crate::{ErrorKind, Fuel, ItemError, Location, Odometer, RetryPolicy, StopReason};

type Three = (Odometer, Location, Fuel);

#[tokio::test(start_paused = true)]
async fn only_the_failed_item_is_asked_again_and_the_good_ones_are_kept() {
    let script = Script::of([
        Step::Items(vec![("/location", 502, "{}", NO_RESPONSE)]),
        Step::Items(vec![("/location", 502, "{}", NO_RESPONSE)]),
    ]);
    let answered = vehicle(&script).batch::<Three>().send().await.unwrap();
    assert_eq!(
        script.asked(),
        [
            vec!["/odometer", "/location", "/fuel"],
            vec!["/location"],
            vec!["/location"]
        ]
    );
    assert_eq!(script.waits(), [seconds(1), seconds(2)]);
    assert!(answered.all_ok() && answered.stop_reason.is_none());
    assert_eq!((answered.attempts, answered.charged), (3, 5));
    assert_eq!(answered.attempts_of("/odometer"), Some(1));
    assert_eq!(answered.attempts_of("/location"), Some(3));
    let (odometer, location, fuel) = answered.data;
    assert!(odometer.is_ok() && location.is_ok() && fuel.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_stays_failed_keeps_its_last_error_and_says_why_asking_stopped() {
    let script = Script::of(vec![
        Step::Items(vec![("/fuel", 502, "{}", NO_RESPONSE)]);
        9
    ]);
    let answered = vehicle(&script).batch::<Three>().send().await.unwrap();
    assert!(matches!(answered.stop_reason, Some(StopReason::Attempts)));
    assert_eq!(answered.attempts, 3);
    let failure = &answered.failures()[0];
    assert_eq!((failure.path.as_str(), failure.attempts), ("/fuel", 3));
    assert_eq!(failure.error.status(), Some(502));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_mended_is_never_asked_again() {
    let rate = api("UPSTREAM", Some("RATE_LIMIT"), Some("RETRY_LATER")).leak();
    let state = api("VEHICLE_STATE", Some("ASLEEP"), None).leak();
    let billing = api(
        "BILLING",
        Some("VEHICLE_REQUEST_LIMIT"),
        Some("CONTACT_SUPPORT"),
    )
    .leak();
    let unknown = api("NEW", Some("X"), Some("CONTACT_SUPPORT")).leak();
    for (code, body) in [
        (403, NO_PERMISSION),
        (502, rate),
        (409, state),
        (430, billing),
        (500, unknown),
    ] {
        let script = Script::of([Step::Items(vec![("/fuel", code, "{}", body)])]);
        let answered = vehicle(&script).batch::<Three>().send().await.unwrap();
        assert_eq!(script.sent().len(), 1, "{code} {body}");
        assert!(answered.stop_reason.is_none(), "{code}");
        assert_eq!(answered.failures().len(), 1);
    }
    for step in [
        Step::Items(vec![("/fuel", 0, "{}", "{}")]),
        Step::Items(vec![("/fuel", 200, "{}", "[]")]),
    ] {
        let script = Script::of([step]);
        let answered = vehicle(&script).batch::<Three>().send().await.unwrap();
        assert_eq!((script.sent().len(), answered.failures().len()), (1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn an_items_wait_is_waited_for_in_every_spelling() {
    for (headers, wait) in [
        (r#"{"Retry-After": "7"}"#, 7),
        (r#"{"retry-after": 7}"#, 7),
        (r#"{"RETRY-AFTER": "6.2"}"#, 7),
        (r#"{"retry-after": 0}"#, 0),
        ("{}", 0),
        ("null", 0),
        (r#"{"retry-after": -3}"#, 0),
    ] {
        let script = Script::of([Step::Items(vec![("/fuel", 429, headers, VEHICLE_LIMIT)])]);
        let answered = vehicle(&script).batch::<Three>().send().await.unwrap();
        assert!(answered.all_ok(), "{headers}");
        // The stated wait is a lower bound: the back-off is added.
        assert_eq!(script.waits(), [seconds(wait + 10)], "{headers}");
        assert_eq!(script.asked()[1], ["/fuel"]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_of_several_waits_is_taken() {
    let script = Script::of([Step::Items(vec![
        ("/fuel", 429, r#"{"retry-after": 3}"#, VEHICLE_LIMIT),
        ("/odometer", 429, r#"{"retry-after": "20"}"#, VEHICLE_LIMIT),
        ("/location", 502, "{}", NO_RESPONSE),
    ])]);
    let answered = vehicle(&script).batch::<Three>().send().await.unwrap();
    assert!(answered.all_ok());
    assert_eq!(script.waits(), [seconds(30)]);
    assert_eq!(answered.charged, 6);
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_deadline_returns_at_once_with_the_time() {
    let script = Script::of([Step::Items(vec![(
        "/fuel",
        429,
        r#"{"retry-after": 900}"#,
        VEHICLE_LIMIT,
    )])]);
    let start = tokio::time::Instant::now();
    let answered = vehicle(&script).batch::<Three>().send().await.unwrap();
    assert_eq!(start.elapsed(), seconds(0));
    assert!(matches!(answered.stop_reason, Some(StopReason::Deadline)));
    let wait = answered
        .retry_at
        .unwrap()
        .duration_since(jiff::Timestamp::now());
    assert!((wait.as_secs() - 910).abs() <= 2, "{wait:?}");
    assert!(answered.data.0.is_ok() && answered.data.1.is_ok());
}

#[tokio::test(start_paused = true)]
async fn once_answered_whatever_happens_to_a_follow_up_leaves_it_ok() {
    let rubbish = |status, body: &str| Step::Answer(status, Vec::new(), body.to_owned());
    for follow_up in [
        Step::Hang,
        Step::Lose,
        Step::Refuse,
        rubbish(401, &api("AUTHENTICATION", None, None)),
        rubbish(430, &api("BILLING", Some("VEHICLE_REQUEST_LIMIT"), None)),
        rubbish(200, "<html>"),
        rubbish(204, ""),
        rubbish(302, ""),
        rubbish(500, ""),
    ] {
        let failing = Step::Items(vec![("/fuel", 502, "{}", NO_RESPONSE)]);
        let script = Script::of([failing, follow_up.clone(), follow_up.clone()]);
        let policy = exact().attempts(3);
        let answered = vehicle(&script)
            .batch::<Three>()
            .retry(policy)
            .send()
            .await
            .unwrap();
        assert!(
            answered.data.0.is_ok() && answered.data.1.is_ok(),
            "{follow_up:?}"
        );
        let error = answered.data.2.as_ref().unwrap_err();
        assert_eq!(
            error.status(),
            Some(502),
            "the last item error is kept: {follow_up:?}"
        );
        assert!(
            matches!(answered.stop_reason, Some(StopReason::Failed(_))),
            "{follow_up:?} {:?}",
            answered.stop_reason
        );
        assert_eq!(script.units(), answered.charged as usize, "{follow_up:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_get_follows_the_same_policy_and_a_required_item_keeps_what_it_cost() {
    let script = Script::of([Step::Items(vec![("/odometer", 502, "{}", NO_RESPONSE)])]);
    let answered = vehicle(&script).get::<Odometer>().send().await.unwrap();
    assert_eq!((answered.attempts, answered.charged), (2, 2));
    let script = Script::of(vec![
        Step::Items(vec![("/odometer", 502, "{}", NO_RESPONSE)]);
        5
    ]);
    let error = vehicle(&script).get::<Odometer>().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RequiredItem);
    assert_eq!((error.attempts(), error.charged()), (3, 3));
    assert!(matches!(error.item(), Some(ItemError::Api(_))));
    assert_eq!(error.item_path(), Some("/odometer"));
    assert_eq!(error.results().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_policy_asks_once() {
    let script = Script::of([Step::Items(vec![("/fuel", 502, "{}", NO_RESPONSE)])]);
    let request = vehicle(&script).batch::<Three>().retry(RetryPolicy::none());
    let answered = request.send().await.unwrap();
    assert_eq!((answered.attempts, answered.failures().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_list_of_paths_is_asked_again_like_a_typed_batch() {
    let script = Script::of([Step::Items(vec![("/vin", 500, "{}", NO_RESPONSE)])]);
    let request = vehicle(&script).batch_paths(["/vin", "/fuel"]).unwrap();
    let answered = request.send().await.unwrap();
    assert!(answered.data.all_ok());
    assert_eq!(script.asked(), [vec!["/vin", "/fuel"], vec!["/vin"]]);
}
