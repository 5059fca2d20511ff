//! What every request is looked at for: whom it is meant for, its body, its paths.
//!
//! Invariant: a request whose host is not loopback is never served, and no more
//! than [`MAX_BODY`] bytes of one are ever held. A web page can make a browser send
//! requests here under a name of its own (DNS rebinding); the name in `Host` gives
//! it away.

use std::borrow::Cow;
use std::net::IpAddr;

use bytes::Bytes;
use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http_body_util::BodyExt;
use hyper::body::Body;
use percent_encoding::percent_decode_str;

use crate::errors::Refusal;

/// Whether all that the request says of its host is loopback.
pub(crate) fn is_loopback(parts: &Parts) -> bool {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    // A proxy's form of the request line has a host of its own.
    let target = parts.uri.authority();
    host.to_str().is_ok_and(names_loopback)
        && target.is_none_or(|authority| names_loopback(authority.as_str()))
}

/// Whether a browser's request comes from a page of this machine, or is no such
/// request: browsers say where a page is from that makes them send more than a
/// plain GET elsewhere.
pub(crate) fn is_from_here(parts: &Parts) -> bool {
    let mut origins = parts.headers.get_all(ORIGIN).iter();
    origins.all(|origin| {
        let authority = origin.to_str().ok().and_then(|origin| {
            let http = origin.strip_prefix("http://");
            http.or_else(|| origin.strip_prefix("https://"))
        });
        authority.is_some_and(names_loopback)
    })
}

fn names_loopback(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else {
        return false;
    };
    let (host, text) = (authority.host(), authority.as_str());
    let port = text
        .strip_prefix(host)
        .and_then(|port| port.strip_prefix(':'));
    if text != host && port.is_none_or(|port| port.parse::<u16>().is_err()) {
        return false;
    }
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let is_bracketed = host.starts_with('[');
    host.eq_ignore_ascii_case("localhost")
        || ip.is_ok_and(|ip| ip.is_loopback() && ip.is_ipv6() == is_bracketed)
}

/// The longest body that is read, in bytes: 1 MiB.
pub(crate) const MAX_BODY: usize = 1024 * 1024;
/// How much more is read and thrown away. A client that is still sending when
/// the connection closes may never see the answer.
const MAX_DISCARDED: usize = 16 * MAX_BODY;

/// The whole body. What a client stopped sending halfway counts as its end.
pub(crate) async fn read_body(
    mut body: impl Body<Data = Bytes> + Unpin,
) -> Result<Vec<u8>, Refusal> {
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

/// Undoes percent-encoding.
pub(crate) fn unescape(segment: &str) -> String {
    let decoded = percent_decode_str(segment).decode_utf8();
    decoded.map_or_else(|_| segment.to_owned(), Cow::into_owned)
}

/// A path as it is answered.
pub(crate) fn with_slash(path: &str) -> Cow<'_, str> {
    if path.starts_with('/') {
        Cow::Borrowed(path)
    } else {
        Cow::Owned(format!("/{path}"))
    }
}

#[cfg(test)]
mod body_tests;
#[cfg(test)]
mod tests;
