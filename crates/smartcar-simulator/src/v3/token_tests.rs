use std::time::Duration;

use serde_json::json;

use super::tests::{ODOMETER, error, one};
use crate::app::App;
use crate::oauth::OWN_PATH;
use crate::testing::{Ask, Reply, app};
use crate::tokens::Grant;

const FORM: &str = "application/x-www-form-urlencoded";

async fn token(app: &App, content_type: &str, body: &str) -> Reply {
    let ask = Ask::post(OWN_PATH, content_type, body).header("host", "localhost");
    ask.send_bare(app).await
}

#[tokio::test]
async fn an_application_gets_a_token_for_version_3_only() {
    let app = app();
    let form =
        "grant_type=client_credentials&client_id=simulator-client&client_secret=simulator-secret";
    let reply = token(&app, FORM, form).await;
    let expected = json!({"access_token": "simulator-application-1", "token_type": "Bearer", "expires_in": 3600});
    assert_eq!(reply.body, expected);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let record = app.requests().pop().unwrap();
    assert!(record.authorized && record.path == OWN_PATH);

    let ask = |ask: Ask| {
        ask.header("host", "localhost")
            .token("simulator-application-1")
    };
    let read = || ask(Ask::v3(&one(ODOMETER)));
    assert_eq!(read().send_bare(&app).await.status, 200);
    assert_eq!(
        ask(Ask::read("/odometer")).send_bare(&app).await.error().2,
        401
    );
    app.clock.advance(Duration::from_secs(3_600));
    let late = read().send_bare(&app).await;
    let expected = (
        "AUTHENTICATION".to_owned(),
        Some("UNAUTHORIZED".to_owned()),
        401,
    );
    assert_eq!(error(&late), expected);
    assert!(!app.requests().pop().unwrap().authorized);

    // An owner's token is not valid for version 3.
    app.tokens().set(
        "owner".to_owned(),
        Grant::Just(["read_odometer".to_owned()].into()),
        None,
    );
    let owner = Ask::v3(&one(ODOMETER))
        .header("host", "localhost")
        .token("owner");
    assert_eq!(error(&owner.send_bare(&app).await), expected);
}

#[tokio::test]
async fn a_client_is_known_by_form_json_or_basic_alone() {
    let app = app();
    let json_body = json!({
        "grant_type": "client_credentials",
        "client_id": "simulator-client",
        "client_secret": "simulator-secret",
    });
    assert_eq!(
        token(&app, "application/json", &json_body.to_string())
            .await
            .status,
        200
    );
    let basic = Ask::post(OWN_PATH, FORM, "grant_type=client_credentials")
        .header("host", "localhost")
        .header(
            "authorization",
            "Basic c2ltdWxhdG9yLWNsaWVudDpzaW11bGF0b3Itc2VjcmV0",
        );
    assert_eq!(basic.send_bare(&app).await.status, 200);

    let known = "client_id=simulator-client&client_secret=simulator-secret";
    let more = format!("grant_type=client_credentials&{known}&audience=a&audience=b&=");
    let more = token(&app, FORM, &more).await;
    assert_eq!(more.status, 200, "unknown parameters are ignored");
    for (content_type, body, status, error) in [
        (
            FORM,
            "grant_type=client_credentials&client_id=a&client_secret=b".to_owned(),
            401,
            "invalid_client",
        ),
        (
            FORM,
            "grant_type=client_credentials".to_owned(),
            400,
            "invalid_request",
        ),
        (FORM, known.to_owned(), 400, "invalid_request"),
        (
            FORM,
            format!("grant_type=client_credentials&{known}&client_id=a"),
            400,
            "invalid_request",
        ),
        (
            FORM,
            format!("grant_type=password&{known}"),
            400,
            "unsupported_grant_type",
        ),
        ("application/json", "[1]".to_owned(), 400, "invalid_request"),
        (
            "text/plain",
            format!("grant_type=client_credentials&{known}"),
            400,
            "invalid_request",
        ),
    ] {
        let reply = token(&app, content_type, &body).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.body["error"]),
            (status, &json!(error)),
            "{body}"
        );
        assert!(reply.body["error_description"].is_string());
        assert!(!app.requests().pop().unwrap().authorized);
    }
}
