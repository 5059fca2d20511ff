//! What `smartcar listen` answers to requests, whole, odd and slow ones.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;
use smartcar_webhook::{ManagementToken, sign};

use crate::harness::{SECRET, poll};
use crate::listener::{Listener, signature, state};

#[test]
fn requests_are_answered_as_the_vendor_expects() {
    let listener = Listener::with_keys(&format!(" new-key , {SECRET}"), &[]);
    let body = state("\"e1\"", "[]");
    let right = signature(SECRET, &body);
    let verify = r#"{"eventType":"VERIFY","data":{"challenge":"challenge_1"}}"#;
    let (status, answer) = listener.post("", verify);
    assert_eq!(status, 200);
    let expected = sign(&ManagementToken::new("new-key").unwrap(), b"challenge_1");
    assert!(
        answer.contains("content-type: application/json"),
        "{answer}"
    );
    assert!(
        answer.ends_with(&format!("{{\"challenge\":\"{expected}\"}}")),
        "{answer}"
    );
    let bad = r#"{"eventType":"VERIFY","data":{"challenge":"two words"}}"#;
    assert_eq!(listener.post("", bad).0, 400);
    assert_eq!(listener.post(&signature("other", verify), verify).0, 401);
    assert_eq!(listener.post("", &body).0, 401);
    assert_eq!(listener.post(&format!("{right}{right}"), &body).0, 401);
    assert_eq!(listener.post(&right, &format!("{body} ")).0, 401);
    assert_eq!(listener.post(&signature(SECRET, "{}"), "{}").0, 400);
    assert_eq!(listener.post(&signature(SECRET, "x"), "x").0, 400);
    for (encoding, status) in [("gzip", 415), ("identity", 200)] {
        let headers = format!("{right}Content-Encoding: {encoding}\r\n");
        assert_eq!(listener.post(&headers, &body).0, status);
    }
    let large = " ".repeat(1024 * 1024 + 1);
    assert_eq!(listener.post(&signature(SECRET, &large), &large).0, 413);
    let get = |path: &str| {
        listener
            .raw(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes())
    };
    assert_eq!(get("/healthz").0, 200);
    let (status, answer) = get("/");
    assert_eq!(status, 405);
    assert!(answer.contains("allow: post"), "{answer}");
    // An old client, and a body in pieces.
    let old = format!(
        "POST / HTTP/1.0\r\nContent-Length: {}\r\n{right}\r\n{body}",
        body.len()
    );
    assert_eq!(listener.raw(old.as_bytes()).0, 200);
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let chunked =
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n";
    assert_eq!(
        listener
            .raw(format!("{chunked}{right}\r\n{chunk}").as_bytes())
            .0,
        200
    );
    for unclear in [
        format!("{chunked}Content-Length: 5\r\n{right}\r\n{chunk}"),
        format!(
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n{right}\r\n{chunk}"
        ),
        format!(
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n{right}\r\n{body}"
        ),
        format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n{right}\r\n{body}"),
    ] {
        assert_eq!(listener.raw(unclear.as_bytes()).0, 400, "{unclear}");
    }
}

#[test]
fn every_answer_is_json() {
    let listener = Listener::start(&["--output", "/dev/null"]);
    let body = state("\"e1\"", "[]");
    let right = signature(SECRET, &body);
    let get = listener.raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    let unclear = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    for (answer, expected) in [
        (listener.post(&right, &body), 200),
        (listener.post(&right, &body), 200),
        (listener.post("", &body), 401),
        (listener.post("Content-Encoding: gzip\r\n", &body), 415),
        (get, 405),
        (listener.raw(unclear.as_bytes()), 400),
    ] {
        let (status, text) = answer;
        let (head, body) = text.rsplit_once('\n').unwrap();
        assert_eq!(status, expected, "{text}");
        assert!(head.contains("content-type: application/json"), "{text}");
        let object: Value = serde_json::from_str(body).unwrap();
        assert_eq!(object.get("error").is_some(), status != 200, "{text}");
    }
}

#[test]
fn nothing_hides_a_length_that_is_said_twice() {
    let listener = Listener::start(&["--output", "/dev/null"]);
    let body = state("\"e1\"", "[]");
    let right = signature(SECRET, &body);
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let unclear = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n{right}\r\n{chunk}"
    );
    // Empty lines before a request are skipped by the HTTP library.
    for before in ["\r\n\r\n", "\n\n"] {
        let request = format!("{before}{unclear}");
        assert_eq!(listener.raw(request.as_bytes()).0, 400, "{before:?}");
    }
    // A head that is too long to be looked at.
    let long = unclear.replacen(
        "Content",
        &format!("X: {}\r\nContent", "x".repeat(70_000)),
        1,
    );
    assert_eq!(listener.raw(long.as_bytes()).0, 400);
    // A second request that begins in the packet of the first is not heard.
    let first = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{right}\r\n{body}",
        body.len()
    );
    let (status, answers) = listener.raw(format!("{first}{unclear}").as_bytes());
    assert_eq!(status, 200);
    assert_eq!(answers.matches("HTTP/1.1").count(), 0, "{answers}");
    // Lines may end without a carriage return.
    let plain = first.replace("\r\n", "\n");
    assert_eq!(listener.raw(plain.as_bytes()).0, 200);
}

#[test]
#[cfg(unix)]
fn a_request_under_way_at_sigterm_is_taken() {
    let listener = Listener::start(&[]);
    let body = state("\"e1\"", "[]");
    let mut stream = listener.connect();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{}\r\n",
        body.len(),
        signature(SECRET, &body)
    );
    let (first, rest) = body.split_at(body.len() / 2);
    stream
        .write_all(format!("{head}{first}").as_bytes())
        .unwrap();
    // It has to be accepted before the signal.
    assert_eq!(listener.signed(&state("\"e2\"", "[]")), 200);
    listener.signal(rustix::process::Signal::TERM);
    // Nothing new is accepted once the signal was taken.
    poll(|| TcpStream::connect(("127.0.0.1", listener.port)).is_err());
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (code, lines, _) = listener.end();
    assert_eq!(code, Some(0));
    let ids: Vec<_> = lines.iter().map(|line| &line["event_id"]).collect();
    assert_eq!(ids, ["e2", "e1"]);
}
