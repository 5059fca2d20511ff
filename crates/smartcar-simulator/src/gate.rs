//! Who may use the simulator from another machine.
//!
//! Invariant: without a token of its own, a simulator answers only requests for this
//! machine.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;

use crate::tokens::{DEFAULT_TOKEN, credentials};

/// The shortest token, in characters.
const SHORTEST: usize = 16;

/// The host names that are served besides loopback ones, and the token that protects
/// them.
#[derive(Clone, Default)]
pub(crate) struct Gate {
    pub(crate) hosts: Vec<String>,
    pub(crate) token: Option<String>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate")
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

impl Gate {
    /// Checks that it lets in nobody by mistake.
    pub(crate) fn check(&self) -> Result<(), String> {
        let Some(token) = &self.token else {
            return Ok(());
        };
        if token == DEFAULT_TOKEN || token.len() < SHORTEST {
            return Err(format!(
                "the token for other machines must have at least {SHORTEST} characters, \
                 and must not be the public one"
            ));
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("the token for other machines must be visible ascii".to_owned());
        }
        let is_name = |host: &String| {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|it| it.is_ascii_alphanumeric() || b"-._".contains(&it))
        };
        match self.hosts.iter().find(|host| !is_name(host)) {
            Some(host) => Err(format!("`{host}` is not a host name without a port")),
            None if self.hosts.is_empty() => Err("no host is allowed: add its name".to_owned()),
            None => Ok(()),
        }
    }

    /// Whether a request has the token, if one is needed: as bearer, or as the password of
    /// a browser's prompt.
    pub(crate) fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else {
            return true;
        };
        let password = credentials(headers, "basic").and_then(|encoded| {
            let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
            text.split_once(':')
                .map(|(_, password)| password.to_owned())
        });
        credentials(headers, "bearer") == Some(token) || password.as_ref() == Some(token)
    }
}
