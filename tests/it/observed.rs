//! What the client reports to `tracing`: spans with OpenTelemetry's names, retries
//! with their reasons, and no personal data.

use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use smartcar_batch::{
    AccessToken, Client, ClientBuilder, Location, Odometer, RetryPolicy, VehicleId,
};
use smartcar_tests::{Canned, answer};
use tracing_subscriber::fmt::format::FmtSpan;

/// Everything logged by our own targets.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn start(
        &self,
    ) -> tracing_subscriber::fmt::SubscriberBuilder<
        tracing_subscriber::fmt::format::DefaultFields,
        tracing_subscriber::fmt::format::Format,
        tracing_subscriber::filter::LevelFilter,
        impl Fn() -> Self + use<>,
    > {
        let log = self.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_span_events(FmtSpan::CLOSE)
            .with_ansi(false)
            .with_writer(move || log.clone())
    }
}

const ITEMS: &str = r#"{"responses": [
  {"path": "/odometer", "code": 200, "body": {"distance": 18250.6}},
  {"path": "/location", "code": 200, "body": {"latitude": 52.5163, "longitude": 13.3777}}]}"#;

#[tokio::test(flavor = "current_thread")]
async fn a_call_its_attempts_and_its_repeats_without_anything_personal() {
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.start().finish());
    let server = Canned::start(vec![
        answer("502 Bad Gateway", "text/html", "<p>52.5163</p>"),
        answer("200 OK", "application/json", ITEMS),
    ])
    .await
    .unwrap();
    let wait = Duration::from_millis(1);
    let client = Client::builder()
        .access_token(AccessToken::new("s3cr3t-token").unwrap())
        .api_origin(server.origin())
        .retry(RetryPolicy::standard().backoff(wait, wait, wait))
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new("my-own-vehicle").unwrap());
    let answered = vehicle
        .batch::<(Odometer, Location)>()
        .send()
        .await
        .unwrap();
    assert_eq!(answered.attempts, 2);
    drop(guard);

    let text = log.text();
    let ours: Vec<_> = text
        .lines()
        .filter(|line| line.contains("smartcar_batch::"))
        .collect();
    let ours = ours.join("\n");
    let port = server.origin().rsplit(':').next().unwrap();
    // One line per attempt; fields recorded when it ends come last.
    let attempt = |count: u32, status: u16| {
        ours.lines().any(|line| {
            line.contains(&format!("http.request.resend_count={count} "))
                && line.contains(&format!("http.response.status_code={status}}}"))
        })
    };
    assert!(attempt(0, 502) && attempt(1, 200), "{ours}");
    for expected in [
        "smartcar{otel.name=\"batch\" smartcar.paths=2 smartcar.attempts=2}",
        "otel.kind=\"client\"",
        "http.request.method=\"POST\"",
        "url.template=/v2.0/vehicles/{id}/batch",
        "server.address=127.0.0.1",
        &format!("server.port={port}"),
        "retrying cause=\"transient\" wait_ms=",
        "pending=2",
    ] {
        assert!(ours.contains(expected), "{expected} is missing in:\n{ours}");
    }
    for personal in ["s3cr3t", "52.5163", "13.3777", "18250", "my-own-vehicle"] {
        assert!(!ours.contains(personal), "{personal} is in:\n{ours}");
    }
    assert!(!text.contains("s3cr3t"), "also not elsewhere:\n{text}");
}

/// Environment variables apply to a whole process, so the check runs in a child
/// process.
#[test]
fn an_origin_from_the_environment_is_logged_once() {
    const NAME: &str = "observed::an_origin_from_the_environment_is_logged_once";
    if std::env::var_os("SMARTCAR_TESTS_CHILD").is_some() {
        let log = Log::default();
        let guard = tracing::subscriber::set_default(log.start().finish());
        let client = ClientBuilder::from_env().unwrap().build().unwrap();
        let _ = client.clone();
        drop(guard);
        println!("{}", log.text());
        return;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env("SMARTCAR_TESTS_CHILD", "1")
        .env("SMARTCAR_ACCESS_TOKEN", "s3cr3t-token")
        .env("SMARTCAR_API_ORIGIN", "http://127.0.0.1:4010")
        .env_remove("SMARTCAR_API")
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(shown.matches("http://127.0.0.1:4010").count(), 1, "{shown}");
    assert!(shown.contains("SMARTCAR_API_ORIGIN"), "{shown}");
    assert!(!shown.contains("s3cr3t"), "{shown}");
}
