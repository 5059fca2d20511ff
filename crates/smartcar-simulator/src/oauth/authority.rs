//! What was issued: codes, refresh tokens, and when each ends.
//!
//! Invariant: a code is traded once; a refresh token that was used lives no
//! longer than a minute after its first use, however often it is used again.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::Denial;
use crate::clock::later;
use crate::tokens::{Grant, Life, Tokens};

/// How long an access token is good.
pub(crate) const ACCESS_LIFETIME: Duration = Duration::from_secs(7_200);
/// How long an application's own token is good.
pub(crate) const APPLICATION_LIFETIME: Duration = Duration::from_secs(3_600);
/// How long a refresh token can be used: 60 days.
pub(crate) const REFRESH_LIFETIME: Duration = Duration::from_secs(60 * 86_400);
/// How long a refresh token stays good after its first use.
pub(crate) const REFRESH_GRACE: Duration = Duration::from_secs(60);
/// How long an authorization code can be traded.
pub(crate) const CODE_LIFETIME: Duration = Duration::from_secs(600);
/// What has ended is looked for each time this many more were issued.
pub(super) const PRUNE_EVERY: u64 = 256;

/// A pair of tokens for a client.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Issued {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

/// Codes and refresh tokens.
#[derive(Default)]
pub(crate) struct Authority {
    codes: HashMap<String, Code>,
    refresh: HashMap<String, Refresh>,
    codes_issued: u64,
    pairs_issued: u64,
    applications_issued: u64,
}

struct Code {
    grant: Grant,
    ends: Timestamp,
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
    /// A code that any known application may trade once, within ten minutes.
    pub(crate) fn code(&mut self, grant: Grant, now: Timestamp) -> String {
        self.codes.retain(|_, code| now < code.ends);
        self.codes_issued += 1;
        let code = format!("simulator-code-{}", self.codes_issued);
        let ends = later(now, CODE_LIFETIME);
        self.codes.insert(code.clone(), Code { grant, ends });
        code
    }

    /// A token of an application's own.
    pub(super) fn application_token(&mut self, tokens: &mut Tokens, now: Timestamp) -> String {
        self.applications_issued += 1;
        if self.applications_issued.is_multiple_of(PRUNE_EVERY) {
            tokens.prune(now);
        }
        let token = format!("simulator-application-{}", self.applications_issued);
        let life = Life::Until(later(now, APPLICATION_LIFETIME));
        tokens.set(token.clone(), Grant::Application, life);
        token
    }

    pub(super) fn trade_code(
        &mut self,
        tokens: &mut Tokens,
        application: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<Issued, Denial> {
        let known = self.codes.remove(code).filter(|code| now < code.ends);
        let Some(Code { grant, .. }) = known else {
            let description = "The code is unknown, used or has expired.";
            return Err(Denial::invalid_grant(description));
        };
        Ok(self.issue(tokens, application, grant, now))
    }

    pub(super) fn refresh(
        &mut self,
        tokens: &mut Tokens,
        application: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<Issued, Denial> {
        let known = self.refresh.get_mut(token);
        // A token of another application is none of this one's.
        let known = known.filter(|it| it.application == application && now < it.ends);
        let Some(known) = known else {
            let description = "The refresh token is unknown, replaced or has expired.";
            return Err(Denial::invalid_grant(description));
        };
        known.ends = known.ends.min(later(now, REFRESH_GRACE));
        let grant = known.grant.clone();
        Ok(self.issue(tokens, application, grant, now))
    }

    fn issue(
        &mut self,
        tokens: &mut Tokens,
        application: &str,
        grant: Grant,
        now: Timestamp,
    ) -> Issued {
        self.pairs_issued += 1;
        if self.pairs_issued.is_multiple_of(PRUNE_EVERY) {
            tokens.prune(now);
            self.refresh.retain(|_, refresh| now < refresh.ends);
        }
        let issued = Issued {
            access: format!("simulator-access-{}", self.pairs_issued),
            refresh: format!("simulator-refresh-{}", self.pairs_issued),
        };
        let ends = later(now, ACCESS_LIFETIME);
        tokens.set(issued.access.clone(), grant.clone(), Life::Until(ends));
        let refresh = Refresh {
            application: application.to_owned(),
            grant,
            ends: later(now, REFRESH_LIFETIME),
        };
        self.refresh.insert(issued.refresh.clone(), refresh);
        issued
    }
}
