//! The list of vehicles with the in-memory transport and a paused clock.

mod v3;

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use tokio::time::Instant;

use super::*;
use crate::call::tests::{Script, Step, api, builder, client_of, seconds, tokenless};
use crate::{
    AccessToken, BudgetKey, BudgetRequest, ErrorKind, InProcessBudget, IssuedToken, Rate,
    RateBudget, TokenFuture, TokenSource,
};

/// A page of these vehicles; `count` as the response states it.
fn page(ids: impl IntoIterator<Item = u32>, count: &str) -> Step {
    let ids: Vec<_> = ids.into_iter().map(|id| format!("\"v{id}\"")).collect();
    let paging = match count {
        "" => String::new(),
        count => format!(r#", "paging": {{"count": {count}, "offset": 0}}"#),
    };
    body(&format!(r#"{{"vehicles": [{}]{paging}}}"#, ids.join(", ")))
}

fn body(text: &str) -> Step {
    Step::Answer(200, Vec::new(), text.to_owned())
}

fn client(steps: impl IntoIterator<Item = Step>) -> (Client, Script) {
    let script = Script::of(steps);
    (client_of(builder(), &script), script)
}

/// The numbers of the vehicles, and the error that ended the list.
async fn listed(client: &Client) -> (Vec<u32>, Option<Error>) {
    let (mut numbers, mut error) = (Vec::new(), None);
    let mut vehicles = client.vehicles();
    while let Some(item) = vehicles.next().await {
        assert!(error.is_none(), "nothing comes after an error");
        match item {
            Ok(vehicle) => numbers.push(vehicle.id().as_str()[1..].parse().unwrap()),
            Err(ended) => error = Some(ended),
        }
    }
    assert!(vehicles.next().await.is_none());
    (numbers, error)
}

fn offsets(script: &Script) -> Vec<u32> {
    let path = |paths: &[String]| paths[0].strip_prefix("/vehicles?offset=").map(str::parse);
    let offsets = script.asked();
    offsets
        .iter()
        .map(|it| path(it).unwrap().unwrap())
        .collect()
}

fn numbers(until: u32) -> Vec<u32> {
    (0..until).collect()
}

#[tokio::test(start_paused = true)]
async fn pages_are_asked_until_the_count_is_reached_or_a_page_is_empty() {
    let cases: [(Vec<Step>, u32, &[u32]); 6] = [
        (vec![page([], "0")], 0, &[0]),
        (vec![page(0..50, "50")], 50, &[0]),
        (
            vec![
                page(0..50, "120"),
                page(50..100, "120"),
                page(100..120, "120"),
            ],
            120,
            &[0, 50, 100],
        ),
        // A page that is shorter than requested need not be the last.
        (vec![page(0..10, "15"), page(10..15, "15")], 15, &[0, 10]),
        // Without a count, or with an absurd one, an empty page is the end.
        (
            vec![page(0..50, ""), page(50..60, ""), page([], "")],
            60,
            &[0, 50, 60],
        ),
        (vec![page(0..3, "-1"), page([], "-1")], 3, &[0, 3]),
    ];
    for (steps, expected, asked) in cases {
        let (client, script) = client(steps);
        let (found, error) = listed(&client).await;
        assert_eq!((found, error.is_none()), (numbers(expected), true));
        assert_eq!(offsets(&script), asked);
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_is_asked_when_it_is_needed() {
    let (client, script) = client([page(0..50, "100"), page(50..100, "100")]);
    let mut vehicles = client.vehicles();
    assert_eq!(script.sent().len(), 0);
    for _ in 0..50 {
        vehicles.next().await.unwrap().unwrap();
    }
    assert_eq!(script.sent().len(), 1);
    vehicles.next().await.unwrap().unwrap();
    assert_eq!(script.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_shifts_gives_each_vehicle_once() {
    // One was added at the front, one was removed, and the count went down.
    let steps = [
        page(0..50, "101"),
        page(49..99, "101"),
        page(99..100, "100"),
    ];
    let (client, _) = client(steps);
    let (found, error) = listed(&client).await;
    assert_eq!((found, error.is_none()), (numbers(100), true));
    // All entries of the last page were on the page before.
    let (client, _) = self::client([page(0..50, "51"), page(49..50, "51")]);
    let (found, error) = listed(&client).await;
    assert_eq!((found, error.is_none()), (numbers(50), true));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_does_not_go_on_is_an_error_and_ends() {
    let (client, script) = client(vec![page(0..50, "500"); 9]);
    let (found, error) = listed(&client).await;
    let error = error.unwrap();
    assert_eq!((found, error.kind()), (numbers(50), ErrorKind::Decode));
    assert_eq!(script.sent().len(), 2);
    assert!(error.to_string().contains("made no progress"), "{error}");
    assert_eq!(
        (error.request_id(), error.charged()),
        (Some("request-1"), 0)
    );
    // Without a count, nothing says that there are more.
    let (client, _) = self::client(vec![page(0..50, ""); 9]);
    let (found, error) = listed(&client).await;
    assert_eq!((found, error.is_none()), (numbers(50), true));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_does_not_end_is_given_up() {
    let pages = (0..)
        .step_by(50)
        .map(|first| page(first..first + 50, "999999999"));
    let (client, script) = client(pages.take(VEHICLES_LISTED / 50 + 9));
    let (found, error) = listed(&client).await;
    assert_eq!(found.len(), VEHICLES_LISTED);
    assert!(error.unwrap().to_string().contains("does not end"));
    assert_eq!(script.sent().len(), VEHICLES_LISTED / 50 + 1);
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_none_does_not_cost_the_others() {
    let ids = r#"["v0", "../v1", null, 7, {"id": "v1"}, "v2"]"#;
    let answer = format!(r#"{{"vehicles": {ids}, "paging": {{"count": 6}}}}"#);
    let (client, script) = client([body(&answer)]);
    let items: Vec<_> = client.vehicles().collect().await;
    let good: Vec<_> = items.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, false, false, false, false, true]);
    for error in items.iter().filter_map(|item| item.as_ref().err()) {
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.is_list_entry());
        assert!(!format!("{error:?}").contains("v1"));
    }
    assert_eq!(script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn paging_that_cannot_be_read_does_not_cost_the_page() {
    for paging in [r#""3""#, "7", r#"{"count": {}}"#, "[]", "null"] {
        let answer = format!(r#"{{"vehicles": ["v0", "v1", "v2"], "paging": {paging}}}"#);
        let (client, _) = client([body(&answer), page([], "")]);
        let (found, error) = listed(&client).await;
        assert_eq!((found, error.is_none()), (numbers(3), true), "{paging}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_of_unreadable_entries_does_not_end_the_list() {
    let bad = |count: &str| body(&format!(r#"{{"vehicles": [null]{count}}}"#));
    let pages = [
        (page(0..1, "3"), bad(r#", "paging": {"count": 3}"#)),
        (page(0..1, ""), bad("")),
    ];
    for (first, second) in pages {
        let rest = [page(1..2, "3"), page([], "")];
        let (client, _) = client([first, second].into_iter().chain(rest));
        let items: Vec<_> = client.vehicles().collect().await;
        let good: Vec<_> = items.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, false, true]);
    }
    // A page that repeats ends the list.
    let (client, script) = client(vec![bad(r#", "paging": {"count": 500}"#); 9]);
    let items: Vec<_> = client.vehicles().collect().await;
    let errors: Vec<_> = items
        .iter()
        .filter_map(|item| item.as_ref().err())
        .collect();
    assert_eq!((errors.len(), script.sent().len()), (3, 2));
    assert!(errors[1].is_list_entry() && !errors[2].is_list_entry());
    assert!(errors[2].to_string().contains("made no progress"));
}

#[tokio::test(start_paused = true)]
async fn a_page_fails_as_a_whole_and_after_the_same_repeats_as_a_batch() {
    let busy = || Step::Answer(502, Vec::new(), "<html>".to_owned());
    let forbidden = api("PERMISSION", None, None);
    let (client, script) = client([
        page(0..50, "120"),
        busy(),
        Step::Refuse,
        page(50..100, "120"),
        Step::Answer(403, Vec::new(), forbidden),
    ]);
    let (found, error) = listed(&client).await;
    let error = error.unwrap();
    assert_eq!((found, error.kind()), (numbers(100), ErrorKind::Api));
    assert_eq!(
        (error.status(), error.attempts(), error.charged()),
        (Some(403), 1, 0)
    );
    assert_eq!(offsets(&script), [0, 50, 50, 50, 100]);
    assert_eq!(script.waits()[1..3], [seconds(1), seconds(2)]);

    for text in ["<html>", "[]", r#"{"vehicles": 5}"#, "{}"] {
        let (client, script) = self::client([body(text)]);
        let (found, error) = listed(&client).await;
        let error = error.unwrap();
        assert_eq!(
            (found, error.kind()),
            (numbers(0), ErrorKind::Decode),
            "{text}"
        );
        assert_eq!((script.sent().len(), error.status()), (1, Some(200)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_renewed_once_a_page() {
    #[derive(Debug)]
    struct Two;
    impl TokenSource for Two {
        fn fetch(&self) -> TokenFuture<'_> {
            Box::pin(async { Ok(IssuedToken::new(AccessToken::new("fresh")?)) })
        }
    }
    let refused = || Step::Answer(401, Vec::new(), api("AUTHENTICATION", None, None));
    let script = Script::of([refused(), page(0..2, "2"), refused(), refused()]);
    let client = client_of(tokenless().token_source(Two), &script);
    let all: Vec<_> = client.vehicles().try_collect().await.unwrap();
    assert_eq!(all.len(), 2);
    let (_, error) = listed(&client).await;
    assert_eq!(error.unwrap().status(), Some(401));
    assert_eq!(script.sent().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn pages_draw_on_the_applications_budget_and_wait_for_it() {
    let every = Duration::from_secs(30);
    let rate = Rate::new(1.try_into().unwrap(), every);
    let budget = Arc::new(InProcessBudget::unlimited().per_application(rate));
    let steps = [
        page(0..50, "150"),
        page(50..100, "150"),
        page(100..150, "150"),
    ];
    let script = Script::of(steps);
    let client = client_of(builder().budget(Arc::clone(&budget)), &script);
    let start = Instant::now();
    let (found, error) = listed(&client).await;
    assert_eq!((found, error.is_none()), (numbers(150), true));
    assert_eq!(
        (script.waits(), start.elapsed()),
        (vec![every; 2], every * 2)
    );
    // A rate limit during the list is the application's, whatever its code.
    tokio::time::advance(every).await;
    let limit = api("RATE_LIMIT", Some("VEHICLE"), None);
    let script = Script::of([Step::Answer(
        429,
        vec![("Retry-After", "900".to_owned())],
        limit,
    )]);
    let client = client_of(builder().budget(Arc::clone(&budget)), &script);
    let (_, error) = listed(&client).await;
    assert!(error.unwrap().retry_at().is_some());
    tokio::time::advance(every * 20).await;
    let application = [BudgetKey::Application];
    let refused = budget
        .acquire(BudgetRequest::new(&application, 1.try_into().unwrap()))
        .await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn the_list_can_be_spawned() {
    fn can_be_spawned<T: Send + Unpin + 'static>(_: T) {}
    let (client, _) = client([]);
    can_be_spawned(client.vehicles());
}
