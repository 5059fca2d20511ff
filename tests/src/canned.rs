//! A server with canned responses.
//!
//! Invariant: one request per connection, so that the responses keep their order.

use std::io;
use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::request::{lock, read_request};

/// A server that sends the next canned response to each connection.
#[derive(Debug)]
pub struct Canned {
    origin: String,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Canned {
    /// Starts the server; the last response is repeated for all further requests.
    pub async fn start(answers: Vec<Vec<u8>>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            let mut turn = 0;
            while let Ok((mut stream, _)) = listener.accept().await {
                while let Ok(Some(request)) = read_request(&mut stream).await {
                    lock(&seen).push(request);
                    let Some(answer) = answers.get(turn).or_else(|| answers.last()) else {
                        break;
                    };
                    turn += 1;
                    if stream.write_all(answer).await.is_err() {
                        break;
                    }
                    // One request per connection keeps the order.
                    let _ = stream.shutdown().await;
                }
            }
        });
        Ok(Self {
            origin,
            requests,
            task,
        })
    }

    /// Sends 200 with a JSON body to every request.
    pub async fn json(body: &str) -> io::Result<Self> {
        Self::start(vec![answer("200 OK", "application/json", body)]).await
    }

    /// `http://127.0.0.1:…`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Every request so far, head and body as received.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.requests).clone()
    }
}

impl Drop for Canned {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A complete HTTP response with a request id.
pub fn answer(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nSC-Request-Id: 5f0c1b52-7d3a-4a0e-9a0b-2b0f6f3c1d11\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
