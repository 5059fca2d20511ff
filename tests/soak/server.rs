//! The two servers: HTTP/1 and HTTP/2 with prior knowledge, on loopback ports of
//! their own.
//!
//! Invariant: a connection counts as open from its accept to its end on both sides.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::counts::Counts;
use crate::{http1, http2};

/// A server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) origin: String,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(speaks_http2: bool, counts: &Arc<Counts>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let counts = Arc::clone(counts);
        let task = tokio::spawn(async move {
            loop {
                // A client that is gone before its accept is no reason to end.
                let Ok((stream, _)) = listener.accept().await else {
                    tokio::task::yield_now().await;
                    continue;
                };
                counts.open.fetch_add(1, SeqCst);
                counts.opened.fetch_add(1, SeqCst);
                let counts = Arc::clone(&counts);
                tokio::spawn(async move {
                    let shared = Arc::clone(&counts);
                    if speaks_http2 {
                        http2::serve(stream, shared).await;
                    } else {
                        http1::serve(stream, shared).await;
                    }
                    counts.open.fetch_sub(1, SeqCst);
                });
            }
        });
        Ok(Self { origin, task })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
