//! Reading a request's body.
//!
//! Invariant: no more than [`MAX_BODY`] bytes are ever held.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Body;

use crate::errors::Refusal;

/// The longest body that is read, in bytes: 1 MiB.
pub(crate) const MAX_BODY: usize = 1024 * 1024;
/// How much more is read and thrown away. A client that is still sending when
/// the connection closes may never see the answer.
const MAX_DISCARDED: usize = 16 * MAX_BODY;

/// The whole body. What a client stopped sending halfway counts as its end.
pub(crate) async fn read(mut body: impl Body<Data = Bytes> + Unpin) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let mut length = 0;
    while let Some(Ok(frame)) = body.frame().await {
        // Trailers say nothing that is needed.
        let Ok(chunk) = frame.into_data() else {
            continue;
        };
        length += chunk.len();
        if length > MAX_DISCARDED {
            break;
        }
        if length <= MAX_BODY {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes.clear();
        }
    }
    if length > MAX_BODY {
        return Err(Refusal::too_large(MAX_BODY));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
