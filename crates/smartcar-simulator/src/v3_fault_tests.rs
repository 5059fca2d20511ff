use serde_json::{Value, json};

use super::tests::{ODOMETER, error, get, one, signals, status};
use crate::fault::Fault;
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
    assert_eq!(status(&app, ODOMETER).await.0, "SUCCESS", "it is spent");

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
