//! The applications that may ask for tokens.
//!
//! Invariant: a secret is looked at and forgotten; `Debug` shows none.

use std::collections::HashMap;
use std::fmt;
use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::path::unescape;

/// The client id of the application that every simulator knows.
pub const DEFAULT_CLIENT_ID: &str = "simulator-client";

/// The client secret that belongs to [`DEFAULT_CLIENT_ID`]; no secret at all.
pub const DEFAULT_CLIENT_SECRET: &str = "simulator-secret";

/// Client ids with their secrets.
#[derive(Clone)]
pub(crate) struct Applications(HashMap<String, String>);

impl Default for Applications {
    fn default() -> Self {
        let default = (DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET);
        Self(HashMap::from([(
            default.0.to_owned(),
            default.1.to_owned(),
        )]))
    }
}

impl fmt::Debug for Applications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} applications", self.0.len())
    }
}

impl Applications {
    /// Adds an application; the same id again replaces its secret.
    pub(crate) fn add(&mut self, id: String, secret: String) {
        self.0.insert(id, secret);
    }

    pub(crate) fn check(&self) -> io::Result<()> {
        let can_be_sent = |(id, secret): (&String, &String)| {
            let is_text = |text: &str| !text.is_empty() && !text.contains(char::is_control);
            is_text(id) && is_text(secret) && !id.contains(':')
        };
        if self.0.iter().all(can_be_sent) {
            return Ok(());
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "an application needs a client id without a colon, and a client secret",
        ))
    }

    pub(crate) fn knows(&self, id: &str, secret: &str) -> bool {
        self.0.get(id).is_some_and(|known| known == secret)
    }

    /// The application that the request's Basic header proves to be.
    pub(crate) fn authenticate(&self, headers: &HeaderMap) -> Option<String> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return None;
        };
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        // OAuth wants both percent-encoded within the header; not every client does.
        let decoded = (unescape(id), unescape(secret));
        if self.knows(id, secret) {
            Some(id.to_owned())
        } else {
            self.knows(&decoded.0, &decoded.1).then_some(decoded.0)
        }
    }
}
