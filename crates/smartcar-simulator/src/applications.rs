//! The applications that can request tokens.
//!
//! Invariant: a client secret in a request is checked and not stored.

use std::collections::{BTreeMap, HashMap};
use std::{fmt, io};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde::Deserialize;

use crate::request::unescape;
use crate::tokens::credentials;

/// The client id of the application that every simulator knows.
pub const DEFAULT_CLIENT_ID: &str = "simulator-client";

/// The client secret of [`DEFAULT_CLIENT_ID`]; it is not confidential.
pub const DEFAULT_CLIENT_SECRET: &str = "simulator-secret";
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Application {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Application")
    }
}

impl Application {
    pub(crate) fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            client_id: id.into(),
            client_secret: secret.into(),
        }
    }

    pub(crate) fn check(&self) -> io::Result<()> {
        let is_text = |text: &str| !text.is_empty() && !text.contains(char::is_control);
        let (id, secret) = (&self.client_id, &self.client_secret);
        if is_text(id) && is_text(secret) && !id.contains(':') {
            return Ok(());
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "an application needs a client id without a colon, and a client secret",
        ))
    }
}
#[derive(Clone)]
pub(crate) struct Applications(HashMap<String, String>);

impl Default for Applications {
    fn default() -> Self {
        let [id, secret] = [DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET].map(str::to_owned);
        Self(HashMap::from([(id, secret)]))
    }
}

impl fmt::Debug for Applications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} applications", self.0.len())
    }
}

impl Applications {
    /// Adds an application; adding the same id again replaces its secret.
    pub(crate) fn add(&mut self, new: Application) -> io::Result<()> {
        new.check()?;
        self.0.insert(new.client_id, new.client_secret);
        Ok(())
    }

    /// The applications' ids and secrets, sorted.
    pub(crate) fn saved(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self
            .0
            .iter()
            .map(|(id, secret)| (id.as_str(), secret.as_str()));
        all.collect::<BTreeMap<_, _>>().into_iter()
    }

    /// Whether there is an application with this id.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    pub(crate) fn knows(&self, id: &str, secret: &str) -> bool {
        self.0.get(id).is_some_and(|known| known == secret)
    }

    /// The application authenticated by the request's Basic header.
    pub(crate) fn authenticate(&self, headers: &HeaderMap) -> Option<String> {
        let encoded = credentials(headers, "basic")?;
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        // OAuth requires both to be percent-encoded in the header; not every client
        // does so.
        let decoded = (unescape(id), unescape(secret));
        if self.knows(id, secret) {
            Some(id.to_owned())
        } else {
            self.knows(&decoded.0, &decoded.1).then_some(decoded.0)
        }
    }
}
