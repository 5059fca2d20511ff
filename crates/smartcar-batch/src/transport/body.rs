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
    let (mut first, mut joined) = (Bytes::new(), BytesMut::new());
    // One `await` only, because each takes its own room in the future.
    while let Some(piece) = response
        .chunk()
        .await
        .map_err(|error| Unfinished::Broken(error.without_url()))?
    {
        let length = first.len().max(joined.len());
        // Counted while it streams: a declared length may lie.
        if length + piece.len() > cap {
            return Err(Unfinished::TooLarge(TooLarge(cap)));
        }
        if length == 0 {
            first = piece;
            continue;
        }
        if joined.is_empty() {
            joined.extend_from_slice(&first);
        }
        joined.extend_from_slice(&piece);
    }
    Ok(if joined.is_empty() {
        first
    } else {
        joined.freeze()
    })
}
