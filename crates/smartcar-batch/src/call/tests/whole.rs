//! Before any response: failures of a whole request, and the cost of retries.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use super::{Script, Step, api, exact, seconds, tokenless, vehicle, vehicle_of};
use crate::{
    AccessToken, Battery, Charge, EngineOil, ErrorKind, Fuel, IssuedToken, Location, Odometer,
    TokenFuture, TokenSource,
};

fn status(status: u16, headers: &[(&'static str, &str)], body: &str) -> Step {
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    Step::Answer(status, headers.collect(), body.to_owned())
}

/// Many are kept at once, and larger pieces of memory are slow to get.
#[test]
fn the_future_of_a_send_has_less_than_a_kib() {
    type Six = (Odometer, Location, Fuel, Battery, Charge, EngineOil);
    let vehicle = vehicle(&Script::of([]));
    let sizes = [
        size_of_val(&vehicle.batch::<Six>().send()),
        size_of_val(&vehicle.get::<Odometer>().send()),
    ];
    assert!(sizes.iter().all(|size| *size < 1024), "{sizes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_never_opened_is_repeated_free() {
    let script = Script::of([Step::Refuse, Step::Refuse]);
    let answered = vehicle(&script)
        .batch::<(Odometer, Location)>()
        .send()
        .await
        .unwrap();
    assert_eq!((answered.attempts, answered.charged), (3, 2));
    assert_eq!(answered.attempts_of("/odometer"), Some(1));
    let script = Script::of(vec![Step::Refuse; 9]);
    let error = vehicle(&script)
        .batch::<(Odometer, Location)>()
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts(), error.charged()),
        (ErrorKind::Transport, 3, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_request_is_repeated_once_and_charged_again() {
    let script = Script::of([Step::Lose]);
    let answered = vehicle(&script)
        .batch::<(Odometer, Location)>()
        .send()
        .await
        .unwrap();
    assert_eq!((answered.attempts, answered.charged), (2, 4));
    let script = Script::of(vec![Step::Lose; 9]);
    let request = vehicle(&script)
        .batch::<(Odometer, Location)>()
        .retry(exact().attempts(8));
    let error = request.send().await.unwrap_err();
    assert_eq!(
        (error.attempts(), error.charged()),
        (2, 4),
        "at most one retry"
    );
}

#[tokio::test(start_paused = true)]
async fn a_whole_429_waits_as_told() {
    let limit = api("RATE_LIMIT", Some("SMARTCAR_API"), Some("RETRY_LATER"));
    for (value, wait) in [
        ("5", 15),
        ("4.5", 15),
        ("0", 10),
        ("-1", 10),
        ("", 10),
        ("soon", 10),
        ("2026-03-01T00:00:00Z", 10),
    ] {
        let script = Script::of([status(429, &[("Retry-After", value)], &limit)]);
        let answered = vehicle(&script)
            .batch::<(Odometer,)>()
            .send()
            .await
            .unwrap();
        assert_eq!(script.waits(), [seconds(wait)], "{value}");
        assert_eq!((answered.attempts, answered.charged), (2, 2));
    }
    for huge in ["1782345600000", "99999999999999999999999999999", "100000"] {
        let script = Script::of([status(429, &[("retry-after", huge)], &limit)]);
        let start = tokio::time::Instant::now();
        let error = vehicle(&script)
            .batch::<(Odometer,)>()
            .send()
            .await
            .unwrap_err();
        assert_eq!(start.elapsed(), seconds(0), "{huge}");
        assert_eq!(error.status(), Some(429));
        assert!(error.retry_at().is_some() && error.retry_after().is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn an_http_date_counts_from_now() {
    let limit = api("RATE_LIMIT", Some("VEHICLE"), Some("RETRY_LATER"));
    let at = std::time::SystemTime::now() + seconds(30);
    let date = httpdate_of(at);
    let script = Script::of([status(429, &[("Retry-After", &date)], &limit)]);
    vehicle(&script)
        .batch::<(Odometer,)>()
        .send()
        .await
        .unwrap();
    let wait = script.waits()[0].as_secs_f64();
    assert!((38.0..=41.0).contains(&wait), "{wait}");
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
fn httpdate_of(moment: std::time::SystemTime) -> String {
    let moment = jiff::Timestamp::try_from(moment).unwrap();
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[tokio::test(start_paused = true)]
async fn what_the_catalogue_calls_later_or_no_ends_the_call() {
    for (code, kind, name) in [
        (430, "BILLING", Some("VEHICLE_REQUEST_LIMIT")),
        (430, "RATE_LIMIT", Some("VEHICLE")),
        (400, "VALIDATION", None),
        (403, "PERMISSION", None),
        (404, "RESOURCE_NOT_FOUND", Some("PATH")),
        (409, "VEHICLE_STATE", Some("ASLEEP")),
        (501, "COMPATIBILITY", Some("VEHICLE_NOT_CAPABLE")),
        (401, "AUTHENTICATION", None),
    ] {
        let script = Script::of([status(code, &[], &api(kind, name, None))]);
        let error = vehicle(&script)
            .batch::<(Odometer,)>()
            .send()
            .await
            .unwrap_err();
        assert_eq!(script.sent().len(), 1, "{code}");
        assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(code)));
        assert_eq!((error.attempts(), error.charged()), (1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn server_errors_are_repeated_within_bounds_unless_the_resolution_says_no() {
    let script = Script::of([
        status(
            500,
            &[],
            &api("SERVER", Some("INTERNAL"), Some("RETRY_LATER")),
        ),
        status(503, &[], "<html>"),
    ]);
    let answered = vehicle(&script)
        .batch::<(Odometer,)>()
        .send()
        .await
        .unwrap();
    assert_eq!((answered.attempts, answered.charged), (3, 3));
    let script = Script::of(vec![status(502, &[], "<html>"); 9]);
    let error = vehicle(&script)
        .batch::<(Odometer,)>()
        .send()
        .await
        .unwrap_err();
    assert_eq!((error.attempts(), error.status()), (3, Some(502)));
    let script = Script::of([status(
        500,
        &[],
        &api("SERVER", Some("RECORD_NOT_FOUND"), Some("CONTACT_SUPPORT")),
    )]);
    vehicle(&script)
        .batch::<(Odometer,)>()
        .send()
        .await
        .unwrap_err();
    assert_eq!(script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_everything() {
    let script = Script::of([Step::Hang]);
    let start = tokio::time::Instant::now();
    let error = vehicle(&script)
        .batch::<(Odometer,)>()
        .send()
        .await
        .unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(start.elapsed(), seconds(310), "the documented default");
    assert_eq!(error.charged(), 1);
    let slow = Step::After(seconds(300), Box::new(Step::Items(Vec::new())));
    let script = Script::of([slow]);
    assert!(
        vehicle(&script)
            .batch::<(Odometer,)>()
            .send()
            .await
            .unwrap()
            .all_ok(),
        "slow is normal"
    );
}

#[tokio::test(start_paused = true)]
async fn an_attempts_time_is_its_own_and_the_call_goes_on() {
    let script = Script::of([Step::Hang]);
    let policy = exact().attempt_timeout(seconds(20));
    let answered = vehicle(&script)
        .batch::<(Odometer,)>()
        .retry(policy)
        .send()
        .await
        .unwrap();
    assert_eq!(script.waits(), [seconds(21)]);
    assert_eq!(
        (answered.attempts, answered.charged),
        (2, 2),
        "it may have been sent"
    );
}

#[derive(Debug, Default)]
struct Rotating {
    fetched: AtomicU32,
}

impl TokenSource for Rotating {
    fn fetch(&self) -> TokenFuture<'_> {
        Box::pin(async {
            let count = self.fetched.fetch_add(1, SeqCst) + 1;
            Ok(IssuedToken::new(AccessToken::new(format!(
                "token-{count}"
            ))?))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once_and_the_request_repeated_once() {
    let refused = || status(401, &[], &api("AUTHENTICATION", None, None));
    let script = Script::of([refused()]);
    let vehicle = vehicle_of(tokenless().token_source(Rotating::default()), &script);
    let answered = vehicle.batch::<(Odometer,)>().send().await.unwrap();
    assert_eq!((answered.attempts, answered.charged), (2, 2));
    assert_eq!(script.waits(), [seconds(0)]);
    let script = Script::of(vec![refused(); 9]);
    let vehicle = vehicle_of(tokenless().token_source(Rotating::default()), &script);
    let error = vehicle.batch::<(Odometer,)>().send().await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(401), 2));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_gives_no_token_sends_nothing() {
    #[derive(Debug)]
    struct Closed;
    impl TokenSource for Closed {
        fn fetch(&self) -> TokenFuture<'_> {
            Box::pin(async { Err(crate::TokenError::new("the vault is closed")) })
        }
    }
    let script = Script::default();
    let vehicle = vehicle_of(tokenless().token_source(Closed), &script);
    let error = vehicle.batch::<(Odometer,)>().send().await.unwrap_err();
    assert_eq!((error.kind(), error.charged()), (ErrorKind::Token, 0));
    assert!(script.sent().is_empty());
}
