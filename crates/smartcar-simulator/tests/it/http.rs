//! One request over a socket.
//!
//! Invariant: every response is read until the server closes, within a time limit.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use smartcar_simulator::Simulator;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A response, complete or not.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    /// Whether the connection ended normally.
    pub(crate) ended: bool,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Sends JSON; nothing for `null`.
pub(crate) async fn send_json(simulator: &Simulator, line: &str, body: &Value) -> Answer {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    send(simulator, line, &[], &body).await
}

/// Sends a request with these headers in addition to the required ones.
pub(crate) async fn send(
    simulator: &Simulator,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let authority = simulator.origin().strip_prefix("http://").unwrap();
    let addr: SocketAddr = authority.parse().unwrap();
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let mut request = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
    let default = [("Host", "localhost")];
    let has_host = headers.iter().any(|(name, _)| *name == "Host");
    let default = if has_host { &[][..] } else { &default[..] };
    for (name, value) in default.iter().chain(headers) {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes));
    let ended = end.await.unwrap().is_ok();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1);
    // The date is the machine's, so it is left out.
    let is_date = |line: &&str| !line.to_lowercase().starts_with("date:");
    Answer {
        status: status.map_or(0, |status| status.parse().unwrap()),
        head: head.lines().filter(is_date).collect::<Vec<_>>().join("\n"),
        body: body.to_owned(),
        ended,
    }
}

/// Sends a request to the API with a token.
pub(crate) async fn ask(simulator: &Simulator, line: &str, token: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    send(simulator, line, &headers, body).await
}

/// Sends a batch of three paths.
pub(crate) async fn batch(simulator: &Simulator) -> Answer {
    let body = r#"{"requests":[{"path":"/odometer"},{"path":"/fuel"},{"path":"/location"}]}"#;
    ask(
        simulator,
        "POST /v2.0/vehicles/car/batch",
        simulator.token(),
        body,
    )
    .await
}

pub(crate) async fn get(simulator: &Simulator, path: &str) -> Answer {
    let line = format!("GET /v2.0/vehicles/car{path}");
    ask(simulator, &line, simulator.token(), "").await
}
