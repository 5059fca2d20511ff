use serde_json::{Value, json};

use crate::app::App;
use crate::fault::value::Fault;
use crate::spec::Spec;
use crate::testing::{Ask, Reply, app, batch_of, items};

fn app_with(faults: impl IntoIterator<Item = Fault>) -> App {
    let app = app();
    for fault in faults {
        app.add_fault(fault).unwrap();
    }
    app
}

/// A batch of three with these faults.
async fn batch(faults: impl IntoIterator<Item = Fault>) -> Reply {
    let ask = batch_of(["/odometer", "/fuel", "/location"]);
    ask.send(&app_with(faults)).await
}

async fn alone(path: &str, faults: impl IntoIterator<Item = Fault>) -> Reply {
    Ask::read(path).send(&app_with(faults)).await
}

fn paths(reply: &Reply) -> Vec<&str> {
    let path = |item: &'_ Value| item["path"].as_str().map(str::len);
    assert!(items(reply).iter().all(|item| path(item).is_some()));
    items(reply)
        .iter()
        .filter_map(|item| item["path"].as_str())
        .collect()
}

#[tokio::test]
async fn a_status_has_an_empty_body_and_says_nothing_else() {
    for reply in [
        batch([Fault::status(503)]).await,
        alone("/vin", [Fault::status(503)]).await,
    ] {
        assert_eq!(reply.status, 503);
        assert_eq!(reply.text, "");
        assert!(reply.headers.is_empty());
    }
}

#[tokio::test]
async fn a_proxys_page_is_html() {
    let reply = batch([Fault::html(502)]).await;
    assert_eq!(reply.status, 502);
    assert_eq!(reply.header("content-type"), Some("text/html"));
    assert_eq!(reply.header("sc-request-id"), None);
    assert!(reply.text.contains("<h1>502 Bad Gateway</h1>"));
}

#[tokio::test]
async fn every_error_of_the_catalogue_can_be_the_whole_answer_or_an_item() {
    for (kind, code) in Spec::embedded().unwrap().catalogue.names() {
        let whole = batch([Fault::error(kind, code)]).await;
        let (found, found_code, status) = whole.error();
        assert_eq!((found, found_code), (kind, code));

        let item = Fault::item_error("/fuel", kind, code);
        let reply = batch([item.clone()]).await;
        let struck = &items(&reply)[1];
        assert_eq!(struck["code"], status);
        assert_eq!(struck["path"], "/fuel");
        assert_eq!(
            struck["headers"],
            json!({"content-type": "application/json"})
        );
        assert_eq!(struck["body"], whole.body);
        assert_eq!(items(&reply)[0]["code"], 200);
        assert_eq!(items(&reply)[2]["code"], 200);

        let reply = alone("/fuel", [item]).await;
        assert_eq!(reply.error(), (kind, code, status));
    }
}

#[tokio::test]
async fn outer_headers_and_status_are_changed_last() {
    let fault = Fault::error("RATE_LIMIT", Some("VEHICLE"))
        .header("Retry-After", "120")
        .without_header("SC-Request-Id")
        .with_status(200);
    let reply = batch([fault]).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("retry-after"), Some("120"));
    assert_eq!(reply.header("sc-request-id"), None);
    assert_eq!(reply.body["statusCode"], 429);

    let beside = Fault::unchanged().header("retry-after", "later");
    let reply = batch([beside, Fault::status(503)]).await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.header("retry-after"), Some("later"));
}

#[tokio::test]
async fn a_raw_body_is_sent_as_it_is() {
    let reply = batch([Fault::raw_body("{\"responses\":")]).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.text, "{\"responses\":");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert!(reply.header("sc-request-id").is_some());
    // It also replaces a rejection.
    let app = app_with([Fault::raw_body("[]")]);
    let reply = Ask::get("/nothing").send(&app).await;
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, "[]"));
}

#[tokio::test]
async fn items_are_left_out_doubled_added_and_reordered() {
    let (one, two, three) = ("/odometer", "/fuel", "/location");
    for (fault, expected) in [
        (Fault::missing_item(two), vec![one, three]),
        (Fault::duplicate_item("fuel"), vec![one, two, three, two]),
        (Fault::unasked_item("/vin"), vec![one, two, three, "/vin"]),
        (
            Fault::unasked_item("/trunk"),
            vec![one, two, three, "/trunk"],
        ),
        (Fault::reversed_items(), vec![three, two, one]),
    ] {
        let reply = batch([fault.clone()]).await;
        assert_eq!(paths(&reply), expected, "{fault:?}");
        let complete = |item: &Value| item["headers"].is_object() && item["body"].is_object();
        assert!(items(&reply).iter().all(complete), "{fault:?}");
    }
    let reply = batch([Fault::unasked_item("/vin")]).await;
    assert!(items(&reply)[3]["body"]["vin"].is_string());
    let faults = [Fault::duplicate_item(two), Fault::reversed_items()];
    assert_eq!(paths(&batch(faults).await), [two, three, two, one]);
}

#[tokio::test]
async fn a_seed_decides_the_orders() {
    async fn orders(seed: u64) -> Vec<Vec<String>> {
        let app = app_with([Fault::shuffled_items(seed)]);
        let mut orders = Vec::new();
        for _ in 0..10 {
            let reply = batch_of(["/odometer", "/fuel", "/location"])
                .send(&app)
                .await;
            orders.push(paths(&reply).into_iter().map(str::to_owned).collect());
        }
        orders
    }
    let first = orders(1).await;
    assert_eq!(first, orders(1).await);
    assert_ne!(first, orders(2).await);
    assert!(first.iter().any(|order| *order != first[0]));
}

#[tokio::test]
async fn an_item_becomes_anything() {
    let reply = batch([Fault::item_json("/fuel", json!(42))]).await;
    assert_eq!(items(&reply)[1], 42);
    assert_eq!(items(&reply).len(), 3);

    let reply = batch([Fault::extra_item(json!("more"))]).await;
    assert_eq!(items(&reply)[3], "more");

    let fault = Fault::item_body("/fuel", json!([1]));
    let reply = batch([fault.clone()]).await;
    assert_eq!(items(&reply)[1]["body"], json!([1]));
    assert_eq!(items(&reply)[1]["code"], 200);
    assert!(items(&reply)[1]["headers"]["sc-data-age"].is_string());
    let reply = alone("/fuel", [fault]).await;
    assert_eq!((reply.status.as_u16(), reply.body), (200, json!([1])));
}

#[tokio::test]
async fn item_headers_keep_their_spelling_and_type() {
    for (name, value) in [
        ("Retry-After", json!("120")),
        ("retry-after", json!("120")),
        ("RETRY-AFTER", json!(120)),
        ("retry-after", json!(-1.5)),
        ("two words", Value::Null),
        ("Content-Length", json!(1)),
    ] {
        let fault = Fault::item_error("/fuel", "RATE_LIMIT", Some("VEHICLE"));
        let fault = fault.item_header(name, value.clone());
        let reply = batch([fault.clone()]).await;
        assert_eq!(items(&reply)[1]["headers"][name], value);
        assert_eq!(items(&reply)[0]["headers"].get(name), None);
        // An invalid outer header must not cause a failure either.
        let reply = alone("/fuel", [fault]).await;
        reply.error();
        assert_eq!(reply.header("content-length"), None);
    }
    let fault = Fault::item("/fuel").item_header("retry-after", json!(7));
    let reply = alone("/fuel", [fault]).await;
    assert_eq!(reply.header("retry-after"), Some("7"));
}

#[tokio::test]
async fn an_item_header_replaces_the_one_in_another_spelling() {
    let fault = Fault::item("/fuel").item_header("SC-Data-Age", json!("yesterday"));
    let reply = batch([fault]).await;
    let headers = items(&reply)[1]["headers"].as_object().unwrap();
    assert_eq!(headers["SC-Data-Age"], "yesterday");
    assert_eq!(headers.get("sc-data-age"), None);

    let fault = Fault::unchanged().item_header("x", json!(1));
    let reply = batch([fault]).await;
    assert!(items(&reply).iter().all(|item| item["headers"]["x"] == 1));

    let item = json!({"path": "/fuel", "code": 200, "headers": null});
    let fault = Fault::item_json("/fuel", item).item_header("x", json!(1));
    let reply = batch([fault]).await;
    assert_eq!(items(&reply)[1]["headers"], json!({"x": 1}));
}

#[tokio::test]
async fn items_lose_their_headers() {
    let error = || Fault::item_error("/fuel", "UPSTREAM", Some("NO_RESPONSE"));
    let kept = |reply: &Reply| -> Vec<bool> {
        let has = |item: &Value| item.get("headers").is_some();
        items(reply).iter().map(has).collect()
    };
    let reply = batch([error(), Fault::without_error_headers()]).await;
    assert_eq!(kept(&reply), [true, false, true]);
    let reply = batch([error(), Fault::without_item_headers()]).await;
    assert_eq!(kept(&reply), [false; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_request_is_recorded_before_its_latency_and_answered_after() {
    use std::sync::Arc;
    use std::time::Duration;

    let latency = Duration::from_secs(300);
    let app = Arc::new(app_with([Fault::latency(latency).times(1)]));
    let start = tokio::time::Instant::now();
    let asking = tokio::spawn({
        let app = Arc::clone(&app);
        async move { Ask::read("/vin").send(&app).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(app.requests()[0].status, None);
    let reply = asking.await.unwrap();
    assert_eq!(reply.status, 200);
    assert!(start.elapsed() >= latency && start.elapsed() < 2 * latency);
    assert_eq!(app.requests()[0].status, Some(200));
}

#[tokio::test]
async fn a_foreign_host_meets_no_fault() {
    let app = app_with([Fault::status(200).times(1)]);
    let ask = Ask::read("/vin").header("host", "evil.example");
    assert_eq!(ask.send_bare(&app).await.status, 421);
    assert_eq!(Ask::read("/vin").send(&app).await.text, "");
}
