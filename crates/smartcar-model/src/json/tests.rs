//! Compares the JSON as a whole and reads it back.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api_error::ApiError;
use crate::batch::Outcomes;
use crate::generated::{Fuel, Odometer, UnitSystem};
use crate::headers::ResponseHeaders;
use crate::item_error::ItemError;
use crate::item_response::ItemResponse;
use crate::malformed::Malformed;
use crate::not_available::{NotAvailable, NotAvailableReason, Unsupported};
use crate::path_results::PathResults;
use crate::plan::Plan;
use crate::reading::{Meta, Reading};
use crate::response::{Error, ErrorKind, Response, StopReason};
use crate::retry_after::RetryAfter;
use crate::v3::MemberError;

/// An API error with every member set.
fn api() -> ApiError {
    let headers: ResponseHeaders = [("retry-after", "90")].into_iter().collect();
    let body = r#"{"type": "RATE_LIMIT", "code": "VEHICLE", "description": "slow down",
        "docURL": "https://doc.example", "requestId": "r-1", "suggestedUserMessage": "wait",
        "resolution": {"type": "RETRY_LATER", "url": "https://do.example"},
        "detail": [{"field": "path", "n": 1.5}]}"#;
    ApiError::read(429, &headers, Some(body))
}

fn missing(reason: NotAvailableReason, signals: &[&str]) -> ItemError {
    let signals = signals.iter().map(|&code| code.to_owned()).collect();
    ItemError::NotAvailable(Box::new(NotAvailable { signals, reason }))
}

fn unsupported(member: Option<&str>, reason: &str) -> ItemError {
    let unsupported = Unsupported::new("/tesla/alerts", member, reason);
    ItemError::Unsupported(Box::new(unsupported))
}

/// Each kind of error, and each form of its text.
fn errors() -> Vec<(&'static str, ItemError)> {
    let malformed = |pointer, reason| ItemError::Malformed(Malformed::new(pointer, reason));
    vec![
        ("api", ItemError::Api(Box::new(api()))),
        ("api", ItemError::Api(Box::new(ApiError::from_status(502)))),
        ("missing", ItemError::Missing),
        (
            "malformed",
            malformed("/body/range", "expected f64, found a string"),
        ),
        ("malformed", malformed("/body/range", "why: because")),
        ("malformed", malformed("", "why: because")),
        ("missing", missing(NotAvailableReason::EmptyStore, &["a-b"])),
        (
            "missing",
            missing(NotAvailableReason::NotStored, &["a-b", "c-d"]),
        ),
        ("missing", missing(NotAvailableReason::NotOffered, &["a-b"])),
        ("missing", missing(NotAvailableReason::NotValid, &["a-b"])),
        (
            "missing",
            missing(NotAvailableReason::NotDelivered, &["odometer"]),
        ),
        ("missing", missing(NotAvailableReason::TooOld, &["a-b"])),
        ("not_on_v3", unsupported(None, "no signal; none is planned")),
        ("not_on_v3", unsupported(Some("alerts"), "no signal has it")),
    ]
}

#[test]
fn every_kind_of_item_error_comes_back() {
    for (kind, error) in errors() {
        let text = serde_json::to_string(&error).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["kind"], kind, "{text}");
        assert_eq!(json["retryable"], error.is_retryable(), "{text}");
        let back: ItemError = serde_json::from_str(&text).unwrap();
        assert_eq!(back, error, "{text}");
        assert_eq!(back.to_string(), error.to_string());
    }
}

#[test]
fn within_a_response_an_error_has_the_commands_members() {
    for (_, error) in errors() {
        let mut results = PathResults::of(["/fuel"]);
        results.fail(0, error.clone());
        let json = serde_json::to_value(&results).unwrap();
        let members: Vec<_> = json[0]["error"].as_object().unwrap().keys().collect();
        let mut expected = [
            "kind",
            "type",
            "code",
            "status",
            "description",
            "resolution",
            "retryable",
            "retry_after_seconds",
        ];
        expected.sort_unstable();
        assert_eq!(members, expected, "{json}");
        // It deserializes to an error of the same kind and text.
        let back: PathResults = serde_json::from_value(json).unwrap();
        let Some(Err(read)) = back.raw("/fuel") else {
            panic!("{back:?}");
        };
        assert_eq!(read.to_string(), error.to_string());
        assert_eq!(read.retry_after(), error.retry_after());
    }
}

#[test]
fn an_error_of_the_api_has_all_that_is_known() {
    assert_eq!(
        serde_json::to_value(api()).unwrap(),
        json!({
            "kind": "api", "type": "RATE_LIMIT", "code": "VEHICLE", "status": 429,
            "description": "slow down", "resolution": "RETRY_LATER",
            "retryable": true, "retry_after_seconds": 90,
            "resolution_url": "https://do.example", "request_id": "r-1",
            "doc_url": "https://doc.example", "suggested_user_message": "wait",
            "detail": [{"field": "path", "n": 1.5}],
        })
    );
    let back: ApiError = serde_json::from_value(serde_json::to_value(api()).unwrap()).unwrap();
    assert_eq!(back, api());
    for other in [
        r#"{"kind": "missing"}"#,
        r#"{"kind": "api"}"#,
        r#"{"kind": "new"}"#,
        "3",
    ] {
        assert!(serde_json::from_str::<ApiError>(other).is_err(), "{other}");
    }
    assert!(serde_json::from_str::<ItemError>(r#"{"kind": "new"}"#).is_err());
}

#[test]
fn a_wait_until_a_moment_is_written_in_seconds_and_rounded_up() {
    let mut error = api();
    let later = jiff::Timestamp::now() + Duration::from_millis(90_500);
    for wait in [
        RetryAfter::At(later),
        RetryAfter::Delay(Duration::from_millis(90_500)),
    ] {
        error.retry_after = Some(wait);
        let json = serde_json::to_value(&error).unwrap();
        let seconds = json["retry_after_seconds"].as_u64().unwrap();
        assert!((85..=91).contains(&seconds), "{json}");
        let back: ApiError = serde_json::from_value(json).unwrap();
        let delay = RetryAfter::Delay(Duration::from_secs(seconds));
        assert_eq!(back.retry_after, Some(delay));
    }
}

fn meta() -> Meta {
    Meta {
        data_age: "2026-03-14T09:26:53.123Z".parse().ok(),
        unit_system: Some(UnitSystem::Imperial),
        request_id: Some("r-7".to_owned()),
        last_known: true,
        ..Meta::default()
    }
}

#[test]
fn a_reading_comes_back_as_it_was() {
    let body: Fuel = serde_json::from_str(r#"{"range": 0.34020000000000006}"#).unwrap();
    let reading = Reading::new(body, meta());
    let text = serde_json::to_string(&reading).unwrap();
    let back: Reading<Fuel> = serde_json::from_str(&text).unwrap();
    assert_eq!(back, reading, "{text}");
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        json["meta"],
        json!({
            "data_age": "2026-03-14T09:26:53.123Z", "fetched_at": null,
            "unit_system": "imperial", "last_known": true, "request_id": "r-7",
        })
    );
    let empty: Meta = serde_json::from_str("{}").unwrap();
    assert_eq!(empty, Meta::default());
}

#[test]
fn a_member_error_comes_back_as_it_was() {
    let error = MemberError {
        path: "/security".to_owned(),
        member: "/windows/2/status".to_owned(),
        error: ItemError::Api(Box::new(api())),
    };
    let json = serde_json::to_value(&error).unwrap();
    assert_eq!(json["member"], "/windows/2/status");
    let back: MemberError = serde_json::from_value(json).unwrap();
    assert_eq!(back, error);
}

/// A known body with an unknown member, an unknown path, a wrong shape, and no
/// result.
fn results() -> PathResults {
    let mut results = PathResults::of(["/odometer", "/new", "/fuel", "/vin"]);
    let headers: ResponseHeaders = [("sc-unit-system", "metric")].into_iter().collect();
    for (index, body) in [
        r#"{"distance": 12, "more": 1}"#,
        r#"{"b":1.50,"a":123456789012345678901234567890}"#,
        r#"{"range": []}"#,
    ]
    .into_iter()
    .enumerate()
    {
        let answer = ItemResponse::of_endpoint(200, headers.clone(), body, Some("r-1"));
        results.accept(index, &answer);
    }
    results
}

#[test]
fn the_results_of_paths_come_back_typed() {
    let text = serde_json::to_string(&results()).unwrap();
    let start = r#"[{"path":"/odometer","ok":true,"body":{"distance":12.0},"meta":{"data_age":null,"fetched_at":null,"unit_system":"metric"}},{"path":"/new","ok":true,"body":{"b":1.50,"a":123456789012345678901234567890},"meta":{"#;
    assert!(text.starts_with(start), "{text}");

    let back: PathResults = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
    let odometer = back.get::<Odometer>().unwrap().unwrap();
    assert_eq!(odometer.distance.to_string(), "12");
    assert_eq!(odometer.meta.unit_system, Some(UnitSystem::Metric));
    assert!(matches!(
        back.get::<Fuel>(),
        Some(Err(ItemError::Malformed(_)))
    ));
    assert!(matches!(back.raw("/vin"), Some(Err(ItemError::Missing))));
    assert_eq!(back.len(), 4);
}

#[test]
fn a_stored_body_of_the_wrong_shape_is_that_items_error() {
    let text = r#"[{"path": "/odometer", "ok": true, "body": {"distance": []}, "meta": {}},
        {"path": "/vin", "ok": true, "body": {"vin": "x"}, "meta": {}}]"#;
    let back: PathResults = serde_json::from_str(text).unwrap();
    assert!(matches!(
        back.raw("/odometer"),
        Some(Err(ItemError::Malformed(_)))
    ));
    assert!(back.raw("/vin").is_some_and(|vin| vin.is_ok()));
    for broken in [
        r#"[{"path": "/vin", "ok": true, "meta": {}}]"#,
        r#"[{"path": "/vin", "ok": false, "body": {}, "meta": {}}]"#,
        r#"[{"path": "/vin"}]"#,
    ] {
        assert!(
            serde_json::from_str::<PathResults>(broken).is_err(),
            "{broken}"
        );
    }
}

#[test]
fn a_response_is_the_commands_object() {
    let mut response = Response::nothing();
    response.request_id = Some("r-1".to_owned());
    (response.attempts, response.requests, response.charged) = (2, 3, 5);
    response.plan = Plan::Singles(2);
    response.stop_reason = Some(StopReason::Attempts);
    response.retry_at = "2026-03-14T09:26:53Z".parse().ok();
    response.push_member_errors(vec![MemberError {
        path: "/security".to_owned(),
        member: "/windows".to_owned(),
        error: ItemError::Api(Box::new(api())),
    }]);
    let json = serde_json::to_value(response.with(results())).unwrap();
    assert_eq!(json["items"].as_array().map(Vec::len), Some(4));
    let mut whole = json.clone();
    whole["items"] = json!([]);
    assert_eq!(
        whole,
        json!({
            "request_id": "r-1", "attempts": 2, "requests": 3, "charged": 5,
            "retry_at": "2026-03-14T09:26:53Z", "stop_reason": "attempts",
            "warnings": [],
            "member_errors": [{"path": "/security", "member": "/windows", "error": {
                "kind": "api", "type": "RATE_LIMIT", "code": "VEHICLE", "status": 429,
                "description": "slow down", "resolution": "RETRY_LATER",
                "retryable": true, "retry_after_seconds": 90,
            }}],
            "items": [],
        })
    );
}

#[test]
fn an_error_says_what_the_call_took() {
    let error = Error::api(api())
        .with_price(2, 4)
        .with_requests(3)
        .with_stop_reason("attempts");
    let json = serde_json::to_value(&error).unwrap();
    assert_eq!(
        json,
        json!({
            "attempts": 2, "requests": 3, "charged": 4, "retry_at": null,
            "stop_reason": "attempts",
            "error": {
                "kind": "api", "type": "RATE_LIMIT", "code": "VEHICLE", "status": 429,
                "description": "slow down", "request_id": "r-1", "retryable": true,
                "retry_after_seconds": 90, "detail": [{"field": "path", "n": 1.5}],
            },
        })
    );
}

#[test]
fn a_cause_is_said_once() {
    let description = |error: &Error| {
        let json = serde_json::to_value(error).unwrap();
        json["error"]["description"].as_str().unwrap().to_owned()
    };
    let given = || Error::new(ErrorKind::Token, "the server answered 401").with_source("refused");
    let token = |text: &str| Error::new(ErrorKind::Token, text).with_source(given());
    for text in ["no token", "no token: the server answered 401"] {
        assert_eq!(
            description(&token(text)),
            "no token: the server answered 401: refused"
        );
    }
    // The causes in between repeat the innermost one.
    let lost = Error::new(ErrorKind::Transport, "no connection").with_source(given());
    assert_eq!(description(&lost), "no connection: refused");
    let late = Error::new(ErrorKind::Timeout, "too late");
    assert_eq!(description(&late), "too late");
    assert_eq!(
        serde_json::to_value(&late).unwrap()["stop_reason"],
        "deadline"
    );
}
