//! A batch that failed as a whole, or was refused.
//!
//! Invariant: never a body, a token or a URL.

use std::error::Error as _;

use jiff::Timestamp;
use serde::Serialize;
use smartcar_batch::{Error, ErrorKind};

use super::verdict::Verdict;
use crate::age::{self, whole_seconds};
use crate::environment::Refusal;
use crate::exit::Exit;
use crate::hint::hint;
use crate::{output, text};

/// The object that stands for the whole batch.
#[derive(Debug, Serialize)]
pub(crate) struct Failed {
    pub(super) vehicle: Option<String>,
    pub(super) error: Failure,
    #[serde(skip)]
    pub(crate) cure: Option<String>,
    #[serde(skip)]
    pub(crate) charged: u32,
}

#[derive(Debug, Serialize)]
pub(super) struct Failure {
    pub(super) kind: &'static str,
    #[serde(rename = "type")]
    pub(super) error_type: Option<String>,
    pub(super) code: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) description: String,
    request_id: Option<String>,
    retryable: bool,
    pub(super) retry_after_seconds: Option<u64>,
}

const REFUSED: &str = "invalid_request";

impl Failed {
    /// Refused before anything was sent.
    pub(crate) fn refused(vehicle: Option<String>, refusal: Refusal) -> Self {
        Self {
            cure: refusal.cure.map(str::to_owned),
            ..Self::plain(vehicle, REFUSED, refusal.message)
        }
    }

    /// The simulator that was to be asked could not be started.
    pub(crate) fn no_simulator(vehicle: Option<&str>, error: &dyn std::fmt::Display) -> Self {
        let message = format!("the simulator could not be started: {error}");
        Self::plain(vehicle.map(str::to_owned), "transport", message)
    }

    /// As the façade's error says.
    pub(crate) fn of(vehicle: &str, error: &Error) -> Self {
        Self::of_any(Some(vehicle.to_owned()), error)
    }

    /// The account's list could not be read.
    pub(crate) fn of_account(error: &Error) -> Self {
        Self::of_any(None, error)
    }

    fn of_any(vehicle: Option<String>, error: &Error) -> Self {
        let api = error.api_error();
        let description = api.and_then(|api| api.description.clone());
        let mut failed = Self::plain(
            vehicle,
            kind(error),
            description.unwrap_or_else(|| with_cause(error)),
        );
        failed.cure = cure(error);
        failed.charged = error.charged();
        // A budget says when, the API how long.
        let wait = error.retry_after().or_else(|| {
            let wait = error.retry_at()?.duration_since(Timestamp::now());
            Some(wait.try_into().unwrap_or_default())
        });
        failed.error = Failure {
            error_type: api.and_then(|api| api.error_type.clone()),
            code: api.and_then(|api| api.code.clone()),
            status: error.status(),
            request_id: error.request_id().map(str::to_owned),
            retryable: error.is_retryable(),
            retry_after_seconds: wait.map(whole_seconds),
            ..failed.error
        };
        failed
    }

    fn plain(vehicle: Option<String>, kind: &'static str, description: String) -> Self {
        Self {
            vehicle,
            error: Failure {
                kind,
                error_type: None,
                code: None,
                status: None,
                description,
                request_id: None,
                retryable: false,
                retry_after_seconds: None,
            },
            cure: None,
            charged: 0,
        }
    }

    /// What it means for a fleet.
    pub(crate) fn verdict(&self) -> Verdict {
        match self.error.retry_after_seconds {
            Some(_) => Verdict::Waiting,
            None => Verdict::Failed,
        }
    }

    /// Whether no other vehicle would fare better: the token is not taken, or the
    /// credentials give none. A token endpoint that is busy is not that.
    pub(crate) fn is_everyones(&self) -> bool {
        match self.error.kind {
            "token" => !self.error.retryable,
            _ => self.error.status == Some(401),
        }
    }

    /// Puts it on stderr, with its cure.
    pub(crate) fn complain(&self) {
        output::complain("error", &text::shown(&self.sentence()));
        if let Some(cure) = &self.cure {
            output::complain("help", cure);
        }
    }

    /// Prints it: the object on stdout, or one line and its cure on stderr.
    pub(crate) fn print(&self, json: bool) -> Exit {
        let exit = if self.error.kind == REFUSED {
            Exit::Refused
        } else {
            Exit::Failed
        };
        if json {
            return output::print(&text::line(self), exit);
        }
        self.complain();
        exit
    }

    /// `status 401 AUTHENTICATION: the token is not valid (request id …)`.
    fn sentence(&self) -> String {
        let error = &self.error;
        let mut sentence = String::new();
        if error.kind == "api" {
            let status = error.status.map(|status| format!("status {status}"));
            let parts = [
                status.as_ref(),
                error.error_type.as_ref(),
                error.code.as_ref(),
            ];
            let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
            let head = parts.join(" ");
            // Without a description the façade's own words say all of it.
            if error.description != head {
                sentence = head + ": ";
            }
        }
        sentence.push_str(&error.description);
        if let Some(id) = &error.request_id {
            sentence.push_str(&format!(" (request id {id})"));
        }
        sentence
    }
}

fn kind(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Transport => "transport",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Decode => "decode",
        ErrorKind::InvalidRequest => REFUSED,
        ErrorKind::Budget => "budget",
        ErrorKind::Token => "token",
        // A list of paths requires no item, and a kind that is newer than this
        // command is best called after whom it came from.
        _ => "api",
    }
}

/// The error's own line, and the innermost cause: what lies between repeats it.
fn with_cause(error: &Error) -> String {
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(std::error::Error::source) {
        cause = Some(inner);
    }
    match cause {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn cure(error: &Error) -> Option<String> {
    let advice = match error.kind() {
        ErrorKind::Timeout => "vehicles can take minutes: pass a longer --deadline",
        ErrorKind::Transport => "check the network, the proxy and the API origin, then ask again",
        ErrorKind::Decode => {
            "check that the API origin is one of Smartcar's API, not of a proxy or a website"
        }
        ErrorKind::Token if error.is_retryable() => match error.retry_after() {
            Some(wait) => return Some(format!("retry after {}", age::span(wait))),
            None => "the token server is busy or cannot be reached: ask again later",
        },
        ErrorKind::Api if error.status() == Some(401) => {
            "the access token is expired or not one for this version of the API: on v2.0 set SMARTCAR_ACCESS_TOKEN to a fresh token of the owner's, which lasts two hours; on version 3 set SMARTCAR_CLIENT_ID and SMARTCAR_CLIENT_SECRET"
        }
        ErrorKind::Api => {
            if let Some(wait) = error.retry_after() {
                return Some(format!("retry after {}", age::span(wait)));
            }
            match error.api_error().and_then(hint) {
                Some(hint) => hint,
                None if error.status() == Some(400) => {
                    "check the paths: `smartcar endpoints` lists those that the API documents"
                }
                None => return None,
            }
        }
        _ => return None,
    };
    Some(advice.to_owned())
}
