//! A server of HTTP/1 that breaks what it is told.
//!
//! Invariant: after its last word on a connection it reads on until the client is
//! gone, so that no request that was sent goes uncounted.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::answer::{Reply, Request, reply};
use crate::counts::Counts;
use crate::draw::Fault;

/// Serves one connection to its end.
pub(crate) async fn serve(stream: TcpStream, counts: Arc<Counts>) {
    let mut connection = Connection {
        stream,
        read: BytesMut::new(),
        counts,
    };
    // A client that goes in the middle is what the soak wants.
    match connection.answer().await {
        Ok(End::Reset) => return,
        Ok(End::Close) => drop(connection.stream.shutdown().await),
        Ok(End::Silence) | Err(_) => {}
    }
    connection.drain().await;
}

enum End {
    /// Our side of the connection ends.
    Close,
    /// Nothing is said, and the connection lives.
    Silence,
    /// All of it ends, with a reset.
    Reset,
}

struct Connection {
    stream: TcpStream,
    read: BytesMut,
    counts: Arc<Counts>,
}

impl Connection {
    /// Answers until a fault or the client ends it.
    async fn answer(&mut self) -> io::Result<End> {
        while let Some((target, body)) = self.request().await? {
            let Some((request, fault, mut rng)) = self.counts.arrived(&target, &body, false) else {
                return Ok(End::Close);
            };
            let reply = head_and_body(reply(&request, fault, &mut rng), fault == Fault::GoAway);
            let (head, body) = &reply;
            match fault {
                // Whatever comes now comes too late.
                Fault::Silence => return Ok(End::Silence),
                Fault::Reset => {
                    self.stream.set_zero_linger()?;
                    return Ok(End::Reset);
                }
                Fault::CutHead => {
                    self.stream
                        .write_all(&head.as_bytes()[..head.len() / 2])
                        .await?;
                    return Ok(End::Close);
                }
                Fault::CutBody => {
                    let half = format!("{head}{}", &body[..body.len() / 2]);
                    self.stream.write_all(half.as_bytes()).await?;
                    return Ok(End::Close);
                }
                Fault::Slow(time) => tokio::time::sleep(time).await,
                _ => {}
            }
            self.stream
                .write_all(format!("{head}{body}").as_bytes())
                .await?;
            if matches!(fault, Fault::Close | Fault::GoAway) {
                return Ok(End::Close);
            }
        }
        Ok(End::Close)
    }

    /// Counts what still comes. A reset connection brings nothing.
    async fn drain(&mut self) {
        // No client of the soak waits that long for an answer.
        let all = async {
            while let Ok(Some((target, body))) = self.request().await {
                self.counts
                    .unanswered(&target, Request::read(&target, &body));
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(20), all).await;
    }

    /// The next request: its target and its body. `None` at the end.
    async fn request(&mut self) -> io::Result<Option<(String, Vec<u8>)>> {
        loop {
            if let Some((length, target, body)) = whole(&self.read) {
                self.read.advance(length);
                return Ok(Some((target, body)));
            }
            let read = self.stream.read_buf(&mut self.read).await;
            if matches!(read, Ok(0) | Err(_)) && !self.read.is_empty() {
                self.counts.partial.fetch_add(1, SeqCst);
                self.read.clear();
            }
            if read? == 0 {
                return Ok(None);
            }
        }
    }
}

/// The first request of what was read: its length, its target and its body.
fn whole(read: &[u8]) -> Option<(usize, String, Vec<u8>)> {
    let end = read.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&read[..end]).ok()?;
    let target = head.split(' ').nth(1)?.to_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let same = name.eq_ignore_ascii_case("content-length");
        same.then(|| value.trim().parse::<usize>().ok())?
    });
    let (start, length) = (end + 4, length.unwrap_or(0));
    let body = read.get(start..start + length)?.to_vec();
    Some((start + length, target, body))
}

fn head_and_body(reply: Reply, close: bool) -> (String, String) {
    let Reply {
        status,
        headers,
        body,
    } = reply;
    let mut head = format!(
        "HTTP/1.1 {status} Soak\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if close {
        head += "connection: close\r\n";
    }
    (head + "\r\n", body)
}
