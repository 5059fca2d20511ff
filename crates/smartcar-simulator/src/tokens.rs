//! The access tokens that the server knows, with their permissions and expiry.
//!
//! Invariant: a token's text never appears in the response to another request, in a
//! record or in `Debug`; only the owner of the simulator can list it.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use std::{fmt, io};

use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

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

#[cfg(test)]
mod tests;
