//! An API that answers every batch with an odometer.
//!
//! Invariant: it does as little as it can, so that it is not what is measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const BODY: &str = r#"{"responses":[{"path":"/odometer","code":200,"body":{"distance":18250.6},"headers":{"sc-unit-system":"metric"}}]}"#;

/// A running stub. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Stub {
    origin: String,
    count: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Stub {
    /// Starts it. Each answer takes this long.
    pub(crate) async fn start(latency: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&counted), latency));
            }
        });
        Self {
            origin,
            count,
            task,
        }
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The requests so far.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Relaxed)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers the requests of one connection, until it closes.
async fn serve(mut stream: TcpStream, count: Arc<AtomicUsize>, latency: Duration) {
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let Ok(length @ 1..) = stream.read(&mut piece).await else {
            return;
        };
        bytes.extend_from_slice(&piece[..length]);
        // A batch's body ends so, and a request follows only after the answer.
        if !bytes.ends_with(b"]}") {
            continue;
        }
        bytes.clear();
        count.fetch_add(1, Relaxed);
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
