//! A batch that failed as a whole: exit 4.
//!
//! Invariant: the object has the same members for every kind of failure.

use std::net::TcpListener;

use serde_json::json;
use smartcar_simulator::Simulator;

use crate::harness::{Run, SECRET, VEHICLE, assert_order, batch, canned, run};

fn failed(origin: &str, arguments: &[&str]) -> (Run, Run) {
    let person = batch(origin, arguments);
    let mut with_json = arguments.to_vec();
    with_json.push("--json");
    let script = batch(origin, &with_json);
    assert_eq!(
        (person.code, script.code),
        (Some(4), Some(4)),
        "{person:?} {script:?}"
    );
    assert_eq!((person.stdout.as_str(), script.stderr.as_str()), ("", ""));
    assert!(person.stderr.starts_with("error: "), "{person:?}");
    assert_eq!(script.json()["vehicle"], VEHICLE);
    (person, script)
}

fn kind(run: &Run) -> String {
    run.json()["error"]["kind"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_not_known() {
    // The simulator does not know this token.
    let simulator = Simulator::start().await.unwrap();
    let (person, script) = failed(simulator.origin(), &["/odometer"]);
    let mut json = script.json();
    assert!(json["error"]["description"].take().is_string());
    assert!(json["error"]["request_id"].take().is_string());
    assert_eq!(
        json,
        json!({
            "vehicle": VEHICLE,
            "attempts": 1,
            "requests": 1,
            "charged": 1,
            "retry_at": null,
            "stop_reason": null,
            "error": {
                "kind": "api", "type": "AUTHENTICATION", "code": null, "status": 401,
                "description": null, "request_id": null, "retryable": false,
                "retry_after_seconds": null,
            },
        })
    );
    #[rustfmt::skip]
    assert_order(&script.stdout, &[
        "vehicle", "attempts", "requests", "charged", "retry_at", "stop_reason",
        "error", "kind", "type", "code", "status", "description", "request_id",
        "retryable", "retry_after_seconds",
    ]);
    assert!(person.stderr.contains("401 AUTHENTICATION"), "{person:?}");
    assert!(person.stderr.contains("help: "), "{person:?}");
}

#[test]
fn a_rate_limit_says_how_long() {
    let body = r#"{"type": "RATE_LIMIT", "code": "SMARTCAR_API", "description": "slow\u001b[31m down", "resolution": {"type": "RETRY_LATER"}}"#;
    let origin = canned("429 Too Many Requests", "retry-after: 30\r\n", body);
    let (person, script) = failed(&origin, &["/odometer"]);
    let error = &script.json()["error"];
    assert_eq!(error["retryable"], true);
    assert_eq!(error["retry_after_seconds"], 30);
    assert_eq!(error["type"], "RATE_LIMIT");
    assert!(!person.stderr.contains('\u{1b}'), "{person:?}");
    assert!(
        person.stderr.contains("help: retry after 30 s"),
        "{person:?}"
    );
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (person, script) = failed(&origin, &["/odometer"]);
    assert_eq!(kind(&script), "transport");
    assert_eq!(script.json()["error"]["retryable"], true);
    assert_eq!(script.json()["error"]["status"], json!(null));
    assert!(!person.stderr.contains(&origin), "{person:?}");
}

#[test]
fn nobody_answers() {
    // The system accepts connections, but nothing reads from them.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let (_, script) = failed(&origin, &["/odometer", "--deadline", "0.2"]);
    assert_eq!(kind(&script), "timeout");
}

#[test]
fn an_answer_that_is_none() {
    let origin = canned(
        "200 OK",
        "content-type: text/html\r\n",
        "<html>secret page</html>",
    );
    let (person, script) = failed(&origin, &["/odometer"]);
    assert_eq!(kind(&script), "decode");
    assert_eq!(script.json()["error"]["status"], 200);
    assert!(!person.stderr.contains("secret page") && !script.stdout.contains("secret page"));
}

#[test]
fn what_a_failed_batch_took_is_said() {
    let body = r#"{"type": "SERVER", "code": "INTERNAL", "description": "again"}"#;
    let origin = canned("500 Internal Server Error", "", body);
    let (_, script) = failed(&origin, &["/odometer", "/fuel", "--attempts", "2"]);
    let json = script.json();
    for (member, value) in [("attempts", 2), ("requests", 2), ("charged", 4)] {
        assert_eq!(json[member], value, "{member}: {script:?}");
    }
    assert_eq!(json["stop_reason"], "attempts");
}

#[test]
fn the_detail_is_shown_where_the_api_gave_one() {
    let body = r#"{"type": "VALIDATION", "code": null, "description": "see the detail",
        "detail": [{"field": ["requests", 1, "path"], "message": "no such path\u001b[31m"}]}"#;
    let origin = canned("400 Bad Request", "", body);
    let (person, script) = failed(&origin, &["/odometer", "/feul"]);
    assert_eq!(
        script.json()["error"]["detail"],
        json!([{"field": ["requests", 1, "path"], "message": "no such path[31m"}])
    );
    let line = "\ndetail: requests/1/path: no such path[31m\n";
    assert!(person.stderr.contains(line), "{person:?}");
}

/// Credentials with a token endpoint that returns this response.
fn without_token(status: &str, headers: &str, body: &str) -> (Run, Run) {
    let (api, auth) = (canned("200 OK", "", "{}"), canned(status, headers, body));
    let variables = [
        ("SMARTCAR_API_ORIGIN", api.as_str()),
        ("SMARTCAR_AUTH_ORIGIN", auth.as_str()),
        ("SMARTCAR_CLIENT_ID", "client_01"),
        ("SMARTCAR_CLIENT_SECRET", SECRET),
    ];
    let arguments = ["batch", VEHICLE, "/odometer", "--api", "v3", "--user", "u1"];
    let arguments = [&arguments[..], &["--attempts", "1"]].concat();
    let person = run(&arguments, &variables);
    let script = run(&[&arguments[..], &["--json"]].concat(), &variables);
    assert_eq!((person.code, script.code), (Some(4), Some(4)), "{script:?}");
    (person, script)
}

#[test]
fn a_token_endpoint_that_is_busy_says_when() {
    let (person, script) = without_token(
        "429 Too Many Requests",
        "retry-after: 7\r\n",
        r#"{"error": "rate_limited"}"#,
    );
    let error = &script.json()["error"];
    assert_eq!(
        (&error["kind"], &error["status"]),
        (&json!("token"), &json!(429))
    );
    assert_eq!(error["retryable"], true);
    assert_eq!(error["retry_after_seconds"], 7);
    assert!(
        person.stderr.contains("help: retry after 7 s"),
        "{person:?}"
    );
    assert_eq!(
        person.stderr.matches("rate_limited").count(),
        1,
        "{person:?}"
    );
}

#[test]
fn credentials_that_give_no_token_are_told_by_the_servers_reason() {
    for (reason, says) in [
        (
            "invalid_client",
            "check the client id and the client secret",
        ),
        ("unauthorized_client", "that it is a v3 application"),
    ] {
        let body = format!(r#"{{"error": "{reason}", "error_description": "{SECRET} no"}}"#);
        let (person, script) = without_token("401 Unauthorized", "", &body);
        let error = &script.json()["error"];
        assert_eq!(
            (&error["kind"], &error["status"]),
            (&json!("token"), &json!(401))
        );
        assert_eq!(error["retryable"], false);
        let json = script.json();
        assert_eq!(
            (&json["requests"], &json["charged"]),
            (&json!(0), &json!(0))
        );
        let line = person.stderr.lines().next().unwrap();
        assert!(line.contains(reason) && line.ends_with(says), "{person:?}");
        assert_eq!(line.matches(reason).count(), 1, "the cause is told once");
        assert!(!person.stderr.contains("two hours"), "{person:?}");
    }
}

#[test]
fn a_make_that_is_not_allowed_is_named() {
    let reason = "Application not authorized to requested make(s): CITROEN, OPEL";
    let body = json!({"error": "unauthorized_client", "error_description": reason}).to_string();
    let (person, script) = without_token("401 Unauthorized", "", &body);
    let said = script.json()["error"]["description"].to_string();
    for told in [&person.stderr, &said] {
        assert_eq!(told.matches(reason).count(), 1, "{told}");
        // The server's reason is another one.
        assert!(!told.contains("v3 application"), "{told}");
        assert!(told.contains("in the dashboard"), "{told}");
    }
}
