//! Addresses of resources on this server.
//!
//! Invariant: an address names the host as the request did.

use axum::http::header::HOST;
use axum::http::request::Parts;

/// Where the client found the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'r> {
    version: &'r str,
    host: &'r str,
}

impl<'r> Site<'r> {
    pub(super) fn new(version: &'r str, parts: &'r Parts) -> Self {
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        Self {
            version,
            host: host.unwrap_or_default(),
        }
    }

    /// The address of a resource.
    pub(super) fn address(&self, segments: &[&str]) -> String {
        let mut address = format!("http://{}/{}", self.host, self.version);
        for segment in segments {
            let escaped = form_urlencoded::byte_serialize(segment.as_bytes());
            address.push('/');
            address.push_str(&escaped.collect::<String>().replace('+', "%20"));
        }
        address
    }
}
