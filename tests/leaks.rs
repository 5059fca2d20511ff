//! Checks what must never leak: tokens, bodies, VINs, positions and URLs in logs
//! and errors, and terminal control characters sent by the server.
//!
//! This is a separate test binary, because it captures the logs of the whole
//! process.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

use std::fmt::Write as _;
use std::io;
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use smartcar_batch::model::ResponseHeaders;
use smartcar_batch::{
    AccessToken, ApiError, Client, Error, ErrorKind, Location, Odometer, RetryPolicy, Vehicle,
    VehicleId, Vin,
};
use smartcar_client::{Transport, TransportFuture};
use smartcar_tests::{Breaking, Canned, Step, answer};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

const TOKEN: &str = "s3cr3t-0f-the-owner";
const VEHICLE: &str = "7d1f0c52-vehicle-of-mine";
const VIN: &str = "KNAC381AZP5000042";
const LATITUDE: &str = "52.516312345";

fn vehicle(origin: &str) -> Vehicle {
    let moment = Duration::from_millis(1);
    let quick = RetryPolicy::standard().backoff(moment, moment, moment);
    Client::builder()
        .access_token(AccessToken::new(TOKEN).unwrap())
        .api_origin(origin)
        .retry(quick)
        .deadline(Duration::from_secs(20))
        .build()
        .unwrap()
        .vehicle(VehicleId::new(VEHICLE).unwrap())
}

/// An error with its whole source chain, in every format.
fn every_form(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        write!(shown, " {cause} {cause:?}").unwrap();
        source = cause.source();
    }
    if let Some(api) = error.api_error() {
        write!(shown, " {api} {api:?}").unwrap();
    }
    shown
}

/// All log output of this process, at every level and from every crate, through
/// `tracing` and through `log`.
#[derive(Debug, Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// Starts capturing, once per process.
    fn start() -> Self {
        static LOGS: OnceLock<Captured> = OnceLock::new();
        LOGS.get_or_init(|| {
            let captured = Self::default();
            tracing_subscriber::fmt()
                .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
                .with_span_events(FmtSpan::FULL)
                .with_ansi(false)
                .with_writer(captured.clone())
                .init();
            captured
        })
        .clone()
    }

    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Captured {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// A batch response full of private data.
fn private() -> String {
    format!(
        r#"{{"responses": [
            {{"path": "/vin", "code": 200, "body": {{"vin": "{VIN}"}}}},
            {{"path": "/location", "code": 200, "body": {{"latitude": {LATITUDE}, "longitude": 13.377712345}}}},
            {{"path": "/odometer", "code": 200, "body": {{"distance": "{VIN}"}}}}]}}"#
    )
}

#[tokio::test]
async fn logs_at_the_lowest_level_show_nothing_private() {
    let logs = Captured::start();
    let refusal = format!(
        r#"{{"type": "RATE_LIMIT", "code": "VEHICLE", "resolution": {{"type": "RETRY_LATER"}},
            "description": "Bearer {TOKEN} for {VIN} at {LATITUDE}", "requestId": "{VIN}"}}"#
    );
    let limited = answer("429 Too Many Requests", "application/json", &refusal);
    let server = Canned::start(vec![
        limited,
        answer("503 Service Unavailable", "text/html", VIN),
        answer("200 OK", "application/json", &private()),
    ])
    .await
    .unwrap();
    let asks = vehicle(server.origin());
    let answered = asks
        .batch::<(Vin, Location, Odometer)>()
        .send()
        .await
        .unwrap();
    assert_eq!(answered.attempts, 3);
    // A single endpoint, an invalid body, and a truncated one.
    asks.get::<Vin>().send().await.unwrap_err();
    let html = answer("200 OK", "text/html", &format!("<p>{VIN} {TOKEN}</p>"));
    let server = Canned::start(vec![html]).await.unwrap();
    let asks = vehicle(server.origin());
    asks.batch::<(Vin, Location)>().send().await.unwrap_err();
    let cut =
        format!("HTTP/1.1 200 OK\r\nContent-Length: 999\r\nX: {VIN}\r\n\r\n{{\"vin\": \"{VIN}");
    let server = Breaking::always(vec![Step::Request, Step::Write(cut.into_bytes())])
        .await
        .unwrap();
    let asks = vehicle(server.origin());
    asks.batch::<(Vin, Location)>().send().await.unwrap_err();
    // Errors without a response: no connection, no TLS, a timeout, no budget.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let asks = vehicle(&format!("http://127.0.0.1:{port}"));
    asks.batch::<(Vin,)>().send().await.unwrap_err();
    let no_tls = Breaking::always(vec![Step::Write(b"220 mail\r\n".to_vec())])
        .await
        .unwrap();
    let asks = vehicle(&no_tls.origin().replace("http:", "https:"));
    asks.batch::<(Vin,)>().send().await.unwrap_err();
    let silent = Breaking::always(vec![Step::Hang]).await.unwrap();
    let asks = vehicle(silent.origin());
    let short = Duration::from_millis(50);
    asks.batch::<(Vin,)>()
        .deadline(short)
        .send()
        .await
        .unwrap_err();

    let logs = logs.text();
    assert!(
        logs.contains("smartcar_attempt"),
        "our spans are present: {logs:.2000}"
    );
    assert!(logs.contains("retrying") && logs.contains("url.template"));
    for line in logs.lines() {
        assert!(!line.contains(TOKEN), "{line}");
        assert!(!line.contains("s3cr3t"), "{line}");
        assert!(!line.contains(VIN) && !line.contains("52.5163"), "{line}");
        // Third-party crates log too: hyper-util and reqwest log the host and port
        // that they connect to, rustls its roots and handshake. None of them logs a
        // path; a version that does would be caught here.
        assert!(!line.contains(VEHICLE), "{line}");
        assert!(!line.contains("/vehicles/7d1f"), "{line}");
    }
}

/// A text that rings the bell, changes colours, moves the cursor, hides characters,
/// and is far too long.
fn hostile() -> String {
    let odd = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\nERROR forged line\t\u{8}\u{9b}31m\u{202e}\u{200b}\u{2028}\u{feff}\u{61c}\u{0}";
    odd.repeat(2_000)
}

fn is_tame(shown: &str) -> bool {
    !shown.chars().any(|letter| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
    })
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// An error object in which every member is hostile.
fn hostile_error(text: &str) -> String {
    let text = quoted(text);
    format!(
        r#"{{"type": {text}, "code": {text}, "description": {text}, "docURL": {text}, "requestId": {text},
            "suggestedUserMessage": {text}, "resolution": {{"type": {text}, "url": {text}}},
            "detail": [{{{text}: {text}, "field": [{text}, 1]}}, {text}]}}"#
    )
}

fn texts_of(error: &ApiError) -> Vec<&str> {
    let resolution = error.resolution.as_ref().unwrap();
    let texts = [
        &error.error_type,
        &error.code,
        &error.description,
        &error.doc_url,
        &error.request_id,
        &error.suggested_user_message,
        &resolution.resolution_type,
        &resolution.url,
    ];
    texts.into_iter().flatten().map(String::as_str).collect()
}

#[tokio::test]
async fn server_text_in_an_error_of_the_whole_request_is_tame_and_bounded() {
    let server = Canned::start(vec![answer(
        "403 Forbidden",
        "application/json",
        &hostile_error(&hostile()),
    )])
    .await
    .unwrap();
    let error = vehicle(server.origin())
        .batch::<(Odometer,)>()
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert!(is_tame(&error.to_string()), "{error}");
    assert!(
        error.to_string().len() < 2_000,
        "{}",
        error.to_string().len()
    );
    let api = error.api_error().unwrap();
    assert!(is_tame(&api.to_string()) && is_tame(&format!("{api:?}")));
    assert!(format!("{api:?} {error:?}").len() < 20_000);
    assert!(texts_of(api).into_iter().all(is_tame));
    assert!(is_tame(error.request_id().unwrap()));
}

#[tokio::test]
async fn server_text_in_an_item_a_warning_and_a_header_is_tame_and_bounded() {
    let text = hostile();
    let body = format!(
        r#"{{"responses": [{{"path": "/odometer", "code": 403, "body": {}}},
            {{"path": {}, "code": 200}},
            {{"path": "/location", "code": 200, "body": {{{}: 1}}}}]}}"#,
        hostile_error(&text),
        quoted(&text),
        quoted(&text)
    );
    let server = Canned::json(&body).await.unwrap();
    let answered = vehicle(server.origin())
        .batch::<(Odometer, Location)>()
        .send()
        .await
        .unwrap();
    assert_eq!((answered.failures().len(), answered.warnings.len()), (2, 1));
    for failure in answered.failures() {
        let shown = format!("{} {:?}", failure.error, failure.error);
        assert!(is_tame(&shown) && shown.len() < 20_000, "{shown:.500}");
    }
    assert!(is_tame(&answered.warnings[0].path));
    assert!(answered.warnings[0].path.chars().count() <= 301);

    // The content type and the request id are also shown.
    let odd = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {0}\r\nSC-Request-Id: {0}\r\nContent-Length: 1\r\n\r\nx",
        "\u{9b}31m\t;<b>é ".repeat(200)
    );
    let server = Breaking::always(vec![Step::Request, Step::Write(odd.into_bytes())])
        .await
        .unwrap();
    let error = vehicle(server.origin())
        .batch::<(Odometer,)>()
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(is_tame(&error.to_string()), "{error}");
    assert!(error.to_string().len() < 500);
}

proptest! {
    #[test]
    fn no_text_of_a_server_reaches_an_error_untamed(text in any::<String>(), times in 1_usize..200) {
        let text = text.repeat(times);
        let body = hostile_error(&text);
        let error = ApiError::read(403, &ResponseHeaders::default(), Some(&body));
        prop_assert!(is_tame(&error.to_string()), "{}", error);
        prop_assert!(texts_of(&error).into_iter().all(is_tame));
        prop_assert!(texts_of(&error).into_iter().all(|text| text.chars().count() <= 301));
        prop_assert!(error.to_string().chars().count() < 1_000);
    }
}

#[test]
fn a_detail_of_any_size_is_kept_bounded() {
    let wide = format!("[{}]", vec!["\"x\""; 500_000].join(","));
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let many = format!("[{}]", vec![deep; 5_000].join(","));
    let members: Vec<_> = (0..100_000).map(|at| format!("\"{at}\": []")).collect();
    for detail in [wide, many, format!("{{{}}}", members.join(","))] {
        let body = format!(r#"{{"type": "VALIDATION", "detail": {detail}}}"#);
        let error = ApiError::read(400, &ResponseHeaders::default(), Some(&body));
        assert!(error.detail.is_some());
        assert!(
            format!("{error:?}").len() < 20_000,
            "{}",
            format!("{error:?}").len()
        );
    }
}

#[tokio::test]
async fn debug_of_every_outcome_is_without_token_place_and_vin() {
    // The server repeats the token only inside the response's own data.
    let server = Canned::json(&private()).await.unwrap();
    let asks = vehicle(server.origin());
    let typed = asks
        .batch::<(Vin, Location, Odometer)>()
        .send()
        .await
        .unwrap();
    let listed = asks
        .batch_paths(["/vin", "/fuel"])
        .unwrap()
        .send()
        .await
        .unwrap();
    let shown = format!(
        "{typed:?} {:?} {:?} {listed:?} {:#?}",
        typed.failures(),
        typed.warnings,
        listed.data
    );
    assert!(!shown.contains(TOKEN), "{shown}");
    assert!(
        !shown.contains(VIN) && !shown.contains("52.5163"),
        "{shown}"
    );
    let alone = asks.get::<Odometer>().send().await.unwrap_err();
    let shown = every_form(&alone);
    assert!(!shown.contains(TOKEN), "{shown}");
    assert!(!shown.contains(VEHICLE) && !shown.contains(VIN), "{shown}");
    assert!(!shown.contains("52.5163"), "{shown}");
}

/// Keeps the last request.
#[derive(Default)]
struct Kept(Mutex<Option<http::Request<Bytes>>>);

impl Transport for Kept {
    fn send(&self, request: http::Request<Bytes>) -> TransportFuture<'_> {
        *self.0.lock().unwrap() = Some(request);
        Box::pin(async { Ok(http::Response::new(Bytes::new())) })
    }
}

#[tokio::test]
async fn the_authorization_header_is_marked_sensitive() {
    let kept = Arc::new(Kept::default());
    let session = smartcar_client::Session::new(TOKEN, "agent").unwrap();
    let requests = smartcar_client::Client::new_with_client(
        Arc::new("http://127.0.0.1:9/v2.0".parse().unwrap()),
        reqwest::Client::default(),
        session.over(Arc::clone(&kept) as Arc<dyn Transport>),
    );
    requests.batch("v", None, "{}").await.unwrap();
    let request = kept.0.lock().unwrap().take().unwrap();
    let header = &request.headers()[reqwest::header::AUTHORIZATION];
    assert!(header.is_sensitive());
    assert_eq!(header.to_str().unwrap(), format!("Bearer {TOKEN}"));
    let shown = format!("{request:?} {:?} {header:?}", request.headers());
    assert!(
        !shown.contains(TOKEN) && shown.contains("Sensitive"),
        "{shown}"
    );
}

#[test]
fn a_token_goes_over_tls_or_to_this_machine() {
    let build = |origin: &str| {
        Client::builder()
            .access_token(AccessToken::new(TOKEN).unwrap())
            .api_origin(origin)
            .build()
    };
    for fine in [
        "https://api.smartcar.com",
        "https://10.0.0.1:8443",
        "http://127.0.0.1:4010",
        "http://127.255.0.9:4010",
        "http://[::1]:4010",
        "http://localhost:4010",
    ] {
        assert!(build(fine).is_ok(), "{fine}");
    }
    for refused in [
        "http://api.smartcar.com",
        "http://10.0.0.1",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0:4010",
        "http://[::ffff:10.0.0.1]",
        "ws://127.0.0.1",
        "file:///etc/passwd",
        "https://hunter2@api.smartcar.com",
        "https://user:hunter2@api.smartcar.com",
        "https://api.smartcar.com/?token=hunter2",
        "https://api.smartcar.com/#hunter2",
        "https://api.smartcar.com/v2.0",
    ] {
        let error = build(refused).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{refused}");
        assert!(!every_form(&error).contains("hunter2"), "{error:?}");
    }
    let opted = Client::builder()
        .access_token(AccessToken::new(TOKEN).unwrap())
        .api_origin("http://mock.internal")
        .allow_plain_http();
    assert!(
        opted.build().is_ok(),
        "plain http is possible by explicit choice"
    );
}

const CHILD_ORIGIN: &str = "SMARTCAR_TEST_CHILD_ORIGIN";

/// The child process of the next test runs this.
async fn ask_once(origin: String) {
    let client = Client::builder()
        .access_token(AccessToken::new(TOKEN).unwrap())
        .api_origin(origin)
        .allow_plain_http()
        .retry(RetryPolicy::none())
        .deadline(Duration::from_secs(20))
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new(VEHICLE).unwrap());
    vehicle.batch::<(Vin, Location)>().send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_proxy_stands_before_this_machine() {
    // Proxy variables apply to a whole process, so this test runs itself with them
    // set.
    if let Ok(origin) = std::env::var(CHILD_ORIGIN) {
        return ask_once(origin).await;
    }
    let proxy = Canned::json(&private()).await.unwrap();
    let server = Canned::json(&private()).await.unwrap();
    let port = server.origin().rsplit(':').next().unwrap().to_owned();
    let ask = |origin: String| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args(["--exact", "no_proxy_stands_before_this_machine"])
            .env(CHILD_ORIGIN, origin)
            .env_remove("NO_PROXY")
            .env_remove("no_proxy");
        for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            child.env(variable, proxy.origin());
            child.env(variable.to_lowercase(), proxy.origin());
        }
        tokio::task::spawn_blocking(move || child.output().unwrap())
    };
    for (round, host) in ["127.0.0.1", "localhost"].iter().enumerate() {
        let output = ask(format!("http://{host}:{port}")).await.unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(server.requests().len(), round + 1);
        assert!(proxy.requests().is_empty(), "{:?}", proxy.requests());
    }
    // Check that the variables have an effect: a request to another host goes
    // through the proxy.
    let output = ask("http://mock.internal".to_owned()).await.unwrap();
    assert!(output.status.success(), "{output:?}");
    let asked = proxy.requests();
    assert_eq!(asked.len(), 1);
    assert!(
        asked[0].starts_with("POST http://mock.internal/v2.0/"),
        "{}",
        asked[0]
    );
    assert_eq!(server.requests().len(), 2);
}
