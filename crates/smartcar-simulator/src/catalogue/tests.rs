use super::*;
use crate::errors::{Detail, MAX_DETAILS};
use crate::spec::Spec;

fn worded(catalogue: &Catalogue, kind: &str, code: Option<&str>) -> Option<Answer> {
    let refusal = catalogue.refusal(kind, code)?;
    Some(catalogue.answer(refusal, "id-1"))
}

fn body(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

fn answer(refusal: Refusal) -> Answer {
    Spec::embedded().unwrap().catalogue.answer(refusal, "id-1")
}

#[test]
fn the_object_has_every_member_that_clients_read() {
    let answer = answer(Refusal::permission("read_odometer"));
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let expected = json!({
        "type": "PERMISSION",
        "code": null,
        "description": "The access token lacks the permission read_odometer.",
        "docURL": "https://smartcar.com/docs/errors/api-errors/permission-errors#null",
        "statusCode": 403,
        "requestId": "id-1",
        "resolution": {"type": "REAUTHENTICATE"},
    });
    assert_eq!(body(&answer), expected);
}

#[test]
fn the_page_of_a_missing_resource_has_a_shorter_name() {
    let body = body(&answer(Refusal::version("v2.0")));
    let url = "https://smartcar.com/docs/errors/api-errors/resource-errors#version";
    assert_eq!(body["docURL"], url);
    assert_eq!(body["resolution"], Value::Null);
}

#[test]
fn statuses_that_only_http_knows_replace_the_catalogue() {
    let answer = answer(Refusal::too_large(10));
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(body(&answer)["statusCode"], 413);
    assert_eq!(body(&answer)["type"], "VALIDATION");
}

#[test]
fn details_are_bounded() {
    let many = vec![Detail::new(["requests"], "is wrong"); 1_000];
    let body = body(&answer(Refusal::validation(many)));
    assert_eq!(body["detail"].as_array().unwrap().len(), MAX_DETAILS);
    assert_eq!(
        body["detail"][0],
        json!({"field": ["requests"], "message": "is wrong"})
    );
}

#[test]
fn a_catalogue_without_a_pair_in_use_is_refused() {
    let document = json!({"components": {"schemas": {"Error": {"x-smartcar-errors": [
        {"type": "AUTHENTICATION", "code": null, "status": 401, "resolution": null},
    ]}}}});
    let error = Catalogue::read(&document).unwrap_err().to_string();
    assert_eq!(error, "no error PERMISSION with code null");
}

fn named(kind: &str, code: &str) -> Answer {
    let catalogue = &Spec::embedded().unwrap().catalogue;
    worded(catalogue, kind, Some(code)).unwrap()
}

#[test]
fn an_error_is_found_by_its_name() {
    let answer = named("RATE_LIMIT", "VEHICLE");
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    let expected = json!({
        "type": "RATE_LIMIT",
        "code": "VEHICLE",
        "description": "There were too many requests for the vehicle. Wait the seconds in `Retry-After`.",
        "docURL": "https://smartcar.com/docs/errors/api-errors/rate-limit-errors#vehicle",
        "statusCode": 429,
        "requestId": "id-1",
        "resolution": {"type": "RETRY_LATER"},
        "suggestedUserMessage": "Please try again in a few minutes.",
    });
    assert_eq!(body(&answer), expected);
    let catalogue = &Spec::embedded().unwrap().catalogue;
    assert!(worded(catalogue, "RATE_LIMIT", None).is_none());
}

#[test]
fn the_owner_is_told_what_concerns_the_owner() {
    let catalogue = &Spec::embedded().unwrap().catalogue;
    for (kind, code) in catalogue.names() {
        let body = body(&worded(catalogue, kind, code).unwrap());
        let silent = matches!(
            (kind, code),
            (
                "AUTHENTICATION" | "BILLING" | "COMPATIBILITY" | "PERMISSION",
                _
            ) | ("CONNECTED_SERVICES_ACCOUNT", Some("PERMISSION"))
        );
        let message = body.get("suggestedUserMessage");
        assert_eq!(message.is_none(), silent, "{kind} {code:?}");
    }
}

#[test]
fn two_resolutions_have_an_address() {
    let account = "CONNECTED_SERVICES_ACCOUNT";
    for (code, has_url) in [
        ("AUTHENTICATION_FAILED", true),
        ("VIRTUAL_KEY_REQUIRED", true),
        ("PERMISSION", false),
    ] {
        let body = body(&named(account, code));
        assert_eq!(body["resolution"].get("url").is_some(), has_url, "{code}");
    }
}
