//! A batch that failed as a whole, or was refused.
//!
//! Invariant: never a body, a token or a URL.

use std::error::Error as _;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use smartcar_batch::{ApiError, Error, ErrorKind};

use super::verdict::Verdict;
use crate::age::{self, whole_seconds};
use crate::environment::Refusal;
use crate::exit::Exit;
use crate::hint::hint;
use crate::{output, text, unknown};

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
        let description = api.and_then(described);
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

    /// Whether no other vehicle would fare better: the token is not taken.
    pub(crate) fn is_everyones(&self) -> bool {
        self.error.status == Some(401)
    }

    /// Whether the API rejected the batch itself: all of its paths at once.
    pub(crate) fn is_rejected(&self) -> bool {
        self.is_of_api() && self.error.error_type.as_deref() == Some("VALIDATION")
    }

    /// Whether the API answered.
    pub(crate) fn is_of_api(&self) -> bool {
        self.error.kind == "api"
    }

    /// Names what unknown paths may mean: they are why the API rejects a batch.
    pub(crate) fn with_hints(mut self, paths: &[String]) -> Self {
        if self.is_rejected() {
            self.error.description = unknown::with_hints(self.error.description, paths);
        }
        self
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

/// The API's words, and its detail, which they may only point to.
fn described(api: &ApiError) -> Option<String> {
    /// More would hide what comes after it.
    const MOST: usize = 5;
    let description = api.description.clone()?;
    let details = match &api.detail {
        Some(Value::Array(details)) => details.iter().take(MOST).map(words).collect(),
        Some(detail) => vec![words(detail)],
        None => Vec::new(),
    };
    let details: Vec<_> = details.iter().filter(|it| !it.is_empty()).collect();
    if details.is_empty() {
        return Some(description);
    }
    let details: Vec<_> = details.iter().map(|it| it.as_str()).collect();
    let description = description.trim_end_matches('.');
    Some(format!("{description} ({})", details.join("; ")))
}

/// The texts of a detail, such as `requests.1.path: is not known`.
fn words(detail: &Value) -> String {
    let joined = |values: &mut dyn Iterator<Item = &Value>, by: &str| {
        let words: Vec<_> = values.map(words).filter(|it| !it.is_empty()).collect();
        words.join(by)
    };
    match detail {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(names) => joined(&mut names.iter(), "."),
        Value::Object(members) => joined(&mut members.values(), ": "),
        Value::Null | Value::Bool(_) => String::new(),
    }
}

fn kind(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Transport => "transport",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Decode => "decode",
        ErrorKind::InvalidRequest => REFUSED,
        ErrorKind::Budget => "budget",
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
        ErrorKind::Api if error.status() == Some(401) => {
            "set SMARTCAR_ACCESS_TOKEN to a fresh token: they expire after two hours"
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
