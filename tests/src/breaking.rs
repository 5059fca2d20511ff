//! A server that follows a script for each connection: what a proxy, a crash or
//! an attacker does to a client.
//!
//! Invariant: it never reads or writes more than its script says, and counts
//! both.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::request::{lock, read_request};

/// One thing that happens to a connection; after the last it is closed.
#[derive(Debug, Clone)]
pub enum Step {
    /// A whole request is read.
    Request,
    /// These bytes are written.
    Write(Vec<u8>),
    /// These bytes are written one at a time, with a pause before each.
    Drip(Vec<u8>, Duration),
    /// These bytes are written again and again, until the client goes.
    Flood(Vec<u8>),
    /// Nothing happens for a while.
    Wait(Duration),
    /// Nothing is written until the client goes.
    Hang,
    /// The connection is reset instead of closed.
    Reset,
}

/// The server.
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
    /// Starts it; each connection follows the next script, and from the last on
    /// all follow that.
    pub async fn start(scripts: Vec<Vec<Step>>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let seen = Arc::new(Seen::default());
        let shared = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let mut turn = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let script = scripts.get(turn).or_else(|| scripts.last()).cloned();
                turn += 1;
                shared.connections.fetch_add(1, SeqCst);
                let seen = Arc::clone(&shared);
                tokio::spawn(async move {
                    // A client that goes in the middle is what some tests want.
                    let _ = follow(stream, script.unwrap_or_default(), &seen).await;
                    seen.left.fetch_add(1, SeqCst);
                });
            }
        });
        Ok(Self { origin, seen, task })
    }

    /// One script for every connection.
    pub async fn always(script: Vec<Step>) -> io::Result<Self> {
        Self::start(vec![script]).await
    }

    /// `http://127.0.0.1:…`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Every whole request so far, head and body as they came.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.seen.requests).clone()
    }

    /// How many connections were opened.
    pub fn connections(&self) -> u64 {
        self.seen.connections.load(SeqCst)
    }

    /// How many connections have come to their end.
    pub fn ended(&self) -> u64 {
        self.seen.left.load(SeqCst)
    }

    /// How many bytes were written.
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
