//! A receiver of webhooks.
//!
//! Invariant: it takes every event, and answers challenges with its key.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Its management token.
pub(crate) const KEY: &str = "a-management-token";

/// Starts a receiver, and returns its URL.
pub(crate) async fn receiver() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(receive(stream));
        }
    });
    url
}

/// Reads one request and answers it.
async fn receive(mut stream: TcpStream) {
    let mut text = Vec::new();
    loop {
        stream.read_buf(&mut text).await.unwrap();
        let so_far = String::from_utf8_lossy(&text).to_lowercase();
        let Some((head, body)) = so_far.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.split("content-length: ").nth(1).unwrap();
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        if body.len() == length {
            break;
        }
    }
    let text = String::from_utf8(text).unwrap();
    let event: Value = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
    let challenge = event["data"]["challenge"].as_str().unwrap_or_default();
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
    mac.update(challenge.as_bytes());
    let digits = mac.finalize().into_bytes();
    let digits: Vec<_> = digits.iter().map(|byte| format!("{byte:02x}")).collect();
    let body = json!({ "challenge": digits.concat() }).to_string();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).await.unwrap();
}
