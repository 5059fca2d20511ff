//! Faults as a client sees them, over a socket.

use std::io::{ErrorKind, Result};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::json;
use smartcar_simulator::{Fault, Simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn connect(simulator: &Simulator) -> TcpStream {
    let authority = simulator.origin().strip_prefix("http://").unwrap();
    let addr: SocketAddr = authority.parse().unwrap();
    TcpStream::connect(addr).await.unwrap()
}

async fn send(stream: &mut TcpStream, path: &str, token: &str, body: &str) {
    let method = if body.is_empty() { "GET" } else { "POST" };
    let length = body.len();
    let request = format!(
        "{method} /v2.0/vehicles/{path} HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
}

/// Everything received until the connection ends, and how it ends.
async fn exchange(simulator: &Simulator, path: &str, token: &str) -> (String, Result<usize>) {
    let mut stream = connect(simulator).await;
    let body = if path.ends_with("/batch") {
        r#"{"requests":[{"path":"/odometer"},{"path":"/fuel"}]}"#
    } else {
        ""
    };
    send(&mut stream, path, token, body).await;
    let mut answer = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer));
    let end = end.await.unwrap();
    (String::from_utf8(answer).unwrap(), end)
}

async fn ask(simulator: &Simulator, path: &str) -> String {
    exchange(simulator, path, simulator.token()).await.0
}

fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1);
    status.map_or(0, |status| status.parse().unwrap())
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[tokio::test]
async fn a_reset_comes_before_any_answer_and_ends_with_the_fault() {
    let simulator = Simulator::start().await.unwrap();
    for path in ["abc/vin", "abc/batch", "abc/nothing"] {
        simulator.fault(Fault::reset().times(1)).unwrap();
        let (answer, end) = exchange(&simulator, path, simulator.token()).await;
        assert_eq!(answer, "");
        assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
    assert_eq!(status(&ask(&simulator, "abc/vin").await), 200);
    let requests = simulator.requests();
    let statuses: Vec<_> = requests.iter().map(|request| request.status).collect();
    assert_eq!(statuses, [None, None, None, Some(200)]);
    assert_eq!(requests[1].batch_paths, ["/odometer", "/fuel"]);
}

#[tokio::test]
async fn a_reset_spares_other_connections() {
    let simulator = Simulator::start().await.unwrap();
    let mut other = connect(&simulator).await;
    simulator.fault(Fault::reset().on_path("/fuel")).unwrap();
    assert_eq!(ask(&simulator, "abc/fuel").await, "");
    send(&mut other, "abc/vin", simulator.token(), "").await;
    let mut answer = String::new();
    other.read_to_string(&mut answer).await.unwrap();
    assert_eq!(status(&answer), 200);
}

#[tokio::test]
async fn a_truncated_body_lacks_what_its_length_promised() {
    let simulator = Simulator::start().await.unwrap();
    let whole = ask(&simulator, "abc/batch").await;
    let whole = body(&whole);
    let long = format!("\"{}\"", "x".repeat(4 * 1024 * 1024));
    for (fault, bytes, text) in [
        (Fault::truncated(0), 0, whole),
        (Fault::truncated(20), 20, whole),
        (Fault::truncated(whole.len()), whole.len(), whole),
        (Fault::truncated(usize::MAX), whole.len(), whole),
        (Fault::truncated(long.len() - 1), long.len() - 1, &long),
    ] {
        let id = simulator.fault(fault.times(1)).unwrap();
        if text == long {
            let item = Fault::item_body("/odometer", serde_json::from_str(text).unwrap());
            simulator.fault(item).unwrap();
        }
        let (answer, end) = exchange(&simulator, "abc/batch", simulator.token()).await;
        end.unwrap();
        assert!(!simulator.clear_fault(id), "the fault is used up");
        assert_eq!(status(&answer), 200);
        let head = answer.to_lowercase();
        let promised = head.split_once("content-length: ").unwrap().1;
        let promised: usize = promised.split_once('\r').unwrap().0.parse().unwrap();
        assert_eq!(body(&answer).len(), bytes);
        assert!(promised > bytes, "{promised}");
    }
    assert!(simulator.requests().iter().all(|it| it.status == Some(200)));
}

#[tokio::test]
async fn whole_answers_go_over_the_wire() {
    let simulator = Simulator::start().await.unwrap();
    for (fault, code, start) in [
        (Fault::status(503).header("Retry-After", "2"), 503, ""),
        (Fault::html(502), 502, "<html>"),
        (Fault::error("BILLING", Some("VEHICLE_LIMIT")), 430, "{"),
        (Fault::raw_body("").with_status(999), 999, ""),
        (Fault::status(204), 204, ""),
        (Fault::html(204), 204, ""),
        (Fault::status(304), 304, ""),
        (Fault::truncated(5).with_status(204), 204, ""),
        (Fault::raw_body("\u{feff}{}"), 200, "\u{feff}{}"),
    ] {
        simulator.fault(fault.clone().times(1)).unwrap();
        let answer = ask(&simulator, "abc/batch").await;
        assert_eq!(status(&answer), code, "{fault:?}");
        assert!(body(&answer).starts_with(start), "{fault:?}");
        assert_eq!(answer.contains("retry-after: 2"), code == 503);
    }
}

#[tokio::test]
async fn items_go_over_the_wire_in_their_spelling() {
    let simulator = Simulator::start().await.unwrap();
    let limited = || Fault::item_error("/fuel", "RATE_LIMIT", Some("VEHICLE"));
    let title = limited().item_header("Retry-After", json!("120")).times(1);
    simulator.fault(title).unwrap();
    let lower = limited().item_header("retry-after", json!(120)).times(1);
    simulator.fault(lower).unwrap();
    let answer = ask(&simulator, "abc/batch").await;
    assert!(answer.contains(r#""Retry-After":"120""#), "{answer}");
    let answer = ask(&simulator, "abc/batch").await;
    assert!(answer.contains(r#""retry-after":120"#), "{answer}");
    let answer = ask(&simulator, "abc/batch").await;
    assert!(!answer.contains("RATE_LIMIT"));
}

#[tokio::test]
async fn faults_choose_their_requests() {
    let simulator = Simulator::start().await.unwrap();
    simulator.fault(Fault::status(500).on_path("/vin")).unwrap();
    simulator
        .fault(Fault::status(501).on_vehicle("a b"))
        .unwrap();
    let third = Fault::status(502).on_path("/batch").on_request(3);
    simulator.fault(third).unwrap();
    let mut found = Vec::new();
    for path in [
        "abc/vin",
        "abc/fuel",
        "a%20b/fuel",
        "abc/batch",
        "abc/batch",
    ] {
        found.push(status(&ask(&simulator, path).await));
    }
    assert_eq!(found, [500, 200, 501, 200, 200]);
    assert_eq!(status(&ask(&simulator, "abc/batch").await), 502);

    simulator.clear_faults();
    assert_eq!(status(&ask(&simulator, "abc/vin").await), 200);
    let requests = simulator.requests();
    assert_eq!(requests[2].vehicle.as_deref(), Some("a b"));
    assert_eq!(requests[2].path, "/v2.0/vehicles/a%20b/fuel");
}

#[tokio::test]
async fn latency_holds_an_answer_back_and_spares_the_others() {
    let simulator = Simulator::start().await.unwrap();
    let slow = Fault::latency(Duration::from_millis(200)).on_path("/fuel");
    simulator.fault(slow).unwrap();
    let start = Instant::now();
    let timed = |path| {
        let asked = ask(&simulator, path);
        async move { (status(&asked.await), start.elapsed()) }
    };
    let (slow, fast) = tokio::join!(timed("abc/fuel"), timed("abc/vin"));
    assert_eq!((slow.0, fast.0), (200, 200));
    assert!(slow.1 >= Duration::from_millis(200));
    assert!(fast.1 < slow.1);
}

#[tokio::test]
async fn latency_does_not_hold_up_shutdown() {
    let simulator = Simulator::start().await.unwrap();
    let forever = Fault::latency(Duration::from_secs(300));
    simulator.fault(forever).unwrap();
    let mut stream = connect(&simulator).await;
    // The second request waits on the same connection.
    let request = "GET /v2.0/vehicles/abc/vin HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(2);
    stream.write_all(request.as_bytes()).await.unwrap();
    while simulator.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    let start = Instant::now();
    simulator.shutdown().await;
    assert!(start.elapsed() < Duration::from_secs(10));
    let mut rest = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest));
    // How the connection ends does not matter.
    let _ = end.await.unwrap();
    assert!(rest.is_empty());
    assert_eq!(simulator.requests()[0].status, None);
}

#[tokio::test]
async fn dropping_ends_the_connections_too() {
    let simulator = Simulator::start().await.unwrap();
    let forever = Fault::latency(Duration::from_secs(300));
    simulator.fault(forever).unwrap();
    let mut waiting = connect(&simulator).await;
    send(&mut waiting, "abc/vin", simulator.token(), "").await;
    let mut idle = connect(&simulator).await;
    while simulator.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(simulator);
    for stream in [&mut waiting, &mut idle] {
        let mut rest = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest));
        let _ = end.await.unwrap();
        assert!(rest.is_empty());
    }
}

#[tokio::test]
async fn a_token_expires_and_another_takes_its_place() {
    let simulator = Simulator::start().await.unwrap();
    assert!(simulator.add_token("two words", ["read_vin"]).is_err());
    assert!(simulator.expire_token(simulator.token()));
    assert!(!simulator.expire_token(simulator.token()));
    let answer = ask(&simulator, "abc/batch").await;
    assert_eq!(status(&answer), 401);
    assert!(answer.contains(r#""type":"AUTHENTICATION""#), "{answer}");

    simulator.add_token("fresh", ["read_fuel"]).unwrap();
    let (answer, _) = exchange(&simulator, "abc/fuel", "fresh").await;
    assert_eq!(status(&answer), 200);
    let (answer, _) = exchange(&simulator, "abc/vin", "fresh").await;
    assert_eq!(status(&answer), 403);
    let authorized: Vec<bool> = simulator
        .requests()
        .iter()
        .map(|it| it.authorized)
        .collect();
    assert_eq!(authorized, [false, true, true]);
}
