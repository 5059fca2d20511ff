//! What the tests share: servers that answer what they are told, and one that
//! breaks what it is told.
//!
//! Invariant: raw TCP on a free loopback port, so that a test sees every byte
//! that was sent and can send any byte back.

mod breaking;

pub use breaking::{Breaking, Step};

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A server that gives each connection's requests the next canned answer.
#[derive(Debug)]
pub struct Canned {
    origin: String,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Canned {
    /// Starts it; the last answer is repeated for every further request.
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
                    // One request a connection keeps the turns in order.
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

    /// Answers 200 with a JSON body to every request.
    pub async fn json(body: &str) -> io::Result<Self> {
        Self::start(vec![answer("200 OK", "application/json", body)]).await
    }

    /// `http://127.0.0.1:…`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Every request so far, head and body as they came.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.requests).clone()
    }
}

impl Drop for Canned {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A whole HTTP answer with a request id.
pub fn answer(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nSC-Request-Id: 5f0c1b52-7d3a-4a0e-9a0b-2b0f6f3c1d11\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

async fn read_request(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let length = stream.read(&mut piece).await?;
        if length == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let declared = head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length:")?
                    .trim()
                    .parse()
                    .ok()
            })
            .unwrap_or(0_usize);
        if body.len() >= declared {
            return Ok(Some(text));
        }
    }
}
