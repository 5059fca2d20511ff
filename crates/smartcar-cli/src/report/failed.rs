//! A batch that failed as a whole, or was refused.
//!
//! Invariant: never a body, a token or a URL; what a person reads names flags and
//! variables of the command.

use serde::Serialize;
use smartcar_batch::{Error, ErrorKind};

use super::said::Said;
use super::verdict::Verdict;
use crate::environment::Refusal;
use crate::exit::Exit;
use crate::hint::hint;
use crate::{age, output, refusal, text, unknown};

/// The object that stands for the whole batch.
#[derive(Debug, Serialize)]
pub(crate) struct Failed {
    pub(super) vehicle: Option<String>,
    #[serde(flatten)]
    pub(super) error: Error,
    #[serde(skip)]
    cure: Option<String>,
}

impl Failed {
    /// Refused before anything was sent.
    pub(crate) fn refused(vehicle: Option<String>, refusal: Refusal) -> Self {
        Self {
            vehicle,
            error: Error::new(ErrorKind::InvalidRequest, refusal.message),
            cure: refusal.cure.map(str::to_owned),
        }
    }

    /// The simulator that was to be asked could not be started.
    pub(crate) fn no_simulator(vehicle: Option<&str>, error: &dyn std::fmt::Display) -> Self {
        let message = format!("the simulator could not be started: {error}");
        Self {
            vehicle: vehicle.map(str::to_owned),
            error: Error::new(ErrorKind::Transport, message),
            cure: None,
        }
    }

    /// As the façade's error says.
    pub(crate) fn of(vehicle: &str, error: Error) -> Self {
        Self::of_any(Some(vehicle.to_owned()), error)
    }

    /// The account's list could not be read.
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

    /// What it means for a fleet.
    pub(crate) fn verdict(&self) -> Verdict {
        // A budget says when, the API how long.
        if self.error.retry_after().is_some() || self.error.retry_at().is_some() {
            Verdict::Waiting
        } else {
            Verdict::Failed
        }
    }

    /// Whether no other vehicle would fare better: the token is not taken, or the
    /// credentials give none. A token endpoint that is busy is not that.
    pub(crate) fn is_everyones(&self) -> bool {
        match self.error.kind() {
            ErrorKind::Token => !self.error.is_retryable(),
            _ => self.error.status() == Some(401),
        }
    }

    /// Whether the API rejected the batch itself: all of its paths at once.
    pub(crate) fn is_rejected(&self) -> bool {
        let api = self.error.api_error().filter(|_| self.is_of_api());
        api.is_some_and(|api| api.error_type.as_deref() == Some("VALIDATION"))
    }

    /// Whether the API answered.
    pub(crate) fn is_of_api(&self) -> bool {
        self.error.kind() == ErrorKind::Api
    }

    /// Names what unknown paths may mean: they are why the API rejects a batch.
    pub(crate) fn with_hints(mut self, paths: &[String]) -> Self {
        if self.is_rejected() {
            let words = Said::of_batch(&self.error).description.unwrap_or_default();
            let words = unknown::with_hints(words, paths);
            self.error = self.error.with_description(words);
        }
        self
    }

    /// Puts it on stderr, with its cure.
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

    /// Prints it: the object on stdout, or one line and its cure on stderr.
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

/// `status 401 AUTHENTICATION: the token is not valid (request id …)`.
fn sentence(said: &Said) -> String {
    let mut sentence = said.description.clone().unwrap_or_default();
    let head = format!("status {}", said.head());
    // Without a description the façade's own words say all of it.
    if said.kind == "api" && sentence != head {
        sentence = format!("{head}: {sentence}");
    }
    if let Some(id) = &said.request_id {
        sentence.push_str(&format!(" (request id {id})"));
    }
    sentence
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
            "the access token is expired or not one for this version of the API: on v2.0 set \
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
