use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Request};
use http_body_util::Full;
use jiff::Timestamp;

use super::*;
use crate::app::App;
use crate::applications::{Application, DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET};
use crate::authority::PRUNE_EVERY;
use crate::fault::value::Fault;
use crate::testing::{Ask, app};
use crate::tokens::Grant;

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

struct Response {
    status: u16,
    body: Value,
    headers: HeaderMap,
}

impl Response {
    fn text(&self, member: &str) -> String {
        self.body[member].as_str().unwrap().to_owned()
    }
}

async fn send(app: &App, method: Method, headers: &[(&str, &str)], form: &str) -> Response {
    let mut request = Request::builder()
        .method(method)
        .uri("/oauth/token?client_secret=x");
    for (name, value) in [("host", "localhost")].iter().chain(headers) {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::from(form.to_owned())).unwrap();
    let reply = app.handle(request).await;
    Response {
        status: reply.status.as_u16(),
        body: serde_json::from_slice(&reply.body).unwrap_or_default(),
        headers: reply.headers,
    }
}

async fn post(app: &App, form: &str) -> Response {
    let proof = basic(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET);
    let headers = [("authorization", proof.as_str()), ("content-type", FORM)];
    send(app, Method::POST, &headers, form).await
}

async fn trade(app: &App) -> Response {
    let grant = Grant::just(["read_vin"]);
    let code = app.authority().code(grant, app.clock.now());
    post(
        app,
        &format!("grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Fx"),
    )
    .await
}

async fn refresh(app: &App, token: &str) -> Response {
    post(
        app,
        &format!("grant_type=refresh_token&refresh_token={token}"),
    )
    .await
}

async fn status_of(app: &App, path: &str, token: &str) -> u16 {
    let ask = Ask::read(path).header("host", "localhost").token(token);
    ask.send_bare(app).await.status.as_u16()
}

fn advance(app: &App, seconds: u64) {
    app.clock.advance(Duration::from_secs(seconds));
}

#[tokio::test]
async fn a_code_gives_a_token_with_just_its_permissions_for_two_hours() {
    let app = app();
    let issued = trade(&app).await;
    let expected = json!({
        "access_token": "simulator-access-1",
        "token_type": "Bearer",
        "expires_in": 7200,
        "refresh_token": "simulator-refresh-1",
    });
    assert_eq!((issued.status, &issued.body), (200, &expected));
    assert_eq!(issued.headers["cache-control"], "no-store");
    let token = issued.text("access_token");
    assert_eq!(status_of(&app, "/vin", &token).await, 200);
    assert_eq!(status_of(&app, "/fuel", &token).await, 403);
    advance(&app, 7_199);
    assert_eq!(status_of(&app, "/vin", &token).await, 200);
    advance(&app, 1);
    assert_eq!(status_of(&app, "/vin", &token).await, 401);
}

#[tokio::test]
async fn a_code_is_traded_once_and_within_ten_minutes() {
    let app = app();
    for (wait, again) in [(599, 200), (600, 400)] {
        let code = app.authority().code(Grant::Everything, app.clock.now());
        advance(&app, wait);
        let form = format!("grant_type=authorization_code&code={code}");
        assert_eq!(post(&app, &form).await.status, again, "{wait}");
        let second = post(&app, &form).await;
        assert_eq!(
            (second.status, second.text("error")),
            (400, "invalid_grant".to_owned())
        );
    }
}

#[tokio::test]
async fn a_refresh_token_lives_sixty_days_and_a_minute_after_its_use() {
    let app = app();
    let first = trade(&app).await.text("refresh_token");
    advance(&app, 60 * 86_400 - 1);
    let second = refresh(&app, &first).await;
    assert_eq!(second.status, 200);
    assert_eq!(
        status_of(&app, "/vin", &second.text("access_token")).await,
        200
    );
    assert_eq!(
        status_of(&app, "/fuel", &second.text("access_token")).await,
        403
    );
    // Using the old token does not extend its sixty days.
    advance(&app, 1);
    assert_eq!(refresh(&app, &first).await.text("error"), "invalid_grant");

    let second = second.text("refresh_token");
    assert_eq!(refresh(&app, &second).await.status, 200);
    advance(&app, 59);
    assert_eq!(
        refresh(&app, &second).await.status,
        200,
        "the response may have been lost"
    );
    advance(&app, 1);
    assert_eq!(
        refresh(&app, &second).await.status,
        400,
        "a second use does not extend the minute"
    );
}

#[tokio::test]
async fn every_run_issues_the_same_texts() {
    let (one, other) = (app(), app());
    for _ in 0..3 {
        assert_eq!(trade(&one).await.body, trade(&other).await.body);
    }
}

#[tokio::test]
async fn what_is_wrong_has_its_oauth_error() {
    let app = app();
    for (form, error) in [
        ("", "invalid_request"),
        ("grant_type=", "invalid_request"),
        ("grant_type=authorization_code", "invalid_request"),
        ("grant_type=refresh_token&code=x", "invalid_request"),
        (
            "grant_type=refresh_token&grant_type=refresh_token",
            "invalid_request",
        ),
        ("grant_type=authorization_code&code=other", "invalid_grant"),
        (
            "grant_type=refresh_token&refresh_token=other",
            "invalid_grant",
        ),
        ("grant_type=client_credentials", "unsupported_grant_type"),
    ] {
        let answered = post(&app, form).await;
        assert_eq!(
            (answered.status, answered.text("error").as_str()),
            (400, error),
            "{form}"
        );
        assert!(answered.body["error_description"].is_string());
    }
    let proof = basic(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET);
    let json = [
        ("authorization", proof.as_str()),
        ("content-type", "application/json"),
    ];
    let answered = send(&app, Method::POST, &json, "{}").await;
    assert_eq!(
        (answered.status, answered.text("error").as_str()),
        (400, "invalid_request")
    );
    let answered = send(&app, Method::GET, &json, "").await;
    assert_eq!(
        (answered.status, answered.text("error").as_str()),
        (405, "invalid_request")
    );
    assert_eq!(answered.headers["allow"], "POST");
}

#[tokio::test]
async fn an_application_proves_to_be_itself() {
    let mut app = app();
    let mine = Application::new("mine", "a:b%");
    app.applications.add(mine).unwrap();
    let good = [basic("mine", "a:b%"), basic("mine", "a%3Ab%25")];
    let bad = [
        basic("mine", "other"),
        basic("other", "a:b%"),
        basic("mine", ""),
        "Bearer simulator-token".to_owned(),
        "Basic".to_owned(),
        "Basic !!!".to_owned(),
        format!("Basic {}", STANDARD.encode("mine")),
    ];
    for (values, status) in [(&good[..], 400), (&bad[..], 401)] {
        for value in values {
            let headers = [("authorization", value.as_str()), ("content-type", FORM)];
            let answered = send(&app, Method::POST, &headers, "grant_type=x").await;
            assert_eq!(answered.status, status, "{value}");
            let challenged = answered.headers.contains_key("www-authenticate");
            assert_eq!(challenged, status == 401);
            assert_eq!(answered.text("error") == "invalid_client", status == 401);
        }
    }
}

#[tokio::test]
async fn a_refresh_token_is_no_use_to_another_application() {
    let mut app = app();
    let other = Application::new("other", "secret");
    app.applications.add(other).unwrap();
    let token = trade(&app).await.text("refresh_token");
    let proof = basic("other", "secret");
    let headers = [("authorization", proof.as_str()), ("content-type", FORM)];
    let form = format!("grant_type=refresh_token&refresh_token={token}");
    let answered = send(&app, Method::POST, &headers, &form).await;
    assert_eq!(answered.text("error"), "invalid_grant");
    assert_eq!(refresh(&app, &token).await.status, 200);
}

#[tokio::test]
async fn no_secret_is_recorded() {
    let app = app();
    let issued = trade(&app).await;
    refresh(&app, &issued.text("refresh_token")).await;
    send(&app, Method::POST, &[], "grant_type=x").await;
    let requests = app.requests();
    let seen = requests
        .iter()
        .map(|it| (it.path.as_str(), it.authorized, it.status));
    let expected = [
        (PATH, true, Some(200)),
        (PATH, true, Some(200)),
        (PATH, false, Some(401)),
    ];
    assert_eq!(seen.collect::<Vec<_>>(), expected);
    let shown = format!(
        "{requests:?} {:?} {:?}",
        *app.authority(),
        Applications::default()
    );
    for secret in [
        "simulator-secret",
        "simulator-refresh",
        "simulator-code",
        "client_secret",
    ] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test]
async fn only_faults_of_its_path_strike_the_token_endpoint() {
    let app = app();
    let add = |fault| app.add_fault(fault).unwrap();
    add(Fault::status(503).times(1));
    assert_eq!(trade(&app).await.status, 200);
    assert_eq!(status_of(&app, "/vin", "simulator-token").await, 503);
    add(Fault::html(502).on_path(PATH).times(1));
    assert_eq!(status_of(&app, "/vin", "simulator-token").await, 200);
    assert_eq!(trade(&app).await.status, 502);
    assert_eq!(trade(&app).await.status, 200);
}

#[tokio::test]
async fn what_has_ended_is_forgotten() {
    let app = app();
    for _ in 0..PRUNE_EVERY * 2 - 1 {
        trade(&app).await;
        advance(&app, 86_400);
    }
    trade(&app).await;
    assert!(
        app.tokens().known(Timestamp::MIN).len() < 5,
        "{:?}",
        *app.tokens()
    );
    let kept = format!("{:?}", *app.authority());
    assert_eq!(kept, "60 refresh tokens");
}

#[test]
fn applications_that_basic_cannot_carry_are_refused() {
    for (id, secret, good) in [
        ("id", "a:b", true),
        ("", "secret", false),
        ("id", "", false),
        ("a:b", "secret", false),
        ("id", "line\nbreak", false),
    ] {
        let application = Application::new(id, secret);
        assert_eq!(application.check().is_ok(), good, "{id:?} {secret:?}");
    }
}
