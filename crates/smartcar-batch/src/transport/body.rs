//! Reads a response body.
//!
//! Invariant: nothing is kept past the limit.

use std::fmt;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};

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

/// Reads a body to its end, or to the limit.
pub(super) async fn whole(
    mut pieces: impl Stream<Item = reqwest::Result<Bytes>> + Unpin,
    cap: usize,
) -> Result<Bytes, Unfinished> {
    let mut body = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| Unfinished::Broken(error.without_url()))?;
        // Counted while it streams: a declared length may lie.
        if body.len() + piece.len() > cap {
            return Err(Unfinished::TooLarge(TooLarge(cap)));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}
