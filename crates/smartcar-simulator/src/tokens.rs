//! The access tokens that the server knows, and what each may read.
//!
//! Invariant: a token's text is compared and never shown: not in an answer, not
//! in a record, not in `Debug`.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::io;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

/// The access token that every simulator knows. It has every permission.
///
/// ```
/// assert_eq!(smartcar_simulator::DEFAULT_TOKEN, "simulator-token");
/// ```
pub const DEFAULT_TOKEN: &str = "simulator-token";

/// What a token may read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Grant {
    Everything,
    Just(BTreeSet<String>),
}

impl Grant {
    /// Whether it covers what an operation needs.
    pub(crate) fn covers(&self, permission: Option<&str>) -> bool {
        match (self, permission) {
            (Self::Everything, _) | (_, None) => true,
            (Self::Just(names), Some(name)) => names.contains(name),
        }
    }
}

/// All known tokens.
#[derive(Clone)]
pub(crate) struct Tokens(HashMap<String, Grant>);

impl Default for Tokens {
    fn default() -> Self {
        Self(HashMap::from([(
            DEFAULT_TOKEN.to_owned(),
            Grant::Everything,
        )]))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens", self.0.len())
    }
}

impl Tokens {
    /// Adds a token; the same token again replaces what it may read.
    pub(crate) fn add(&mut self, token: String, permissions: BTreeSet<String>) {
        self.0.insert(token, Grant::Just(permissions));
    }

    pub(crate) fn check(&self) -> io::Result<()> {
        self.0.keys().try_for_each(|token| check(token))
    }

    /// Forgets a token; whether it was known.
    pub(crate) fn expire(&mut self, token: &str) -> bool {
        self.0.remove(token).is_some()
    }

    /// What the request's bearer token may read; `None` without a known token.
    pub(crate) fn grant(&self, headers: &HeaderMap) -> Option<Grant> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next()?.to_str().ok()?;
        if values.next().is_some() {
            return None;
        }
        let (scheme, token) = value.split_once(' ')?;
        let is_bearer = scheme.eq_ignore_ascii_case("bearer");
        self.0.get(token).filter(|_| is_bearer).cloned()
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

    fn granted(values: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_static(value));
        }
        Tokens::default().grant(&headers).is_some()
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
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_static("Bearer simulator-token");
        headers.insert(AUTHORIZATION, value);
        assert_eq!(tokens.grant(&headers), None);
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
    }
}
