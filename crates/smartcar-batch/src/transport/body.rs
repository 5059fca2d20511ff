//! Reads a response body.
//!
//! Invariant: nothing is kept past the limit.

use std::fmt;

use bytes::{Bytes, BytesMut};

/// Why a body was not read to its end.
pub(super) enum Unfinished {
    /// It is larger than the limit.
    TooLarge(TooLarge),
    /// The connection failed.
    Broken(reqwest::Error),
}

/// A response with a body beyond the limit, which is in bytes. Sending the request
/// again would not help.
#[derive(Debug)]
pub(crate) struct TooLarge(pub(super) usize);

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the response is larger than {} bytes", self.0)
    }
}

impl std::error::Error for TooLarge {}

/// Reads a body to its end, or to the limit. A body in one piece is not copied.
pub(super) async fn whole(
    response: &mut reqwest::Response,
    cap: usize,
) -> Result<Bytes, Unfinished> {
    let first = piece(response, 0, cap).await?;
    let Some(first) = first else {
        return Ok(Bytes::new());
    };
    let Some(second) = piece(response, first.len(), cap).await? else {
        return Ok(first);
    };
    let mut body = BytesMut::from(&*first);
    body.extend_from_slice(&second);
    while let Some(next) = piece(response, body.len(), cap).await? {
        body.extend_from_slice(&next);
    }
    Ok(body.freeze())
}

/// The next piece; `None` at the end. `length` is how much there is already.
async fn piece(
    response: &mut reqwest::Response,
    length: usize,
    cap: usize,
) -> Result<Option<Bytes>, Unfinished> {
    let piece = response.chunk().await;
    let piece = piece.map_err(|error| Unfinished::Broken(error.without_url()))?;
    // Counted while it streams: a declared length may lie.
    match piece {
        Some(piece) if length + piece.len() > cap => Err(Unfinished::TooLarge(TooLarge(cap))),
        piece => Ok(piece),
    }
}
