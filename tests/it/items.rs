//! One bad item never affects another: each kind of fault in a batch whose other
//! items are read correctly.

use smartcar_batch::model::{ChargeState, Retry};
use smartcar_batch::{
    AccessToken, Charge, Client, ErrorKind, Fuel, ItemError, Location, Odometer, Reading, Response,
    Vehicle, VehicleId,
};
use smartcar_tests::{Canned, answer};

const ODOMETER: &str = r#"{"path": "/odometer", "code": 200, "body": {"distance": 37829},
    "headers": {"sc-unit-system": "metric"}}"#;
const LOCATION: &str = r#"{"path": "/location", "code": 200,
    "body": {"latitude": 37.4292, "longitude": 122.1381}, "headers": {}}"#;

type Three = (
    Result<Reading<Odometer>, ItemError>,
    Result<Reading<Charge>, ItemError>,
    Result<Reading<Location>, ItemError>,
);

fn vehicle(server: &Canned) -> Vehicle {
    Client::builder()
        .access_token(AccessToken::new("t").unwrap())
        .api_origin(server.origin())
        .build()
        .unwrap()
        .vehicle(VehicleId::new("v").unwrap())
}

/// Requests odometer, charge and location from a server that returns these items.
async fn ask(items: &[&str]) -> Response<Three> {
    let body = format!(r#"{{"responses": [{}]}}"#, items.join(", "));
    let server = Canned::json(&body).await.unwrap();
    vehicle(&server)
        .batch::<(Odometer, Charge, Location)>()
        .send()
        .await
        .unwrap()
}

fn others_are_whole(answered: &Response<Three>) {
    let (odometer, _, location) = &answered.data;
    assert!((odometer.as_ref().unwrap().distance - 37829.0).abs() < f64::EPSILON);
    assert!((location.as_ref().unwrap().latitude - 37.4292).abs() < f64::EPSILON);
}

fn charge(answered: Response<Three>) -> Result<Reading<Charge>, ItemError> {
    others_are_whole(&answered);
    answered.data.1
}

#[tokio::test]
async fn an_answer_in_another_order() {
    let item =
        r#"{"path": "/charge", "code": 200, "body": {"isPluggedIn": true, "state": "CHARGING"}}"#;
    let answered = ask(&[LOCATION, item, ODOMETER]).await;
    assert!(answered.all_ok());
    let charge = charge(answered).unwrap();
    assert_eq!(charge.state, ChargeState::Charging);
}

#[tokio::test]
async fn an_item_that_is_missing() {
    let answered = ask(&[ODOMETER, LOCATION]).await;
    assert_eq!(answered.failures().len(), 1);
    assert_eq!(answered.failures()[0].path, "/charge");
    assert_eq!(charge(answered), Err(ItemError::Missing));
}

#[tokio::test]
async fn a_403_without_headers() {
    let item = r#"{"path": "/charge", "code": 403, "body": {"type": "PERMISSION", "code": null,
        "description": "not granted", "docURL": null, "statusCode": 403,
        "requestId": "b0f7", "resolution": {"type": "REAUTHENTICATE"}}}"#;
    let error = charge(ask(&[ODOMETER, item, LOCATION]).await).unwrap_err();
    let api = error.api_error().unwrap();
    assert_eq!(api.status, 403);
    assert_eq!(api.error_type.as_deref(), Some("PERMISSION"));
    assert_eq!(api.resolution_type(), Some("REAUTHENTICATE"));
    assert_eq!(api.retry(), Retry::No);
    assert_eq!(error.to_string(), "status 403 PERMISSION: not granted");
}

#[tokio::test]
async fn a_body_of_the_wrong_shape() {
    let cases = [
        (
            r#"{"isPluggedIn": "yes", "state": "CHARGING"}"#,
            "/body/isPluggedIn",
            "expected a boolean, found a string",
        ),
        (
            r#"{"state": "CHARGING"}"#,
            "/body",
            "missing field `isPluggedIn`",
        ),
        (
            r#"[true, "CHARGING"]"#,
            "/body",
            "expected an object, found a list",
        ),
        (
            r#""CHARGING""#,
            "/body",
            "expected an object, found a string",
        ),
        ("null", "/body", "code 200 without a body"),
        (
            r#"{"isPluggedIn": true, "isPluggedIn": true, "state": "CHARGING"}"#,
            "/body",
            "duplicate field `isPluggedIn`",
        ),
    ];
    for (body, at, why) in cases {
        let item =
            format!(r#"{{"path": "/charge", "code": 200, "body": {body}, "headers": {{}}}}"#);
        match charge(ask(&[ODOMETER, &item, LOCATION]).await) {
            Err(ItemError::Malformed(malformed)) => {
                assert!(malformed.pointer().starts_with(at), "{body}: {malformed}");
                assert_eq!(malformed.reason(), why, "{body}");
            }
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_code_that_is_none() {
    for code in ["\"200\"", "0", "99999", "204", "null", "200.5", "[]"] {
        let item = format!(r#"{{"path": "/charge", "code": {code}, "headers": {{}}}}"#);
        let error = charge(ask(&[ODOMETER, &item, LOCATION]).await).unwrap_err();
        assert!(matches!(error, ItemError::Malformed(_)), "{code}: {error}");
    }
}

#[tokio::test]
async fn an_unknown_enum_value_is_kept() {
    let item = r#"{"path": "/charge", "code": 200, "body": {"isPluggedIn": true, "state": "TRICKLING", "new": 1}}"#;
    let charge = charge(ask(&[ODOMETER, item, LOCATION]).await).unwrap();
    assert!(matches!(charge.state, ChargeState::Unrecognized(_)));
    assert_eq!(charge.state.as_str(), "TRICKLING");
    let again = serde_json::to_string(&charge.body).unwrap();
    assert_eq!(again, r#"{"isPluggedIn":true,"state":"TRICKLING"}"#);
}

#[tokio::test]
async fn extra_items_are_kept_aside() {
    let good = r#"{"path": "charge", "code": 200, "body": {"isPluggedIn": false, "state": "NOT_CHARGING"}}"#;
    let second =
        r#"{"path": "/charge", "code": 200, "body": {"isPluggedIn": true, "state": "CHARGING"}}"#;
    let unasked = r#"{"path": "/fuel", "code": 200, "body": {"percentRemaining": 0.5}}"#;
    let odd = [
        "3",
        "null",
        "[]",
        "{}",
        r#"{"path": ""}"#,
        r#"{"path": "/charge", "path": "/fuel", "code": 200}"#,
    ];
    let mut items = vec![ODOMETER, unasked, good, second, LOCATION];
    items.extend(odd);
    let answered = ask(&items).await;
    let warnings: Vec<_> = answered
        .warnings
        .iter()
        .map(|warning| (warning.path.as_str(), warning.kind.as_str()))
        .collect();
    let mut expected = vec![("/fuel", "unasked"), ("/charge", "second")];
    expected.extend(odd.map(|_| ("", "unasked")));
    assert_eq!(warnings, expected);
    assert!(
        !charge(answered).unwrap().is_plugged_in,
        "the first result wins"
    );
}

#[tokio::test]
async fn a_flood_of_odd_items_is_told_of_in_part() {
    let mut items = vec!["3"; 5_000];
    items.extend([ODOMETER, LOCATION]);
    let answered = ask(&items).await;
    assert_eq!(answered.warnings.len(), 100);
    others_are_whole(&answered);
}

#[tokio::test]
async fn values_that_break_a_document_break_only_their_item() {
    for body in [
        r#"{"isPluggedIn": 1e400, "state": "x"}"#,
        r#"{"isPluggedIn": true, "state": "\ud800"}"#,
    ] {
        let item = format!(r#"{{"path": "/charge", "code": 200, "body": {body}}}"#);
        let error = charge(ask(&[ODOMETER, &item, LOCATION]).await).unwrap_err();
        assert!(matches!(error, ItemError::Malformed(_)), "{body}: {error}");
    }
}

#[tokio::test]
async fn a_list_of_paths_reads_typed_and_raw() {
    let speed = r#"{"path": "/lucid/wiper", "code": 200, "body": {"level": 0.4, "more": [1]}, "headers": {"sc-data-age": "2026-03-14T09:26:53Z"}}"#;
    let fuel = r#"{"path": "/fuel", "code": 200, "body": {"percentRemaining": "half"}}"#;
    let body = format!(r#"{{"responses": [{speed}, {ODOMETER}, {fuel}]}}"#);
    let server = Canned::json(&body).await.unwrap();
    let answered = vehicle(&server)
        .batch_paths(["/odometer", "/lucid/wiper", "/fuel", "/location"])
        .unwrap()
        .send()
        .await
        .unwrap();
    let answers = &answered.data;
    let odometer = answers.get::<Odometer>().unwrap().unwrap();
    assert!((odometer.distance - 37829.0).abs() < f64::EPSILON);
    assert!(answers.get::<Charge>().is_none(), "not requested");
    assert_eq!(answers.get::<Location>(), Some(Err(ItemError::Missing)));
    assert!(matches!(
        answers.get::<Fuel>(),
        Some(Err(ItemError::Malformed(_)))
    ));
    let raw = answers.raw("/lucid/wiper").unwrap().unwrap();
    assert_eq!(raw.body.get(), r#"{"level": 0.4, "more": [1]}"#);
    assert!(raw.meta.data_age.is_some());
    let failed: Vec<_> = answered
        .failures()
        .iter()
        .map(|failure| failure.path.as_str())
        .collect();
    assert_eq!(failed, ["/fuel", "/location"]);
    assert!(!answered.all_ok() && !answers.all_ok());
}

#[tokio::test]
async fn a_200_that_is_no_batch_answer_is_an_error_without_its_contents() {
    for (content_type, body) in [
        ("text/html", "<html>KNAC381AZP5000042</html>"),
        ("application/json", r#"{"vin": "KNAC381AZP5000042"}"#),
        (
            "application/json",
            r#"{"responses": null, "vin": "KNAC381AZP5000042"}"#,
        ),
        ("application/json", r#"{"responses": {}}"#),
        ("application/json", r#"[[{"path": "/odometer"}]]"#),
        ("application/json", r#"{"responses": [] "#),
        ("application/json", r#"{"responses": []} KNAC381AZP5000042"#),
        ("application/json", r#"{"responses": [NaN]}"#),
        ("application/json", "\u{feff}{\"responses\": []}"),
        ("application/json", ""),
    ] {
        let server = Canned::start(vec![answer("200 OK", content_type, body)])
            .await
            .unwrap();
        let error = vehicle(&server)
            .batch::<(Odometer,)>()
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        assert_eq!(error.status(), Some(200));
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("KNAC"), "{shown}");
        assert!(shown.contains(&format!("{} bytes", body.len())), "{shown}");
        assert_eq!(
            error.request_id(),
            Some("5f0c1b52-7d3a-4a0e-9a0b-2b0f6f3c1d11")
        );
    }
}

#[tokio::test]
async fn a_proxys_page_keeps_its_status() {
    let page = answer("502 Bad Gateway", "text/html", "<html>bad gateway</html>");
    let server = Canned::start(vec![page]).await.unwrap();
    let error = vehicle(&server)
        .batch::<(Odometer,)>()
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.status(), Some(502));
    assert!(error.is_retryable());
    assert_eq!(error.to_string(), "status 502");
}
