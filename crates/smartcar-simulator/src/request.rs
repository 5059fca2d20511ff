//! Checks that apply to every request: its host, its body, its paths.
//!
//! Invariant: a request whose host is neither loopback nor allowed is never served, and at most
//! [`MAX_BODY`] bytes of a body are held. A web page can make a browser send
//! requests to this server under the page's own host name (DNS rebinding); the
//! `Host` header reveals that.

use std::borrow::Cow;
use std::net::IpAddr;

use bytes::Bytes;
use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Uri};
use http_body_util::BodyExt;
use hyper::body::Body;
use percent_encoding::percent_decode_str;

use crate::errors::Refusal;

/// Whether all host names in the request are loopback, or are allowed.
pub(crate) fn is_meant(parts: &Parts, allowed: &[String]) -> bool {
    has_host(&parts.headers, &parts.uri, allowed)
}

/// The same, for a request that was not taken apart.
pub(crate) fn has_host(headers: &HeaderMap, uri: &Uri, allowed: &[String]) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    // A request line in proxy form has its own host.
    let target = uri.authority();
    host.to_str().is_ok_and(|host| is_known(host, allowed))
        && target.is_none_or(|authority| is_known(authority.as_str(), allowed))
}

/// Whether a request does not come from a web page of another machine. Browsers name
/// the page's origin in every cross-origin request that is more than a plain GET.
pub(crate) fn is_from_here(headers: &HeaderMap, allowed: &[String]) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    origins.all(|origin| {
        let authority = origin.to_str().ok().and_then(|origin| {
            let http = origin.strip_prefix("http://");
            http.or_else(|| origin.strip_prefix("https://"))
        });
        authority.is_some_and(|authority| is_known(authority, allowed))
    })
}

/// Whether a host with an optional port is loopback or allowed.
fn is_known(authority: &str, allowed: &[String]) -> bool {
    let is_bracketed = authority.starts_with('[');
    let split = if is_bracketed {
        let inner = authority[1..].split_once(']');
        inner.map_or((authority, ""), |(ip, port)| (ip, port))
    } else {
        authority.split_at(authority.find(':').unwrap_or(authority.len()))
    };
    let (host, port) = split;
    let number = port.strip_prefix(':').map(str::parse::<u16>);
    if !port.is_empty() && !matches!(number, Some(Ok(_))) {
        return false;
    }
    let ip = host.parse::<IpAddr>();
    let is_name = host.eq_ignore_ascii_case("localhost")
        || allowed.iter().any(|known| known.eq_ignore_ascii_case(host));
    !is_bracketed && is_name || ip.is_ok_and(|ip| ip.is_loopback() && ip.is_ipv6() == is_bracketed)
}

/// The maximum length of a body, in bytes: 1 MiB.
pub(crate) const MAX_BODY: usize = 1024 * 1024;
/// How many more bytes are read and discarded. A client that is still sending when
/// the connection closes may never see the response.
const MAX_DISCARDED: usize = 16 * MAX_BODY;

/// The whole body. If the client stops sending early, the body ends there.
pub(crate) async fn read_body(
    mut body: impl Body<Data = Bytes> + Unpin,
) -> Result<Vec<u8>, Refusal> {
    if body.is_end_stream() {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::new();
    let mut length = 0;
    while let Some(Ok(frame)) = body.frame().await {
        // Trailers are not needed.
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

/// Decodes percent-encoding.
pub(crate) fn unescape(segment: &str) -> String {
    let decoded = percent_decode_str(segment).decode_utf8();
    decoded.map_or_else(|_| segment.to_owned(), Cow::into_owned)
}

/// Adds a leading slash if it is missing.
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
