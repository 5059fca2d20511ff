use serde_json::{Value, json};

use super::tests::{ODOMETER, error, get, one, signals, status};
use crate::fault::value::Fault;
use crate::testing::{ANY_VEHICLE, app};

#[tokio::test]
async fn faults_strike_whole_answers() {
    let app = app();
    app.add_fault(Fault::html(503).on_path("/signals").times(1))
        .unwrap();
    assert_eq!(get(&app, &one(ODOMETER)).await.status, 200);
    let struck = get(&app, &signals()).await;
    assert_eq!(
        (struck.status.as_u16(), struck.header("content-type")),
        (503, Some("text/html"))
    );
    app.add_fault(Fault::error("RATE_LIMIT", Some("VEHICLE")).times(1))
        .unwrap();
    let expected = ("RATE_LIMIT".to_owned(), Some("VEHICLE".to_owned()), 429);
    assert_eq!(error(&get(&app, &one(ODOMETER)).await), expected);
    app.add_fault(Fault::error(
        "RESOURCE_NOT_FOUND",
        Some("VEHICLE_NOT_FOUND"),
    ))
    .unwrap();
    assert_eq!(get(&app, "/connections").await.status, 404);
    let records = app.requests();
    let last = records.last().unwrap();
    assert_eq!(
        (last.path.as_str(), last.status),
        ("/v3/connections", Some(404))
    );
    assert_eq!(records[0].vehicle.as_deref(), Some(ANY_VEHICLE));
}

#[tokio::test]
async fn faults_strike_single_signals() {
    let app = app();
    let path = format!("/signals/{ODOMETER}");
    let fault = Fault::item_error(&path, "UPSTREAM", Some("NO_RESPONSE"));
    app.add_fault(fault.times(2)).unwrap();
    let list = get(&app, &signals()).await.body;
    let is_odometer = |it: &&Value| it["id"] == ODOMETER;
    let failed = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(is_odometer)
        .unwrap();
    let alone = get(&app, &one(ODOMETER)).await.body["data"].clone();
    assert_eq!(&alone, failed);
    assert_eq!(
        failed["attributes"]["status"]["error"]["code"],
        "NO_RESPONSE"
    );
    assert!(failed["attributes"].get("body").is_none());
    assert_eq!(
        status(&app, ODOMETER).await.0,
        "SUCCESS",
        "the fault is used up"
    );

    app.add_fault(Fault::item_body(&path, json!({"value": "?"})).times(1))
        .unwrap();
    let body = get(&app, &one(ODOMETER)).await.body;
    assert_eq!(body["data"]["attributes"]["body"], json!({"value": "?"}));
    app.add_fault(Fault::missing_item(&path).times(1)).unwrap();
    let list = get(&app, &signals()).await.body;
    assert!(
        !list["data"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["id"] == ODOMETER)
    );
    assert_eq!(
        list["meta"]["totalCount"],
        list["data"].as_array().unwrap().len()
    );
    app.add_fault(Fault::duplicate_item(&path)).unwrap();
    let list = get(&app, &signals()).await.body;
    assert_eq!(
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .filter(is_odometer)
            .count(),
        2
    );
}

/// The codes in the list, in order; empty strings for entries without a code.
async fn codes(app: &crate::app::App) -> Vec<String> {
    let list = get(app, &signals()).await.body;
    let count = &list["meta"]["totalCount"];
    let list = list["data"].as_array().unwrap();
    assert_eq!(count, list.len());
    let code = |signal: &Value| signal["id"].as_str().unwrap_or_default().to_owned();
    list.iter().map(code).collect()
}

#[tokio::test]
async fn faults_of_the_list_strike_the_signals_too() {
    let app = app();
    let honest = codes(&app).await;
    let with = |more: &str| {
        let mut codes = honest.clone();
        codes.push(more.to_owned());
        codes
    };
    let mut reversed = honest.clone();
    reversed.reverse();
    for (fault, expected) in [
        (Fault::reversed_items(), reversed),
        (Fault::extra_item(json!(42)), with("")),
        (Fault::extra_item(json!({"id": "x-y"})), with("x-y")),
        (Fault::unasked_item("/signals/x-y"), with("x-y")),
        (
            Fault::unasked_item(&format!("/signals/{ODOMETER}")),
            with(ODOMETER),
        ),
    ] {
        app.add_fault(fault.times(1)).unwrap();
        // A single signal is not a list, so the fault stays active.
        assert_eq!(status(&app, ODOMETER).await.0, "SUCCESS");
        assert_eq!(codes(&app).await, expected);
        assert_eq!(codes(&app).await, honest, "the fault is used up");
    }
    app.add_fault(Fault::shuffled_items(7)).unwrap();
    let (one, other) = (codes(&app).await, codes(&app).await);
    assert!(
        one != honest && one != other,
        "each seed gives another order"
    );
    let mut sorted = one;
    sorted.sort();
    let mut all = honest.clone();
    all.sort();
    assert_eq!(sorted, all);
}

#[tokio::test]
async fn what_only_a_batch_has_leaves_signals_alone() {
    let app = app();
    let honest = get(&app, &signals()).await.body;
    for fault in [
        Fault::without_item_headers(),
        Fault::unasked_item("/vin"),
        Fault::missing_item("/odometer"),
    ] {
        app.add_fault(fault.times(1)).unwrap();
        assert_eq!(get(&app, &signals()).await.body, honest);
    }
    assert_eq!(app.faults().all().len(), 3, "all of them are still active");
}
