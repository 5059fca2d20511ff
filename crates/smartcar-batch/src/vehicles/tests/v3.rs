//! The list of vehicles on v3, built from connections.

use super::*;
use crate::{Api, ClientBuilder, UserId};

/// A page of these connections, each a vehicle and its user, and other members of the
/// page.
fn connections<'a>(of: impl IntoIterator<Item = (u32, &'a str)>, beside: &str) -> Step {
    let connection = |(vehicle, user): (u32, &str)| {
        format!(
            r#"{{"id": "c", "attributes": {{"user": {{"id": "{user}"}}}},
                "relationships": {{"vehicle": {{"data": {{"id": "v{vehicle}"}}}}}}}}"#
        )
    };
    let list: Vec<_> = of.into_iter().map(connection).collect();
    body(&format!(r#"{{"data": [{}]{beside}}}"#, list.join(", ")))
}

/// A page of connections of one user.
fn page(ids: impl IntoIterator<Item = u32>, beside: &str) -> Step {
    connections(ids.into_iter().map(|id| (id, "user-1")), beside)
}

fn v3() -> ClientBuilder {
    builder().api(Api::V3)
}

fn client(steps: impl IntoIterator<Item = Step>) -> (Client, Script) {
    let script = Script::of(steps);
    (client_of(v3(), &script), script)
}

fn pages(script: &Script) -> Vec<String> {
    script.asked().concat()
}

fn asked(pages: std::ops::RangeInclusive<u32>) -> Vec<String> {
    pages
        .map(|page| format!("/connections?page={page}"))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn pages_end_as_their_paging_says_by_any_of_its_names() {
    const OF_2026: &str = r#", "meta": {"pageNumber": 1, "pageSize": 50, "totalCount": 3}"#;
    const OF_2025: &str = r#", "meta": {"page": "1", "total": "3"}, "links": {"next": null}"#;
    const NEXT: &str = r#", "links": {"next": "/v3/connections?page[number]=2"}"#;
    let cases: [(Vec<Step>, u32, u32); 7] = [
        (vec![page([], r#", "meta": {"totalCount": 0}"#)], 0, 1),
        (vec![page(0..3, OF_2026)], 3, 1),
        (vec![page(0..3, OF_2025)], 3, 1),
        // A page that is shorter than requested need not be the last.
        (vec![page(0..2, OF_2026), page(2..3, OF_2026)], 3, 2),
        // Without paging metadata, an empty page is the end, or one that repeats.
        (vec![page(0..3, ""), page([], "")], 3, 2),
        (vec![page(0..3, ""), page(0..3, "")], 3, 2),
        // If a next page is linked, it is requested, whatever the total.
        (
            vec![
                page(0..2, &format!("{NEXT}, \"meta\": {{\"totalCount\": 2}}")),
                page(2..3, r#", "meta": {"totalCount": 2}"#),
            ],
            3,
            2,
        ),
    ];
    for (steps, expected, until) in cases {
        let (client, script) = client(steps);
        let (found, error) = listed(&client).await;
        assert_eq!((found, error.is_none()), (numbers(expected), true));
        assert_eq!(pages(&script), asked(1..=until));
    }
}

#[tokio::test(start_paused = true)]
async fn each_vehicle_comes_once_and_with_its_user() {
    // Page two has no new vehicles, but new connections.
    let total = r#", "meta": {"totalCount": 5}"#;
    let steps = [
        connections([(0, "a"), (1, "a")], total),
        connections([(0, "b"), (1, "b")], total),
        body(&format!(
            r#"{{"data": [{{"relationships": {{"vehicle": {{"data": {{"id": "v2"}}}}}}}}]{total}}}"#
        )),
    ];
    let (client, _) = client(steps);
    let found: Vec<_> = client.vehicles().try_collect().await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|found| (found.id().as_str(), found.user().map(UserId::as_str)))
        .collect();
    assert_eq!(found, [("v0", Some("a")), ("v1", Some("a")), ("v2", None)]);
}

#[tokio::test(start_paused = true)]
async fn only_the_clients_users_vehicles_are_listed() {
    let script = Script::of([page(0..1, ""), page([], "")]);
    let client = client_of(v3().user(UserId::new("user-1").unwrap()), &script);
    let (found, _) = listed(&client).await;
    assert_eq!(found, [0]);
    assert_eq!(pages(&script)[0], "/connections?page=1&user=user-1");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_none_does_not_cost_the_others() {
    let whole = |vehicle: &str, user: &str| {
        format!(
            r#"{{"attributes": {{"user": {{"id": "{user}"}}}},
                "relationships": {{"vehicle": {{"data": {{"id": "{vehicle}"}}}}}}}}"#
        )
    };
    let list = [
        whole("v0", "user-1"),
        "7".to_owned(),
        r#"{"id": "c"}"#.to_owned(),
        whole("../v1", "user-1"),
        whole("v1", "us er"),
        whole("v2", "user-1"),
    ];
    let answer = format!(
        r#"{{"data": [{}], "meta": {{"totalCount": 6}}}}"#,
        list.join(", ")
    );
    let (client, script) = client([body(&answer)]);
    let items: Vec<_> = client.vehicles().collect().await;
    let good: Vec<_> = items.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, false, false, false, false, true]);
    for error in items.iter().filter_map(|item| item.as_ref().err()) {
        assert_eq!((error.kind(), error.charged()), (ErrorKind::Decode, 0));
        assert!(error.is_list_entry());
        assert_eq!(error.request_id(), Some("request-1"));
        let shown = format!("{error:?}");
        assert!(!shown.contains("v1") && !shown.contains("us er"), "{shown}");
    }
    assert_eq!(script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_page_of_connections_without_vehicles_does_not_end_the_list() {
    let total = r#", "meta": {"totalCount": 3}"#;
    let bare = body(&format!(r#"{{"data": [{{"id": "c"}}]{total}}}"#));
    let (client, script) = client([page(0..1, total), bare, page(1..2, total)]);
    let items: Vec<_> = client.vehicles().collect().await;
    let good: Vec<_> = items.iter().map(Result::is_ok).collect();
    assert_eq!((good, script.sent().len()), (vec![true, false, true], 3));
    assert!(items[1].as_ref().unwrap_err().is_list_entry());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_does_not_go_on_is_an_error_and_ends() {
    for beside in [
        r#", "meta": {"totalCount": 500}"#,
        r#", "links": {"next": "https://elsewhere.example/"}"#,
    ] {
        let (client, script) = client(vec![page(0..50, beside); 9]);
        let (found, error) = listed(&client).await;
        assert_eq!((found, script.sent().len()), (numbers(50), 2));
        let error = error.unwrap();
        assert!(error.to_string().contains("made no progress"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_fails_as_a_whole_and_is_repeated_as_any_request() {
    let busy = Step::Answer(502, Vec::new(), "<html>".to_owned());
    let forbidden = r#"{"errors": [{"status": "403", "type": "PERMISSION", "title": "no"}]}"#;
    let (client, script) = client([
        page(0..50, r#", "meta": {"totalCount": 120}"#),
        busy,
        page(50..100, r#", "meta": {"totalCount": 120}"#),
        Step::Answer(403, Vec::new(), forbidden.to_owned()),
    ]);
    let (found, error) = listed(&client).await;
    let error = error.unwrap();
    assert_eq!((found, error.status()), (numbers(100), Some(403)));
    assert_eq!((error.kind(), error.charged()), (ErrorKind::Api, 0));
    let page = |page| format!("/connections?page={page}");
    assert_eq!(pages(&script), [page(1), page(2), page(2), page(3)]);
    assert_eq!(script.waits()[1], seconds(1));

    for text in ["<html>", "{}", r#"{"data": 5}"#] {
        let (client, script) = self::client([body(text)]);
        let (_, error) = listed(&client).await;
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Decode, "{text}");
        assert_eq!((script.sent().len(), error.status()), (1, Some(200)));
    }
}
