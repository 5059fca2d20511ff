//! Whether a request was meant for this machine.
//!
//! Invariant: a request whose host is not loopback is never served. A web page
//! can make a browser send requests here under a name of its own (DNS
//! rebinding); the name in `Host` gives it away.

use std::net::IpAddr;

use http::header::{HOST, ORIGIN};
use http::request::Parts;

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
    let (host, port) = match authority.rsplit_once(':') {
        // The last colon of a bare `[::1]` is inside the brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return false;
    }
    if host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let address = match address {
        Some(v6) => v6.parse().ok().map(IpAddr::V6),
        None => host.parse().ok().map(IpAddr::V4),
    };
    address.is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
