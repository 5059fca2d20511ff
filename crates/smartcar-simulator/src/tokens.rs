//! The access tokens that the server knows, with their permissions and expiry, and
//! the applications that can request tokens.
//!
//! Invariant: a token's text never appears in the response to another request, in a
//! record or in `Debug`; only the owner of the simulator can list it. A client
//! secret in a request is checked and not stored.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;
use std::{fmt, io};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::request::unescape;

/// The access token that every simulator knows. It has every permission and is
/// valid for both versions of the API.
pub const DEFAULT_TOKEN: &str = "simulator-token";

/// The user of every connection, as in the spec's example.
pub const DEFAULT_USER: &str = "9a4e1b70-2f5c-4c1e-b6a8-31d0f2c7e855";

/// The permissions of a token.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(from = "Option<BTreeSet<String>>")]
pub(crate) enum Grant {
    #[default]
    Everything,
    /// An application's own token: everything that owners granted, in version 3
    /// only.
    Application,
    Just(BTreeSet<String>),
}

impl From<Option<BTreeSet<String>>> for Grant {
    fn from(permissions: Option<BTreeSet<String>>) -> Self {
        permissions.map_or(Self::Everything, Self::Just)
    }
}

impl Grant {
    /// Exactly these permissions.
    pub(crate) fn just(permissions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::Just(permissions.into_iter().map(Into::into).collect())
    }

    /// Whether its token is valid for v2.0, as an owner's token is.
    pub(crate) fn is_for_v2(&self) -> bool {
        *self != Self::Application
    }

    /// Whether its token is valid for version 3. The default token is valid for
    /// both.
    pub(crate) fn is_for_v3(&self) -> bool {
        matches!(self, Self::Everything | Self::Application)
    }

    /// Whether it includes the permission that an operation needs.
    pub(crate) fn covers(&self, permission: Option<&str>) -> bool {
        match (self, permission) {
            (Self::Everything | Self::Application, _) | (_, None) => true,
            (Self::Just(names), Some(name)) => names.contains(name),
        }
    }
}

/// An access token that the simulator accepts; see
/// [`Simulator::tokens`](crate::Simulator::tokens).
///
/// The token is valid for this simulator only; `Debug` omits it all the same.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownToken {
    /// What a client sends after `Bearer`.
    pub token: String,
    /// Its permissions; `None` if it has every permission, as an application's own
    /// token of version 3 does.
    pub permissions: Option<BTreeSet<String>>,
    /// The simulated time at which it expires; `None` if it never expires.
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

/// A token to add.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    pub(crate) token: String,
    /// If absent, every permission.
    #[serde(default, rename = "permissions")]
    pub(crate) grant: Grant,
    /// If absent, it never expires.
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

/// All known tokens, each with its permissions and expiry.
#[derive(Clone)]
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
    /// Adds a token; adding the same token again replaces its permissions and
    /// expiry.
    pub(crate) fn set(&mut self, token: String, grant: Grant, ends: Option<Timestamp>) {
        self.0.insert(token, (grant, ends));
    }

    /// Removes all expired tokens.
    pub(crate) fn prune(&mut self, now: Timestamp) {
        self.0.retain(|_, (_, ends)| holds(*ends, now));
    }

    /// The tokens that are still valid, sorted by their text.
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

    /// The tokens in the keys of a scenario, sorted by their text: those that are valid, except
    /// the default one and applications' own, which a scenario cannot have.
    pub(crate) fn saved(&self, now: Timestamp) -> Vec<Value> {
        let known = self.known(now).into_iter();
        let known = known.filter(|it| {
            let grant = self.0.get(&it.token).map(|(grant, _)| grant);
            let is_default = it.token == DEFAULT_TOKEN && it.ends.is_none();
            grant != Some(&Grant::Application) && !(is_default && grant == Some(&Grant::Everything))
        });
        let saved = known.map(|it| {
            let mut members = json!({"token": it.token});
            if let Some(permissions) = it.permissions {
                members["permissions"] = json!(permissions);
            }
            if let Some(ends) = it.ends {
                let left = ends.duration_since(now);
                let begun = i64::from(left.subsec_nanos() > 0);
                members["lifetime_seconds"] = json!(left.as_secs() + begun);
            }
            members
        });
        saved.collect()
    }

    /// Removes a token. Returns whether it was known.
    pub(crate) fn expire(&mut self, token: &str) -> bool {
        self.0.remove(token).is_some()
    }

    /// The permissions of the request's bearer token; `None` without a known token.
    pub(crate) fn grant(&self, headers: &HeaderMap, now: Timestamp) -> Option<Grant> {
        let (grant, ends) = self.0.get(credentials(headers, "bearer")?)?;
        holds(*ends, now).then(|| grant.clone())
    }
}

/// The credentials of the authorization header; `None` unless there is exactly one,
/// with this scheme.
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

/// The permissions that a token names.
impl Grant {
    /// Checks that they are known.
    pub(crate) fn named(&self) -> impl Iterator<Item = &String> {
        let names = match self {
            Self::Just(names) => Some(names),
            Self::Everything | Self::Application => None,
        };
        names.into_iter().flatten()
    }
}

/// A token that does not fit into a header would never match.
pub(crate) fn check(token: &str) -> io::Result<()> {
    if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "an access token must be visible ascii characters without spaces",
    ))
}

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

#[cfg(test)]
mod tests;
