//! The address at which the client reached the server.
//!
//! Invariant: a URL in a response leads back to this server.

use http::header::HOST;
use http::request::Parts;

/// The address at which the client reached the server.
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

    /// No address, for what has no URLs.
    pub(super) fn none() -> Site<'static> {
        Site {
            version: "",
            host: "",
        }
    }

    /// The URL of a resource.
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
