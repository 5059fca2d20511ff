//! The access tokens that the server knows, what each may read, and until when.
//!
//! Invariant: a token's text is never shown in an answer to another request, in
//! a record or in `Debug`; only who holds the simulator can list it.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::io;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use jiff::Timestamp;

use crate::clock;

/// The access token that every simulator knows. It has every permission, and is
/// good for both versions of the API.
///
/// ```
/// assert_eq!(smartcar_simulator::DEFAULT_TOKEN, "simulator-token");
/// ```
pub const DEFAULT_TOKEN: &str = "simulator-token";

/// The user of every connection, as the description's example names it.
pub const DEFAULT_USER: &str = "9a4e1b70-2f5c-4c1e-b6a8-31d0f2c7e855";

/// What a token may read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Grant {
    Everything,
    /// An application's own token: all that owners granted, in version 3 only.
    Application,
    Just(BTreeSet<String>),
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

/// How long a token is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    Endless,
    /// From the start of the simulation, which a builder does not know yet.
    FromStart(Duration),
    Until(Timestamp),
}

/// All known tokens.
#[derive(Clone)]
pub(crate) struct Tokens(HashMap<String, (Grant, Life)>);

impl Default for Tokens {
    fn default() -> Self {
        let default = (DEFAULT_TOKEN.to_owned(), (Grant::Everything, Life::Endless));
        Self(HashMap::from([default]))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens", self.0.len())
    }
}

impl Tokens {
    /// Adds a token that never ends; the same token again replaces what it may read.
    pub(crate) fn add(&mut self, token: String, permissions: BTreeSet<String>) {
        self.set(token, Grant::Just(permissions), Life::Endless);
    }

    /// Adds a token; the same token again replaces what it may read and its end.
    pub(crate) fn set(&mut self, token: String, grant: Grant, life: Life) {
        self.0.insert(token, (grant, life));
    }

    /// Lets the lifetimes of all tokens begin.
    pub(crate) fn begin(&mut self, now: Timestamp) {
        for (_, life) in self.0.values_mut() {
            if let Life::FromStart(lifetime) = *life {
                *life = Life::Until(clock::later(now, lifetime));
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Forgets all tokens that have ended.
    pub(crate) fn prune(&mut self, now: Timestamp) {
        self.0.retain(|_, (_, life)| life.holds(now));
    }

    /// Those that are still good, in the order of their texts.
    pub(crate) fn known(&self, now: Timestamp) -> Vec<KnownToken> {
        let good = self.0.iter().filter(|(_, (_, life))| life.holds(now));
        let mut known: Vec<_> = good
            .map(|(token, (grant, life))| known(token, grant, *life))
            .collect();
        known.sort_by(|one, other| one.token.cmp(&other.token));
        known
    }

    pub(crate) fn check(&self) -> io::Result<()> {
        self.0.keys().try_for_each(|token| check(token))
    }

    /// Forgets a token; whether it was known.
    pub(crate) fn expire(&mut self, token: &str) -> bool {
        self.0.remove(token).is_some()
    }

    /// What the request's bearer token may read; `None` without a known token.
    pub(crate) fn grant(&self, headers: &HeaderMap, now: Timestamp) -> Option<Grant> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next()?.to_str().ok()?;
        if values.next().is_some() {
            return None;
        }
        let (scheme, token) = value.split_once(' ')?;
        let is_bearer = scheme.eq_ignore_ascii_case("bearer");
        let (grant, life) = self.0.get(token).filter(|_| is_bearer)?;
        life.holds(now).then(|| grant.clone())
    }
}

impl Life {
    fn holds(self, now: Timestamp) -> bool {
        match self {
            Self::Endless | Self::FromStart(_) => true,
            Self::Until(end) => now < end,
        }
    }
}

fn known(token: &str, grant: &Grant, life: Life) -> KnownToken {
    KnownToken {
        token: token.to_owned(),
        permissions: match grant {
            Grant::Everything | Grant::Application => None,
            Grant::Just(names) => Some(names.clone()),
        },
        ends: match life {
            Life::Until(end) => Some(end),
            Life::Endless | Life::FromStart(_) => None,
        },
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const NOTHING: Grant = Grant::Just(BTreeSet::new());

    fn bearer(token: &str) -> HeaderMap {
        let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        HeaderMap::from_iter([(AUTHORIZATION, value)])
    }

    fn granted(values: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_static(value));
        }
        Tokens::default().grant(&headers, NOW).is_some()
    }

    #[test]
    fn only_one_well_formed_bearer_header_is_read() {
        assert!(granted(&["Bearer simulator-token"]));
        assert!(granted(&["bearer simulator-token"]));
        assert!(!granted(&[]));
        assert!(!granted(&["simulator-token"]));
        assert!(!granted(&["Basic simulator-token"]));
        assert!(!granted(&["Bearer"]));
        assert!(!granted(&["Bearer "]));
        assert!(!granted(&["Bearer other"]));
        assert!(!granted(&["Bearer simulator-token x"]));
        assert!(!granted(&[
            "Bearer simulator-token",
            "Bearer simulator-token"
        ]));
    }

    #[test]
    fn a_token_covers_just_its_permissions() {
        let grant = Grant::Just(BTreeSet::from(["read_vin".to_owned()]));
        assert!(grant.covers(Some("read_vin")));
        assert!(grant.covers(None));
        assert!(!grant.covers(Some("read_fuel")));
        assert!(Grant::Everything.covers(Some("read_fuel")));
    }

    #[test]
    fn an_expired_token_is_unknown() {
        let mut tokens = Tokens::default();
        assert!(tokens.expire(DEFAULT_TOKEN));
        assert!(!tokens.expire(DEFAULT_TOKEN));
        assert!(!tokens.expire("other"));
        assert_eq!(tokens.grant(&bearer(DEFAULT_TOKEN), NOW), None);
    }

    #[test]
    fn a_token_ends_at_its_moment_and_not_before() {
        let mut tokens = Tokens::default();
        let life = Life::FromStart(Duration::from_secs(60));
        tokens.set("short".to_owned(), NOTHING, life);
        tokens.begin(NOW);
        let at = |seconds| Timestamp::from_millisecond(seconds).unwrap();
        assert_eq!(tokens.grant(&bearer("short"), at(59_999)), Some(NOTHING));
        assert_eq!(tokens.grant(&bearer("short"), at(60_000)), None);
        assert_eq!(tokens.known(at(59_999)).len(), 2);
        assert_eq!(tokens.known(at(60_000)).len(), 1);
        tokens.prune(at(60_000));
        assert!(!tokens.expire("short"), "it is forgotten");
        assert!(
            tokens
                .grant(&bearer(DEFAULT_TOKEN), Timestamp::MAX)
                .is_some()
        );
    }

    #[test]
    fn tokens_that_cannot_be_sent_are_refused_without_being_shown() {
        for token in ["", "two words", "line\nbreak", "é"] {
            let mut tokens = Tokens::default();
            tokens.add(token.to_owned(), BTreeSet::new());
            let error = tokens.check().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
        let mut tokens = Tokens::default();
        tokens.add("secret".to_owned(), BTreeSet::new());
        assert!(tokens.check().is_ok());
        assert_eq!(format!("{tokens:?}"), "2 tokens");
        assert!(!format!("{:?}", tokens.known(NOW)).contains("secret"));
    }
}
