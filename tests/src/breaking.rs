//! A server that follows a script for each connection. It does to a client what a
//! proxy, a crash or an attacker would do.
//!
//! Invariant: it reads and writes exactly what its script says, and counts both.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::request::{lock, read_request};
use crate::scripted;

/// A step of a script. After the last one the connection is closed.
#[derive(Debug, Clone)]
pub enum Step {
    /// Reads a whole request.
    Request,
    /// Writes these bytes.
    Write(Vec<u8>),
    /// Writes these bytes one at a time, with a pause before each.
    Drip(Vec<u8>, Duration),
    /// Writes these bytes repeatedly, until the client disconnects.
    Flood(Vec<u8>),
    /// Waits for this time.
    Wait(Duration),
    /// Writes nothing until the client disconnects.
    Hang,
    /// Resets the connection instead of closing it.
    Reset,
}

/// A running server.
#[derive(Debug)]
pub struct Breaking {
    origin: String,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Seen {
    requests: Mutex<Vec<String>>,
    connections: AtomicU64,
    left: AtomicU64,
    written: AtomicU64,
}

impl Breaking {
    /// Starts the server. Each connection follows the next script; when none is
    /// left, the last one is repeated.
    pub async fn start(scripts: Vec<Vec<Step>>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let seen = Arc::new(Seen::default());
        let shared = Arc::clone(&seen);
        let task = scripted::serve(listener, scripts, move |stream, script| {
            shared.connections.fetch_add(1, SeqCst);
            let seen = Arc::clone(&shared);
            async move {
                // In some tests the client disconnects early on purpose.
                let _ = follow(stream, script, &seen).await;
                seen.left.fetch_add(1, SeqCst);
            }
        });
        Ok(Self { origin, seen, task })
    }

    /// Starts the server with one script for every connection.
    pub async fn always(script: Vec<Step>) -> io::Result<Self> {
        Self::start(vec![script]).await
    }

    /// `http://127.0.0.1:…`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Every complete request so far, head and body as received.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.seen.requests).clone()
    }

    /// The number of opened connections.
    pub fn connections(&self) -> u64 {
        self.seen.connections.load(SeqCst)
    }

    /// The number of connections that have ended.
    pub fn ended(&self) -> u64 {
        self.seen.left.load(SeqCst)
    }

    /// The number of bytes written.
    pub fn written(&self) -> u64 {
        self.seen.written.load(SeqCst)
    }
}

impl Drop for Breaking {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn follow(mut stream: TcpStream, script: Vec<Step>, seen: &Seen) -> io::Result<()> {
    for step in script {
        match step {
            Step::Request => match read_request(&mut stream).await? {
                Some(request) => lock(&seen.requests).push(request),
                None => return Ok(()),
            },
            Step::Write(bytes) => write(&mut stream, &bytes, seen).await?,
            Step::Drip(bytes, pause) => {
                for byte in bytes {
                    tokio::time::sleep(pause).await;
                    write(&mut stream, &[byte], seen).await?;
                }
            }
            Step::Flood(bytes) => loop {
                write(&mut stream, &bytes, seen).await?;
            },
            Step::Wait(time) => tokio::time::sleep(time).await,
            Step::Hang => {
                let mut byte = [0];
                while stream.read(&mut byte).await? > 0 {}
            }
            Step::Reset => {
                stream.set_zero_linger()?;
                return Ok(());
            }
        }
    }
    stream.shutdown().await
}

async fn write(stream: &mut TcpStream, bytes: &[u8], seen: &Seen) -> io::Result<()> {
    stream.write_all(bytes).await?;
    seen.written
        .fetch_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX), SeqCst);
    Ok(())
}
