//! The access tokens that the server knows, what each may read, and until when; the
//! applications that may ask for tokens.
//!
//! Invariant: a token's text is never shown in an answer to another request, in
//! a record or in `Debug`; only who holds the simulator can list it. A secret is looked
//! at and forgotten.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use std::{fmt, io};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use crate::request::unescape;

/// The access token that every simulator knows. It has every permission, and is
/// good for both versions of the API.
pub const DEFAULT_TOKEN: &str = "simulator-token";

/// The user of every connection, as the description's example names it.
pub const DEFAULT_USER: &str = "9a4e1b70-2f5c-4c1e-b6a8-31d0f2c7e855";

/// What a token may read.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(from = "Option<BTreeSet<String>>")]
pub(crate) enum Grant {
    #[default]
    Everything,
    /// An application's own token: all that owners granted, in version 3 only.
    Application,
    Just(BTreeSet<String>),
}

impl From<Option<BTreeSet<String>>> for Grant {
    fn from(permissions: Option<BTreeSet<String>>) -> Self {
        permissions.map_or(Self::Everything, Self::Just)
    }
}

impl Grant {
    /// Just these permissions.
    pub(crate) fn just(permissions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::Just(permissions.into_iter().map(Into::into).collect())
    }

    /// Whether its token is one for v2.0, an owner's.
    pub(crate) fn is_for_v2(&self) -> bool {
        *self != Self::Application
    }

    /// Whether its token is one for version 3. The default token is both.
    pub(crate) fn is_for_v3(&self) -> bool {
        matches!(self, Self::Everything | Self::Application)
    }

    /// Whether it covers what an operation needs.
    pub(crate) fn covers(&self, permission: Option<&str>) -> bool {
        match (self, permission) {
            (Self::Everything | Self::Application, _) | (_, None) => true,
            (Self::Just(names), Some(name)) => names.contains(name),
        }
    }
}

/// An access token that the simulator takes; see [`Simulator::tokens`](crate::Simulator::tokens).
///
/// Its text opens nothing but this simulator, and `Debug` leaves it out all the same.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownToken {
    /// What a client sends after `Bearer`.
    pub token: String,
    /// The permissions it has; none listed if it has every one, as an
    /// application's own token of version 3.
    pub permissions: Option<BTreeSet<String>>,
    /// The simulated moment from which on it is refused; absent if it never ends.
    pub ends: Option<Timestamp>,
}

impl fmt::Debug for KnownToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KnownToken")
            .field("permissions", &self.permissions)
            .field("ends", &self.ends)
            .finish_non_exhaustive()
    }
}

/// A token to be added.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    pub(crate) token: String,
    /// Left out: every permission.
    #[serde(default, rename = "permissions")]
    pub(crate) grant: Grant,
    /// Left out: it never ends.
    #[serde(default, rename = "lifetime_seconds", deserialize_with = "seconds")]
    pub(crate) lifetime: Option<Duration>,
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let seconds = Option::deserialize(deserializer)?;
    Ok(seconds.map(Duration::from_secs))
}

impl NewToken {
    pub(crate) fn new(
        token: impl Into<String>,
        permissions: impl IntoIterator<Item = impl Into<String>>,
        lifetime: Option<Duration>,
    ) -> Self {
        Self {
            token: token.into(),
            grant: Grant::just(permissions),
            lifetime,
        }
    }
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("NewToken");
        shown.field("grant", &self.grant).finish_non_exhaustive()
    }
}

/// All known tokens, each with what it may read and when it ends.
pub(crate) struct Tokens(HashMap<String, (Grant, Option<Timestamp>)>);

impl Default for Tokens {
    fn default() -> Self {
        let default = (DEFAULT_TOKEN.to_owned(), (Grant::Everything, None));
        Self(HashMap::from([default]))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens", self.0.len())
    }
}

impl Tokens {
    /// Adds a token; the same token again replaces what it may read and its end.
    pub(crate) fn set(&mut self, token: String, grant: Grant, ends: Option<Timestamp>) {
        self.0.insert(token, (grant, ends));
    }

    /// Forgets all tokens that have ended.
    pub(crate) fn prune(&mut self, now: Timestamp) {
        self.0.retain(|_, (_, ends)| holds(*ends, now));
    }

    /// Those that are still good, in the order of their texts.
    pub(crate) fn known(&self, now: Timestamp) -> Vec<KnownToken> {
        let good = self.0.iter().filter(|(_, (_, ends))| holds(*ends, now));
        let mut known: Vec<_> = good
            .map(|(token, (grant, ends))| KnownToken {
                token: token.clone(),
                permissions: match grant {
                    Grant::Everything | Grant::Application => None,
                    Grant::Just(names) => Some(names.clone()),
                },
                ends: *ends,
            })
            .collect();
        known.sort_by(|one, other| one.token.cmp(&other.token));
        known
    }

    /// Forgets a token; whether it was known.
    pub(crate) fn expire(&mut self, token: &str) -> bool {
        self.0.remove(token).is_some()
    }

    /// What the request's bearer token may read; `None` without a known token.
    pub(crate) fn grant(&self, headers: &HeaderMap, now: Timestamp) -> Option<Grant> {
        let (grant, ends) = self.0.get(credentials(headers, "bearer")?)?;
        holds(*ends, now).then(|| grant.clone())
    }
}

/// What the one authorization header has, if it is of this scheme.
pub(crate) fn credentials<'h>(headers: &'h HeaderMap, scheme: &str) -> Option<&'h str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (given, credentials) = value.to_str().ok()?.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then_some(credentials)
}

fn holds(ends: Option<Timestamp>, now: Timestamp) -> bool {
    ends.is_none_or(|end| now < end)
}

/// A token that no header can carry would only ever fail to match.
pub(crate) fn check(token: &str) -> io::Result<()> {
    if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "an access token must be visible ascii characters without a space",
    ))
}

/// The client id of the application that every simulator knows.
pub const DEFAULT_CLIENT_ID: &str = "simulator-client";

/// The client secret that belongs to [`DEFAULT_CLIENT_ID`]; no secret at all.
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
    /// Adds an application; the same id again replaces its secret.
    pub(crate) fn add(&mut self, new: Application) -> io::Result<()> {
        new.check()?;
        self.0.insert(new.client_id, new.client_secret);
        Ok(())
    }

    pub(crate) fn knows(&self, id: &str, secret: &str) -> bool {
        self.0.get(id).is_some_and(|known| known == secret)
    }

    /// The application that the request's Basic header proves to be.
    pub(crate) fn authenticate(&self, headers: &HeaderMap) -> Option<String> {
        let encoded = credentials(headers, "basic")?;
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

#[cfg(test)]
mod tests;
