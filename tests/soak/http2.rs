//! A server of HTTP/2 that breaks what it is told.
//!
//! Invariant: after the library is done with a connection its bytes are read on
//! until the client is gone, so that every request is counted by its frames.

use std::future::poll_fn;
use std::io;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::{Method, Response};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::answer::{Request, reply};
use crate::counts::Counts;
use crate::draw::Fault;
use crate::frames::{Counted, Frames};

/// What a request does to its whole connection.
#[derive(Debug)]
enum Order {
    /// No further stream is taken.
    GoAway,
    /// The connection ends at once, and `GOAWAY` names the last stream that came.
    /// Without it nobody could tell what the client's library had still to write.
    Close,
    /// Nothing is read or written for a while.
    Freeze(Duration),
}

/// Serves one connection to its end.
pub(crate) async fn serve(stream: TcpStream, counts: Arc<Counts>) {
    let Ok((stream, rest)) = doubled(stream) else {
        return;
    };
    let frames = Frames::new(Arc::clone(&counts));
    let counted = Counted {
        stream,
        frames: Arc::clone(&frames),
    };
    // A client that goes in the middle is what the soak wants.
    let _ = answer(counted, &counts, &frames).await;
    let _ = rest.shutdown(std::net::Shutdown::Write);
    let Ok(mut rest) = TcpStream::from_std(rest) else {
        return;
    };
    let all = async {
        let mut bytes = vec![0; 4096];
        while let Ok(read @ 1..) = rest.read(&mut bytes).await {
            let mut frames = frames.lock().unwrap_or_else(PoisonError::into_inner);
            frames.take_read(&bytes[..read]);
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(20), all).await;
}

/// The socket twice: the library closes the one that it has.
fn doubled(stream: TcpStream) -> io::Result<(TcpStream, std::net::TcpStream)> {
    let stream = stream.into_std()?;
    let rest = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, rest))
}

async fn answer(
    stream: Counted,
    counts: &Arc<Counts>,
    frames: &Arc<Mutex<Frames>>,
) -> Result<(), h2::Error> {
    let mut connection = h2::server::Builder::new()
        .max_concurrent_streams(1000)
        // The client resets what ran into a deadline, and it has many deadlines.
        .max_pending_accept_reset_streams(100_000)
        .max_concurrent_reset_streams(100_000)
        .handshake(stream)
        .await?;
    let (orders, mut ordered) = mpsc::unbounded_channel();
    loop {
        let next = tokio::select! {
            biased;
            order = ordered.recv() => {
                match order {
                    Some(Order::GoAway) => connection.graceful_shutdown(),
                    Some(Order::Freeze(time)) => tokio::time::sleep(time).await,
                    Some(Order::Close) => connection.abrupt_shutdown(Reason::NO_ERROR),
                    None => return Ok(()),
                }
                continue;
            }
            next = connection.accept() => next,
        };
        let Some(next) = next else {
            return Ok(());
        };
        let (request, respond) = next?;
        counts.shown.fetch_add(1, SeqCst);
        let (counts, frames) = (Arc::clone(counts), Arc::clone(frames));
        let orders = orders.clone();
        tokio::spawn(async move { exchange(request, respond, &counts, &frames, &orders).await });
    }
}

async fn exchange(
    request: http::Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    counts: &Counts,
    frames: &Mutex<Frames>,
    orders: &mpsc::UnboundedSender<Order>,
) {
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |it| it.as_str());
    let length = head.headers.get("content-length");
    let length = length.and_then(|it| it.to_str().ok()?.parse().ok());
    let Some(body) = read(body, length).await else {
        // It was given up and reset: as a whole, or as a head without its end.
        // Also a withdrawn `GET` announces a body.
        let request = match length {
            Some(length @ 1..) if head.method == Method::POST => Request::of_length(target, length),
            _ => Request::read(target, &[]),
        };
        return counts.cut_off(target, request);
    };
    let Some((request, fault, mut rng)) = counts.arrived(target, &body, true) else {
        return respond.send_reset(Reason::INTERNAL_ERROR);
    };
    let order = match fault {
        Fault::Silence => {
            let _ = poll_fn(|context| respond.poll_reset(context)).await;
            return;
        }
        Fault::Refuse => {
            // Who has given up before will never know that it was refused.
            let gone = poll_fn(|context| Poll::Ready(respond.poll_reset(context).is_ready()));
            if gone.await {
                counts.refused_in_vain(&request);
            } else {
                let mut frames = frames.lock().unwrap_or_else(PoisonError::into_inner);
                frames.refuse(respond.stream_id().into(), request);
            }
            return respond.send_reset(Reason::REFUSED_STREAM);
        }
        Fault::Reset | Fault::CutHead => return respond.send_reset(Reason::INTERNAL_ERROR),
        Fault::Slow(time) => {
            tokio::time::sleep(time).await;
            None
        }
        Fault::GoAway => Some(Order::GoAway),
        Fault::Close => Some(Order::Close),
        Fault::Freeze(time) => Some(Order::Freeze(time)),
        _ => None,
    };
    let reply = reply(&request, fault, &mut rng);
    let mut head = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        head = head.header(name, value);
    }
    let (Ok(head), body) = (head.body(()), Bytes::from(reply.body)) else {
        return;
    };
    if let Ok(mut stream) = respond.send_response(head, false) {
        let cut = fault == Fault::CutBody;
        let part = if cut {
            body.slice(..body.len() / 2)
        } else {
            body
        };
        let _ = stream.send_data(part, !cut);
        if cut {
            // After the bytes have left, which the library does not tell.
            tokio::time::sleep(Duration::from_millis(2)).await;
            stream.send_reset(Reason::INTERNAL_ERROR);
        }
    }
    if let Some(order) = order {
        // The connection may be gone by now.
        let _ = orders.send(order);
    }
}

/// The whole body. `None` if less came than was announced.
async fn read(mut body: RecvStream, length: Option<usize>) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    while let Some(piece) = body.data().await {
        let piece = piece.ok()?;
        let _ = body.flow_control().release_capacity(piece.len());
        whole.extend_from_slice(&piece);
    }
    length
        .is_none_or(|length| length == whole.len())
        .then_some(whole)
}
