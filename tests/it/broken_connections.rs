//! Failures that only a real connection can show: a raw TCP server breaks the
//! protocol, and the client returns the right error with the right charge and
//! bounded memory.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};

use smartcar_batch::model::Retry;
use smartcar_batch::{
    AccessToken, Client, Error, ErrorKind, IssuedToken, Location, Odometer, RetryPolicy,
    TokenFuture, TokenSource, Vehicle, VehicleId,
};
use smartcar_tests::{Breaking, Canned, Step, answer};

const VEHICLE: &str = "36ab27d0-fd9d-4455-823a-ce30af709ffc";
const TOKEN: &str = "token-of-the-owner";

const BOTH: &str = r#"{"responses": [
    {"path": "/odometer", "code": 200, "body": {"distance": 37829}, "headers": {}},
    {"path": "/location", "code": 200, "body": {"latitude": 1.5, "longitude": 2.5}, "headers": {}}]}"#;

/// One attempt.
fn once() -> RetryPolicy {
    RetryPolicy::none()
}

/// Three attempts with almost no wait in between.
fn thrice() -> RetryPolicy {
    let short = Duration::from_millis(1);
    RetryPolicy::standard()
        .attempts(3)
        .backoff(short, short, short)
}

fn vehicle(origin: &str, policy: RetryPolicy) -> Vehicle {
    Client::builder()
        .access_token(AccessToken::new(TOKEN).unwrap())
        .api_origin(origin)
        .allow_plain_http()
        .retry(policy)
        .deadline(Duration::from_secs(30))
        .build()
        .unwrap()
        .vehicle(VehicleId::new(VEHICLE).unwrap())
}

/// Requests two paths and returns the error, after the checks that hold for every
/// error.
async fn refused(vehicle: &Vehicle) -> Error {
    let error = vehicle
        .batch::<(Odometer, Location)>()
        .send()
        .await
        .unwrap_err();
    let mut shown = format!("{error} {error:?}");
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        shown.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    assert!(
        !shown.contains(TOKEN) && !shown.contains(VEHICLE),
        "{shown}"
    );
    assert!(!error.to_string().contains('\n'));
    error
}

/// A head that promises a longer body than is sent.
fn cut_short() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"responses\": ["
        .to_vec()
}

/// A complete response that keeps the connection open.
fn keep_alive() -> Vec<u8> {
    let length = BOTH.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{BOTH}")
        .into_bytes()
}

const MOMENT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_body_that_breaks_off_is_a_transport_error_and_charged() {
    let chunked =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n{\"responses\": [\r\n";
    for (bytes, end) in [
        (cut_short(), None),
        (cut_short(), Some(Step::Reset)),
        (chunked.to_vec(), None),
        (chunked.to_vec(), Some(Step::Reset)),
    ] {
        let mut script = vec![Step::Request, Step::Write(bytes), Step::Wait(MOMENT)];
        script.extend(end);
        let server = Breaking::always(script).await.unwrap();
        let error = refused(&vehicle(server.origin(), once())).await;
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
        assert_eq!(error.status(), Some(200), "the head arrived");
        assert_eq!((error.attempts(), error.charged()), (1, 2), "{error}");

        let error = refused(&vehicle(server.origin(), thrice())).await;
        assert_eq!(error.kind(), ErrorKind::Transport);
        assert_eq!(
            (error.attempts(), error.charged()),
            (2, 4),
            "one retry, charged again"
        );
        assert_eq!(server.requests().len(), 3);
    }
}

#[tokio::test]
async fn a_connection_that_closes_before_the_head_is_retried_and_charged() {
    for (bytes, end) in [
        (Vec::new(), None),
        (Vec::new(), Some(Step::Reset)),
        (b"HTTP/1.1 200 OK\r\nContent-Type: appl".to_vec(), None),
    ] {
        let mut script = vec![Step::Request, Step::Write(bytes)];
        script.extend(end);
        let server = Breaking::always(script).await.unwrap();
        let error = refused(&vehicle(server.origin(), thrice())).await;
        assert_eq!(error.kind(), ErrorKind::Transport);
        assert_eq!(error.status(), None);
        assert!(
            error.to_string().contains("closed before the answer"),
            "{error}"
        );
        assert_eq!((error.attempts(), error.charged()), (2, 4));
        assert_eq!(server.requests().len(), 2, "no lower layer retries");
    }
}

#[tokio::test]
async fn a_pooled_connection_that_dies_with_the_request_is_retried_and_charged() {
    let dies = vec![
        Step::Request,
        Step::Write(keep_alive()),
        Step::Request,
        Step::Reset,
    ];
    let server = Breaking::always(dies.clone()).await.unwrap();
    let asks = vehicle(server.origin(), once());
    asks.batch::<(Odometer, Location)>().send().await.unwrap();
    let error = refused(&asks).await;
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!((error.attempts(), error.charged()), (1, 2));
    assert_eq!((server.connections(), server.requests().len()), (1, 2));

    let server = Breaking::always(dies).await.unwrap();
    let asks = vehicle(server.origin(), thrice());
    asks.batch::<(Odometer, Location)>().send().await.unwrap();
    let answered = asks.batch::<(Odometer, Location)>().send().await.unwrap();
    assert!(answered.all_ok());
    assert_eq!((answered.attempts, answered.charged), (2, 4));
    assert_eq!((server.connections(), server.requests().len()), (2, 3));
}

#[tokio::test]
async fn a_pooled_connection_that_died_before_costs_nothing() {
    let server = Breaking::always(vec![Step::Request, Step::Write(keep_alive())])
        .await
        .unwrap();
    let asks = vehicle(server.origin(), once());
    for round in 1..=3 {
        let answered = asks.batch::<(Odometer, Location)>().send().await.unwrap();
        assert_eq!((answered.attempts, answered.charged), (1, 2));
        assert_eq!(
            server.requests().len(),
            round,
            "every charged unit was sent"
        );
        tokio::time::sleep(MOMENT).await;
    }
}

#[tokio::test]
async fn what_never_connected_is_free() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap().port();
    drop(listener);
    // A closed port; an unknown host name; a server without TLS.
    let no_tls = Breaking::always(vec![Step::Write(b"220 mail\r\n".to_vec()), Step::Hang])
        .await
        .unwrap();
    for origin in [
        format!("http://127.0.0.1:{closed}"),
        "http://nobody.invalid".to_owned(),
        no_tls.origin().replace("http:", "https:"),
    ] {
        let error = refused(&vehicle(&origin, thrice())).await;
        assert_eq!(error.kind(), ErrorKind::Transport, "{origin}");
        assert_eq!(error.to_string(), "no connection could be opened");
        assert_eq!((error.attempts(), error.charged()), (3, 0), "{origin}");
    }
    assert!(no_tls.requests().is_empty());
}

#[tokio::test]
async fn a_server_that_never_answers_meets_the_deadline() {
    let server = Breaking::always(vec![Step::Request, Step::Hang])
        .await
        .unwrap();
    let asks = vehicle(server.origin(), thrice());
    let start = Instant::now();
    let request = asks.batch::<(Odometer, Location)>();
    let error = request
        .deadline(Duration::from_millis(300))
        .send()
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!((error.attempts(), error.charged()), (1, 2));
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_call_to_a_server_that_never_answers_can_be_dropped_at_any_time() {
    let server = Breaking::start(vec![
        vec![Step::Request, Step::Hang],
        vec![Step::Request, Step::Write(keep_alive())],
    ])
    .await
    .unwrap();
    let asks = vehicle(server.origin(), once());
    let call = tokio::spawn(asks.clone().batch::<(Odometer, Location)>().send());
    until(|| server.requests().len() == 1).await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    until(|| server.ended() == 1).await;
    let answered = asks.batch::<(Odometer, Location)>().send().await.unwrap();
    assert!(answered.all_ok(), "the client still works");
}

/// Waits for a condition that must become true soon.
async fn until(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "it did not happen in time"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn one_byte_at_a_time_meets_the_total_deadline() {
    let pause = Duration::from_millis(10);
    for script in [
        vec![Step::Request, Step::Drip(keep_alive(), pause)],
        vec![
            Step::Request,
            Step::Write(cut_short()),
            Step::Drip(vec![b' '; 900], pause),
        ],
    ] {
        let server = Breaking::always(script).await.unwrap();
        let asks = vehicle(server.origin(), once());
        let start = Instant::now();
        let error = asks
            .batch::<(Odometer, Location)>()
            .deadline(Duration::from_millis(300))
            .send()
            .await
            .unwrap_err();
        assert!(error.is_timeout(), "{error}");
        assert_eq!((error.attempts(), error.charged()), (1, 2));
        let passed = start.elapsed();
        assert!(
            passed >= Duration::from_millis(300) && passed < Duration::from_millis(2500),
            "{passed:?}: every byte arrived well within any read timeout"
        );
    }
}

/// Far more than the buffers of the client and of both sockets can hold.
const BOUND: u64 = 32 * 1024 * 1024;

#[tokio::test]
async fn an_answer_that_is_not_http_is_an_error() {
    let head = "HTTP/1.1 200 OK\r\n";
    let length = BOTH.len();
    for (name, bytes) in [
        (
            "two lengths",
            format!("{head}Content-Length: {length}\r\nContent-Length: 3\r\n\r\n{BOTH}"),
        ),
        (
            "no length",
            format!("{head}Content-Length: many\r\n\r\n{BOTH}"),
        ),
        (
            "a negative length",
            format!("{head}Content-Length: -1\r\n\r\n{BOTH}"),
        ),
        (
            "a bad status line",
            format!("HTTP/1.1 20 OK\r\nContent-Length: {length}\r\n\r\n{BOTH}"),
        ),
        ("another protocol", "SSH-2.0-OpenSSH_9.6\r\n".to_owned()),
        (
            "another version",
            format!("HTTP/7.3 200 OK\r\nContent-Length: {length}\r\n\r\n{BOTH}"),
        ),
        (
            "a bad chunk length",
            format!("{head}Transfer-Encoding: chunked\r\n\r\nxyz\r\n{BOTH}\r\n0\r\n\r\n"),
        ),
        (
            "a huge chunk length",
            format!("{head}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{BOTH}"),
        ),
        (
            "a header without a colon",
            format!("{head}Content-Length {length}\r\n\r\n{BOTH}"),
        ),
        (
            "two hundred headers",
            format!("{head}{}\r\n{BOTH}", "a: b\r\n".repeat(200)),
        ),
    ] {
        let server = Breaking::always(vec![Step::Request, Step::Write(bytes.into_bytes())])
            .await
            .unwrap();
        let error = refused(&vehicle(server.origin(), once())).await;
        assert_eq!(error.kind(), ErrorKind::Transport, "{name}: {error}");
        assert_eq!((error.attempts(), error.charged()), (1, 2), "{name}");
    }
}

#[tokio::test]
async fn a_flood_is_an_error_with_bounded_memory() {
    let head = b"HTTP/1.1 200 OK\r\n".to_vec();
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(4096)).into_bytes();
    for (name, head, flood) in [
        ("headers", head.clone(), b"a: b\r\n".repeat(700)),
        ("one header", head.clone(), vec![b'x'; 4096]),
        ("a status line", b"HTTP/1.1 200 ".to_vec(), vec![b'x'; 4096]),
        ("chunks", chunked.clone(), chunk),
        (
            "a chunk's extension",
            [&chunked[..], b"1;"].concat(),
            vec![b'x'; 4096],
        ),
        (
            "trailers",
            [&chunked[..], b"0\r\n"].concat(),
            b"a: b\r\n".repeat(700),
        ),
        (
            "a body without length",
            b"HTTP/1.1 200 OK\r\n\r\n".to_vec(),
            vec![b' '; 4096],
        ),
    ] {
        let server = Breaking::always(vec![Step::Request, Step::Write(head), Step::Flood(flood)])
            .await
            .unwrap();
        let error = refused(&vehicle(server.origin(), once())).await;
        let kind = error.kind();
        assert!(
            matches!(kind, ErrorKind::Transport | ErrorKind::Decode),
            "{name}: {error}"
        );
        assert_eq!((error.attempts(), error.charged()), (1, 2), "{name}");
        until(|| server.ended() == 1).await;
        assert!(server.written() < BOUND, "{name}: {}", server.written());
    }
}

#[tokio::test]
async fn interim_answers_end_with_the_deadline() {
    let flood = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".to_vec();
    let server = Breaking::always(vec![Step::Request, Step::Flood(flood)])
        .await
        .unwrap();
    let asks = vehicle(server.origin(), once());
    let request = asks.batch::<(Odometer, Location)>();
    let deadline = Duration::from_millis(300);
    let start = Instant::now();
    request.deadline(deadline).send().await.unwrap_err();
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_success_that_is_not_a_batch_answer_is_a_decode_error() {
    let truncated = &BOTH[..BOTH.len() - 4];
    let no_content = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_vec();
    let html = "<html>sign in, KNAC381AZP5000042</html>";
    for (bytes, status, says) in [
        (
            answer("200 OK", "application/json", truncated),
            200,
            format!("status 200, application/json, {} bytes", truncated.len()),
        ),
        (
            answer("200 OK", "text/html;charset=utf-8", html),
            200,
            format!("status 200, text/html;charset=utf-8, {} bytes", html.len()),
        ),
        (
            no_content,
            204,
            "status 204, no content type, 0 bytes".to_owned(),
        ),
        (
            answer("200 OK", "application/json", ""),
            200,
            "status 200, application/json, 0 bytes".to_owned(),
        ),
        (
            answer("202 Accepted", "application/json", r#"{"queued": true}"#),
            202,
            "status 202, application/json, 16 bytes".to_owned(),
        ),
    ] {
        let server = Breaking::always(vec![Step::Request, Step::Write(bytes)])
            .await
            .unwrap();
        let error = refused(&vehicle(server.origin(), thrice())).await;
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        assert_eq!(error.status(), Some(status));
        assert!(error.to_string().contains(&says), "{error}");
        assert!(!format!("{error:?}").contains("KNAC"), "{error:?}");
        assert_eq!((error.attempts(), error.charged()), (1, 2), "not retried");
    }
}

#[tokio::test]
async fn a_proxys_page_keeps_its_status_and_its_class() {
    for (status, retryable) in [
        ("502 Bad Gateway", true),
        ("503 Service Unavailable", true),
        ("504 Gateway Timeout", true),
        ("403 Forbidden", false),
        ("413 Payload Too Large", false),
    ] {
        for content_type in ["text/html", "application/json", "nonsense", ""] {
            let page = answer(status, content_type, "<html>from the proxy</html>");
            let server = Breaking::always(vec![Step::Request, Step::Write(page)])
                .await
                .unwrap();
            let error = refused(&vehicle(server.origin(), thrice())).await;
            assert_eq!(error.kind(), ErrorKind::Api);
            assert_eq!(error.status(), status[..3].parse().ok());
            assert_eq!(error.is_retryable(), retryable, "{status}");
            let attempts = if retryable { 3 } else { 1 };
            assert_eq!(
                (error.attempts(), error.charged()),
                (attempts, attempts * 2)
            );
            let retry = error.api_error().unwrap().retry();
            assert_eq!(retry == Retry::Auto, retryable);
        }
    }
}

/// Returns a different token each time.
#[derive(Debug, Clone, Default)]
struct Rotating(Arc<AtomicU32>);

impl TokenSource for Rotating {
    fn fetch(&self) -> TokenFuture<'_> {
        Box::pin(async {
            let count = self.0.fetch_add(1, SeqCst) + 1;
            let token = AccessToken::new(format!("token-{count}"))?;
            Ok(IssuedToken::new(token))
        })
    }
}

#[tokio::test]
async fn an_error_that_a_new_token_cannot_fix_is_asked_once() {
    for (status, kind) in [
        ("400 Bad Request", "VALIDATION"),
        ("403 Forbidden", "PERMISSION"),
        ("404 Not Found", "RESOURCE_NOT_FOUND"),
        ("409 Conflict", "VEHICLE_STATE"),
        ("430 Billing", "BILLING"),
        ("501 Not Implemented", "COMPATIBILITY"),
    ] {
        let body = format!(r#"{{"type": "{kind}", "code": null}}"#);
        let server = Canned::start(vec![answer(status, "application/json", &body)])
            .await
            .unwrap();
        let error = refused(&vehicle(server.origin(), thrice())).await;
        assert_eq!(error.status(), status[..3].parse().ok());
        assert_eq!((error.attempts(), error.charged()), (1, 2), "{status}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_401_goes_to_the_token_source_once() {
    let refusal = answer(
        "401 Unauthorized",
        "application/json",
        r#"{"type": "AUTHENTICATION", "code": null}"#,
    );
    let server = Canned::start(vec![refusal]).await.unwrap();
    let source = Rotating::default();
    let client = Client::builder()
        .token_source(source.clone())
        .api_origin(server.origin())
        .retry(thrice())
        .build()
        .unwrap();
    let error = refused(&client.vehicle(VehicleId::new(VEHICLE).unwrap())).await;
    assert_eq!((error.status(), error.attempts()), (Some(401), 2));
    assert_eq!(
        source.0.load(SeqCst),
        2,
        "the first, and one after the rejection"
    );
    let requests = server.requests();
    assert!(
        requests[0].contains("Bearer token-1\r\n") && requests[1].contains("Bearer token-2\r\n")
    );
    assert_eq!(requests.len(), 2);
}

/// A client that reads at most one megabyte.
fn capped(origin: &str) -> Vehicle {
    Client::builder()
        .access_token(AccessToken::new(TOKEN).unwrap())
        .api_origin(origin)
        .retry(thrice())
        .body_cap(1024 * 1024)
        .build()
        .unwrap()
        .vehicle(VehicleId::new(VEHICLE).unwrap())
}

#[tokio::test]
async fn a_body_above_the_cap_is_not_read_to_its_end() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 99999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
    ] {
        let server = Breaking::always(vec![
            Step::Request,
            Step::Write(head.into()),
            Step::Flood(vec![b' '; 4096]),
        ])
        .await
        .unwrap();
        let error = refused(&capped(server.origin())).await;
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(
            error.to_string().contains("larger than 1048576 bytes"),
            "{error}"
        );
        assert_eq!(error.status(), head[9..12].parse().ok());
        assert_eq!((error.attempts(), error.charged()), (1, 2), "not retried");
        until(|| server.ended() == 1).await;
        assert!(server.written() < BOUND, "{}", server.written());
    }
}

#[tokio::test]
async fn a_compression_bomb_is_never_unpacked() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let blank = vec![b' '; 1024 * 1024];
    packed.write_all(BOTH.as_bytes()).unwrap();
    for _ in 0..64 {
        packed.write_all(&blank).unwrap();
    }
    let packed = packed.finish().unwrap();
    assert!(packed.len() < 512 * 1024, "well below the cap");
    for encoding in ["gzip", "x-gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        let mut bytes = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {encoding}\r\nContent-Length: {}\r\n\r\n",
            packed.len()
        )
        .into_bytes();
        bytes.extend_from_slice(&packed);
        let server = Breaking::always(vec![Step::Request, Step::Write(bytes)])
            .await
            .unwrap();
        let error = refused(&capped(server.origin())).await;
        assert_eq!(error.kind(), ErrorKind::Decode);
        let says = format!("{} bytes): not UTF-8", packed.len());
        assert!(error.to_string().contains(&says), "{error}");
        let asked = server.requests()[0].to_ascii_lowercase();
        assert!(!asked.contains("accept-encoding"), "{asked}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_utf8_is_a_decode_error() {
    let mut body = BOTH.as_bytes().to_vec();
    body.insert(BOTH.find("/location").unwrap() + 1, 0xff);
    for body in [
        body,
        b"\xef\xbb\xbf{\"responses\": []}".to_vec(),
        b"{\"responses\": []}\0".to_vec(),
    ] {
        let mut bytes =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        bytes.extend(body);
        let server = Breaking::always(vec![Step::Request, Step::Write(bytes)])
            .await
            .unwrap();
        let error = refused(&vehicle(server.origin(), thrice())).await;
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Decode, Some(200))
        );
        assert_eq!(error.attempts(), 1);
    }
}

/// Sends requests to a server that redirects to another one, with every kind of
/// call.
async fn redirected(status: &str) {
    let other = Canned::json(BOTH).await.unwrap();
    for to in [
        format!("{}/v2.0/vehicles/{VEHICLE}/batch", other.origin()),
        format!(
            "//{}/elsewhere",
            other.origin().trim_start_matches("http://")
        ),
        "/v2.0/elsewhere".to_owned(),
    ] {
        let redirect = format!("HTTP/1.1 {status}\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
        let steps = [Step::Request, Step::Write(redirect.into_bytes())];
        let server = Breaking::always([steps.clone(), steps.clone(), steps].concat())
            .await
            .unwrap();
        let asks = vehicle(server.origin(), thrice());
        let error = refused(&asks).await;
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(error.status(), status[..3].parse().ok());
        assert_eq!((error.attempts(), error.charged()), (1, 2));
        assert!(!error.to_string().contains("elsewhere"), "{error}");
        let alone = asks.get::<Odometer>().send().await.unwrap_err();
        assert_eq!(alone.status(), status[..3].parse().ok());
        let list = asks.batch_paths(["/odometer"]).unwrap();
        assert_eq!(list.send().await.unwrap_err().attempts(), 1);
        assert_eq!(server.requests().len(), 3, "each call once, to this server");
    }
    // Body, authorization and referer never reached it.
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn a_redirect_that_would_become_a_get_is_an_error() {
    for status in ["301 Moved Permanently", "302 Found", "303 See Other"] {
        redirected(status).await;
    }
}

#[tokio::test]
async fn a_redirect_that_would_carry_the_body_elsewhere_is_an_error() {
    for status in ["307 Temporary Redirect", "308 Permanent Redirect"] {
        redirected(status).await;
    }
}

/// A redirect must not cause the client to send anything beyond the request itself.
#[tokio::test]
async fn no_referer_cookie_or_second_request_follows_a_redirect() {
    let redirect = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /x\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n";
    let steps = [Step::Request, Step::Write(redirect.to_vec())];
    let server = Breaking::always([steps.clone(), steps].concat())
        .await
        .unwrap();
    let asks = vehicle(server.origin(), once());
    for _ in 0..2 {
        refused(&asks).await;
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        let head = request.to_ascii_lowercase();
        assert!(
            !head.contains("\r\nreferer:") && !head.contains("\r\ncookie:"),
            "{head}"
        );
    }
}

// The irregularities that are visible only on the wire.

#[tokio::test]
async fn a_content_type_that_is_nonsense_or_absent() {
    for content_type in ["nonsense", "", "text/plain", "application/problem+json"] {
        let server = Canned::start(vec![answer("200 OK", content_type, BOTH)])
            .await
            .unwrap();
        let asks = vehicle(server.origin(), once());
        let answered = asks.batch::<(Odometer, Location)>().send().await.unwrap();
        assert!(
            answered.all_ok(),
            "the content decides, not the content type"
        );
    }
}

#[tokio::test]
async fn a_content_type_with_a_charset() {
    for content_type in [
        "application/json; charset=utf-8",
        "application/json;charset=ISO-8859-1",
    ] {
        let server = Canned::start(vec![answer("200 OK", content_type, BOTH)])
            .await
            .unwrap();
        let asks = vehicle(server.origin(), once());
        assert!(
            asks.batch::<(Odometer, Location)>()
                .send()
                .await
                .unwrap()
                .all_ok()
        );
    }
}

#[tokio::test]
async fn no_outer_request_id() {
    let server = Breaking::always(vec![Step::Request, Step::Write(keep_alive())])
        .await
        .unwrap();
    let asks = vehicle(server.origin(), once());
    let answered = asks.batch::<(Odometer, Location)>().send().await.unwrap();
    assert_eq!(answered.request_id, None);
    assert_eq!(answered.data.0.unwrap().meta.request_id, None);
}

#[tokio::test]
async fn an_item_does_not_inherit_the_outer_headers() {
    let head = "HTTP/1.1 200 OK\r\nSC-Data-Age: 2026-03-14T09:26:53.000Z\r\nSC-Unit-System: imperial\r\nSC-Fetched-At: 2026-03-14T09:26:53.000Z\r\n";
    let bytes = format!("{head}Content-Length: {}\r\n\r\n{BOTH}", BOTH.len());
    let server = Breaking::always(vec![Step::Request, Step::Write(bytes.into_bytes())])
        .await
        .unwrap();
    let asks = vehicle(server.origin(), once());
    let answered = asks.batch::<(Odometer, Location)>().send().await.unwrap();
    let meta = answered.data.0.unwrap().meta;
    assert_eq!((meta.data_age, meta.fetched_at), (None, None));
    assert_eq!(meta.unit_system, None);
}

#[tokio::test]
async fn no_answer_at_all() {
    let server = Breaking::always(vec![Step::Request, Step::Reset])
        .await
        .unwrap();
    let error = refused(&vehicle(server.origin(), once())).await;
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(error.charged(), 2);
}
