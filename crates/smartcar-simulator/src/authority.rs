//! Issued codes and refresh tokens, and when each expires.
//!
//! Invariant: a code can be used once. A used refresh token expires at most one
//! minute after its first use, however often it is used again.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use http::StatusCode;
use http::header::{ALLOW, CACHE_CONTROL, WWW_AUTHENTICATE};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::clock::later;
use crate::tokens::{Grant, Tokens};
const ACCESS_LIFETIME: Duration = Duration::from_secs(7_200);
const APPLICATION_LIFETIME: Duration = Duration::from_secs(3_600);
/// Lifetime of a refresh token: 60 days.
const REFRESH_LIFETIME: Duration = Duration::from_secs(60 * 86_400);
/// How long a refresh token stays valid after its first use.
const REFRESH_GRACE: Duration = Duration::from_secs(60);
const CODE_LIFETIME: Duration = Duration::from_secs(600);
/// Expired entries are removed once per this number of issued tokens.
pub(crate) const PRUNE_EVERY: u64 = 256;

/// The tokens that a client gets.
pub(crate) struct Issued {
    pub(crate) access: String,
    pub(crate) lifetime: Duration,
    /// Absent for an application's own token.
    pub(crate) refresh: Option<String>,
}
#[derive(Default)]
pub(crate) struct Authority {
    codes: HashMap<String, (Grant, Timestamp)>,
    refresh: HashMap<String, Refresh>,
    codes_issued: u64,
    pairs_issued: u64,
    applications_issued: u64,
}

struct Refresh {
    application: String,
    grant: Grant,
    ends: Timestamp,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} refresh tokens", self.refresh.len())
    }
}

impl Authority {
    /// Creates a code that any known application can use once, within ten minutes.
    pub(crate) fn code(&mut self, grant: Grant, now: Timestamp) -> String {
        self.codes.retain(|_, (_, ends)| now < *ends);
        self.codes_issued += 1;
        let code = format!("simulator-code-{}", self.codes_issued);
        let ends = later(now, CODE_LIFETIME);
        self.codes.insert(code.clone(), (grant, ends));
        code
    }
}
pub(crate) struct Issuer<'i> {
    pub(crate) authority: &'i mut Authority,
    pub(crate) tokens: &'i mut Tokens,
    pub(crate) now: Timestamp,
}

impl Issuer<'_> {
    /// Issues an application's own token.
    pub(crate) fn own(&mut self) -> Issued {
        self.authority.applications_issued += 1;
        let number = self.authority.applications_issued;
        self.issue(
            "application",
            number,
            Grant::Application,
            APPLICATION_LIFETIME,
        )
    }

    /// Exchanges a code for a pair of tokens.
    pub(crate) fn trade(&mut self, application: &str, code: &str) -> Result<Issued, Denial> {
        let known = self.authority.codes.remove(code);
        match known.filter(|(_, ends)| self.now < *ends) {
            Some((grant, _)) => Ok(self.pair(application, grant)),
            None => Err(Denial::new(
                "invalid_grant",
                "The code is unknown, used or expired.",
            )),
        }
    }

    /// Exchanges a refresh token for a new pair.
    pub(crate) fn refresh(&mut self, application: &str, token: &str) -> Result<Issued, Denial> {
        let known = self.authority.refresh.get_mut(token);
        // A token of another application counts as unknown.
        let known = known.filter(|it| it.application == application && self.now < it.ends);
        let Some(known) = known else {
            return Err(Denial::new(
                "invalid_grant",
                "The refresh token is unknown, replaced or expired.",
            ));
        };
        known.ends = known.ends.min(later(self.now, REFRESH_GRACE));
        let grant = known.grant.clone();
        Ok(self.pair(application, grant))
    }

    fn pair(&mut self, application: &str, grant: Grant) -> Issued {
        self.authority.pairs_issued += 1;
        let number = self.authority.pairs_issued;
        let mut issued = self.issue("access", number, grant.clone(), ACCESS_LIFETIME);
        let token = format!("simulator-refresh-{number}");
        let refresh = Refresh {
            application: application.to_owned(),
            grant,
            ends: later(self.now, REFRESH_LIFETIME),
        };
        self.authority.refresh.insert(token.clone(), refresh);
        issued.refresh = Some(token);
        issued
    }

    fn issue(&mut self, kind: &str, number: u64, grant: Grant, lifetime: Duration) -> Issued {
        if number.is_multiple_of(PRUNE_EVERY) {
            self.tokens.prune(self.now);
            let refresh = &mut self.authority.refresh;
            refresh.retain(|_, refresh| self.now < refresh.ends);
        }
        let access = format!("simulator-{kind}-{number}");
        let ends = later(self.now, lifetime);
        self.tokens.set(access.clone(), grant, Some(ends));
        Issued {
            access,
            lifetime,
            refresh: None,
        }
    }
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denial {
    status: StatusCode,
    error: &'static str,
    description: Cow<'static, str>,
}

impl Denial {
    pub(crate) fn new(error: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: match error {
                "invalid_client" => StatusCode::UNAUTHORIZED,
                _ => StatusCode::BAD_REQUEST,
            },
            error,
            description: description.into(),
        }
    }

    pub(crate) fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_request", description)
    }

    pub(crate) fn method() -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            ..Self::invalid_request("The token endpoint supports POST only.")
        }
    }

    pub(crate) fn into_answer(self) -> Answer {
        let body = json!({"error": self.error, "error_description": self.description});
        let answer = unstored(self.status, &body);
        let (name, value) = match self.status {
            StatusCode::UNAUTHORIZED => (WWW_AUTHENTICATE, "Basic realm=\"oauth\""),
            StatusCode::METHOD_NOT_ALLOWED => (ALLOW, "POST"),
            _ => return answer,
        };
        answer.with_header(name, value)
    }
}

/// A response that must not be cached.
pub(crate) fn unstored(status: StatusCode, body: &Value) -> Answer {
    Answer::new(status, body).with_header(CACHE_CONTROL, "no-store")
}
