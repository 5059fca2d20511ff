//! The simulator as a client sees it: over a socket, started and stopped.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use smartcar_simulator::{DEFAULT_TOKEN, Simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn address(simulator: &Simulator) -> SocketAddr {
    let authority = simulator.origin().strip_prefix("http://").unwrap();
    authority.parse().unwrap()
}

/// Sends one request and reads until the server closes.
async fn exchange(simulator: &Simulator, head: &str, body: &str) -> String {
    let addr = address(simulator);
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let length = body.len();
    let request = format!(
        "{head}\r\nHost: {addr}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}",
        token = simulator.token(),
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn batch(simulator: &Simulator, body: &str) -> String {
    exchange(simulator, "POST /v2.0/vehicles/abc/batch HTTP/1.1", body).await
}

#[tokio::test]
async fn every_connection_names_the_simulators_user() {
    let simulator = Simulator::start().await.unwrap();
    let answer = exchange(&simulator, "GET /v3/connections HTTP/1.1", "").await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let connections = body["data"].as_array().unwrap();
    assert!(!connections.is_empty(), "{body}");
    for connection in connections {
        assert_eq!(connection["attributes"]["user"]["id"], simulator.user());
        let user = &connection["relationships"]["user"]["data"];
        assert_eq!(user["id"], simulator.user());
    }
}

#[tokio::test]
async fn a_batch_is_answered_over_the_wire() {
    let simulator = Simulator::start().await.unwrap();
    assert_eq!(simulator.token(), DEFAULT_TOKEN);
    assert!(simulator.origin().starts_with("http://127.0.0.1:"));

    let body = r#"{"requests":[{"path":"/odometer"},{"path":"/vin"}]}"#;
    let answer = batch(&simulator, body).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let head = head.to_lowercase();
    assert!(head.contains("content-type: application/json"), "{head}");
    assert!(
        head.contains("sc-request-id: 00000000-0000-4000-8000-"),
        "{head}"
    );
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["responses"][0]["path"], "/odometer");
    assert_eq!(body["responses"][1]["path"], "/vin");

    let requests = simulator.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].batch_paths, ["/odometer", "/vin"]);
    assert!(requests[0].authorized);
}

#[tokio::test]
async fn a_client_that_sends_too_much_still_sees_the_answer() {
    let simulator = Simulator::start().await.unwrap();
    let answer = batch(&simulator, &" ".repeat(4 * 1024 * 1024)).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn only_loopback_addresses_are_served() {
    for addr in [([0, 0, 0, 0], 0), ([192, 0, 2, 1], 0)] {
        let started = Simulator::builder().addr(addr.into()).start().await;
        let error = started.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let text = error.to_string();
        assert!(text.contains("not a loopback address"), "{text}");
    }
}

#[tokio::test]
async fn tokens_are_added_beside_the_default() {
    let builder = Simulator::builder().token("driver", ["read_vin"]);
    let simulator = builder.start().await.unwrap();
    let shown = format!("{simulator:?}");
    assert!(
        !shown.contains("driver") && !shown.contains(DEFAULT_TOKEN),
        "{shown}"
    );
    let answer = exchange(&simulator, "GET /v2.0/vehicles/abc/fuel HTTP/1.1", "").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");

    let error = Simulator::builder().token("", ["read_vin"]).start().await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_taken_port_is_an_error() {
    let simulator = Simulator::start().await.unwrap();
    let second = Simulator::builder().addr(address(&simulator)).start().await;
    assert_eq!(second.unwrap_err().kind(), ErrorKind::AddrInUse);
}

#[tokio::test]
async fn shutdown_frees_the_port_and_may_be_asked_twice() {
    let simulator = Simulator::start().await.unwrap();
    let addr = address(&simulator);
    // An idle connection must not delay the shutdown.
    let _idle = TcpStream::connect(addr).await.unwrap();
    tokio::join!(simulator.stopped(), simulator.shutdown());
    simulator.shutdown().await;
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_hold_up_shutdown() {
    let simulator = Simulator::start().await.unwrap();
    let mut stuck = TcpStream::connect(address(&simulator)).await.unwrap();
    let half =
        "POST /v2.0/vehicles/abc/batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{";
    stuck.write_all(half.as_bytes()).await.unwrap();
    tokio::task::yield_now().await;
    let shutdown = simulator.shutdown();
    tokio::time::timeout(Duration::from_secs(10), shutdown)
        .await
        .unwrap();
}

#[tokio::test]
async fn dropping_stops_the_server() {
    let simulator = Simulator::start().await.unwrap();
    let addr = address(&simulator);
    drop(simulator);
    for _ in 0..100 {
        if TcpStream::connect(addr).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the server still accepts connections");
}
