//! A batch that failed as a whole or was rejected locally.
//!
//! Invariant: messages have no body, token or URL, and advice names the flags and
//! variables of the command.

use serde::Serialize;
use smartcar_batch::{BudgetDenied, Error, ErrorKind};

use super::said::Said;
use super::verdict::Verdict;
use crate::environment::Refusal;
use crate::exit::Exit;
use crate::hint::hint;
use crate::{age, output, refusal, text, unknown};

const NO_BUDGET: &str = "check that Valkey or Redis runs there, and --budget";

/// The JSON object of a failed batch.
#[derive(Debug, Serialize)]
pub(crate) struct Failed {
    pub(super) vehicle: Option<String>,
    #[serde(flatten)]
    pub(super) error: Error,
    #[serde(skip)]
    cure: Option<String>,
}

impl Failed {
    /// Rejected before anything was sent.
    pub(crate) fn refused(vehicle: Option<String>, refusal: Refusal) -> Self {
        Self {
            vehicle,
            error: Error::new(ErrorKind::InvalidRequest, refusal.message),
            cure: refusal.cure.map(str::to_owned),
        }
    }

    /// The simulator could not be started.
    pub(crate) fn no_simulator(vehicle: Option<&str>, error: &dyn std::fmt::Display) -> Self {
        let message = format!("the simulator could not be started: {error}");
        Self {
            vehicle: vehicle.map(str::to_owned),
            error: Error::new(ErrorKind::Transport, message),
            cure: None,
        }
    }

    /// The store of a shared budget cannot be used.
    pub(crate) fn no_budget(vehicle: Option<&str>, message: String) -> Self {
        Self {
            vehicle: vehicle.map(str::to_owned),
            error: Error::new(ErrorKind::Budget, message),
            cure: Some(NO_BUDGET.to_owned()),
        }
    }

    /// From a library error.
    pub(crate) fn of(vehicle: &str, error: Error) -> Self {
        Self::of_any(Some(vehicle.to_owned()), error)
    }

    /// The account's vehicles could not be listed.
    pub(crate) fn of_account(error: Error) -> Self {
        Self::of_any(None, error)
    }

    fn of_any(vehicle: Option<String>, error: Error) -> Self {
        Self {
            vehicle,
            cure: cure(&error),
            error: refusal::in_our_words(error),
        }
    }

    /// The verdict for a fleet.
    pub(crate) fn verdict(&self) -> Verdict {
        // A budget gives a time, the API a duration.
        if self.error.retry_after().is_some() || self.error.retry_at().is_some() {
            Verdict::Waiting
        } else {
            Verdict::Failed
        }
    }

    /// Whether every other vehicle would fail too, because the token or the
    /// credentials were rejected. A busy token endpoint does not count.
    pub(crate) fn is_everyones(&self) -> bool {
        match self.error.kind() {
            ErrorKind::Token => !self.error.is_retryable(),
            _ => self.error.status() == Some(401),
        }
    }

    /// Whether the API rejected the batch as a whole.
    pub(crate) fn is_rejected(&self) -> bool {
        let api = self.error.api_error().filter(|_| self.is_of_api());
        api.is_some_and(|api| api.error_type.as_deref() == Some("VALIDATION"))
    }

    /// Whether the API responded with an error.
    pub(crate) fn is_of_api(&self) -> bool {
        self.error.kind() == ErrorKind::Api
    }

    /// Adds hints on unknown paths, the usual reason for a rejected batch.
    pub(crate) fn with_hints(mut self, paths: &[String]) -> Self {
        if self.is_rejected() {
            let words = Said::of_batch(&self.error).description.unwrap_or_default();
            let words = unknown::with_hints(words, paths);
            self.error = self.error.with_description(words);
        }
        self
    }

    /// Prints the error on stderr, with advice.
    pub(crate) fn complain(&self) {
        let said = Said::of_batch(&self.error);
        output::complain("error", &text::shown(&sentence(&said)));
        if let Some(detail) = said.detail() {
            output::complain("detail", &text::shown(&detail));
        }
        if let Some(cure) = &self.cure {
            output::complain("help", cure);
        }
    }

    /// Prints the object on stdout, or the error and advice on stderr.
    pub(crate) fn print(&self, json: bool) -> Exit {
        let exit = if self.error.is_invalid_request() {
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
}

/// `status 401 AUTHENTICATION: the token is not valid (request ID …)`.
fn sentence(said: &Said) -> String {
    let mut sentence = said.description.clone().unwrap_or_default();
    let head = format!("status {}", said.head());
    // Without a description, the library's message already has the status.
    if said.kind == "api" && sentence != head {
        sentence = format!("{head}: {sentence}");
    }
    if let Some(id) = &said.request_id {
        sentence.push_str(&format!(" (request ID {id})"));
    }
    sentence
}

fn cure(error: &Error) -> Option<String> {
    let advice = match error.kind() {
        ErrorKind::Timeout => "a vehicle can take minutes: pass a longer --deadline",
        ErrorKind::Transport => "check the network, the proxy and the API origin, then try again",
        ErrorKind::Budget if error.budget_denied() == Some(&BudgetDenied::Unavailable) => NO_BUDGET,
        ErrorKind::Decode => {
            "check that the API origin is a Smartcar API, not a proxy or a website"
        }
        ErrorKind::Token if error.is_retryable() => match error.retry_after() {
            Some(wait) => return Some(format!("retry after {}", age::span(wait))),
            None => "the token server is busy or cannot be reached: try again later",
        },
        ErrorKind::Api if error.status() == Some(401) => {
            "the access token is expired or not for this version of the API: on v2.0 set \
             SMARTCAR_ACCESS_TOKEN to a fresh token of the vehicle's owner, which lasts two hours; \
             on version 3 set the application's client credentials, SMARTCAR_CLIENT_ID and \
             SMARTCAR_CLIENT_SECRET"
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
