//! What version 3 of the API does not offer or does not have, and why.
//!
//! Invariant: only paths, members and codes from the spec and fixed texts are
//! included, never a value.

use std::fmt;

use crate::nearest::nearest_path;
use crate::text;

/// Version 3 of the API has no counterpart for what was requested.
///
/// Retrying does not help. Request the signals themselves
/// ([`crate::v3::signal`]), or use v2.0 while it is available.
/// [`crate::v3::migration`] lists the source of each member.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unsupported {
    /// The requested path.
    pub path: String,
    /// The required member without a counterpart. `None` if it is the whole body.
    pub member: Option<String>,
    /// The reason, as text.
    pub reason: String,
}

impl Unsupported {
    pub(crate) fn new(path: &str, member: Option<&str>, reason: &str) -> Self {
        Self {
            path: text::clean(path),
            member: member.map(str::to_owned),
            reason: reason.to_owned(),
        }
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "version 3 of the API does not offer ")?;
        if let Some(member) = &self.member {
            write!(f, "`{member}` of ")?;
        }
        write!(
            f,
            "`{}`: {}; request its signals, or use v2.0",
            self.path, self.reason
        )
    }
}

/// The vehicle's store, or a delivery, does not have what was requested.
///
/// Webhooks fill the store. The documentation says that Smartcar updates it about daily
/// for a vehicle without one, but the stores of such vehicles were seen to stay empty. A
/// later request may succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAvailable {
    /// The codes of the signals that are needed.
    pub signals: Vec<String>,
    /// Why they are not available.
    pub reason: NotAvailableReason,
}

/// Why a store or a delivery does not have a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotAvailableReason {
    /// The store does not have any signal.
    EmptyStore,
    /// The store has signals, but not this one.
    NotStored,
    /// The store says that the vehicle does not support the signal.
    NotOffered,
    /// The store has the signal, but says that it has no valid value at present.
    NotValid,
    /// The webhook's deliveries do not have this signal.
    NotDelivered,
    /// The newest value is older than the caller allows, or its age is unknown.
    TooOld,
}

impl NotAvailable {
    pub(crate) fn new(signal: &str, reason: NotAvailableReason) -> Self {
        Self {
            signals: vec![text::clean(signal)],
            reason,
        }
    }

    /// Whether nothing was sent under this code.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(
            self.reason,
            NotAvailableReason::EmptyStore
                | NotAvailableReason::NotStored
                | NotAvailableReason::NotDelivered
        )
    }
}

impl fmt::Display for NotAvailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signals = self.signals.join("`, `");
        self.fmt_reason(f, &signals)?;
        if !self.is_absent() {
            // A code that was sent is not misspelt. A delivery can have very many, and
            // each search takes long.
            return Ok(());
        }
        let paths = self.signals.iter().map(|code| format!("/signals/{code}"));
        for (path, near) in paths.filter_map(|path| nearest_path(&path).map(|near| (path, near))) {
            write!(f, "; {path} is not a known signal: did you mean {near}?")?;
        }
        Ok(())
    }
}

impl NotAvailable {
    fn fmt_reason(&self, f: &mut fmt::Formatter<'_>, signals: &str) -> fmt::Result {
        match self.reason {
            NotAvailableReason::EmptyStore => write!(
                f,
                "the store of this vehicle is empty, so `{signals}` is not available; \
                 it is filled once the vehicle is subscribed to a webhook that is verified"
            ),
            NotAvailableReason::NotStored => write!(
                f,
                "the store of this vehicle does not have `{signals}` yet; \
                 the vehicle has not reported it: try again later"
            ),
            NotAvailableReason::NotOffered => {
                write!(f, "the vehicle does not support `{signals}`")
            }
            NotAvailableReason::NotValid => write!(
                f,
                "the API has no valid value of `{signals}` at present; try again later"
            ),
            NotAvailableReason::NotDelivered => write!(
                f,
                "`{signals}` was not delivered; select it in the webhook, or the vehicle has not \
                 reported it"
            ),
            NotAvailableReason::TooOld => write!(
                f,
                "the newest value of `{signals}` is older than allowed, or has no time"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::nearest::SEARCHES;
    use crate::path_results::PathResults;
    use crate::webhook::Event;

    /// The texts of all errors, and how many names were searched for them.
    fn texts(results: &PathResults) -> (Vec<String>, usize) {
        let before = SEARCHES.get();
        let errors = results.iter().filter_map(|(_, result)| result.err());
        let texts = errors.map(ToString::to_string).collect();
        (texts, SEARCHES.get() - before)
    }

    #[test]
    fn a_name_is_searched_only_for_what_was_requested_and_not_sent() {
        let signal = |number: usize| {
            let status = ["UNAVAILABLE", "ERROR"][number % 2];
            let code = format!("odometer-traveleddistance{number}");
            format!(r#"{{"code":"{code}","status":{{"value":"{status}"}}}}"#)
        };
        let signals: Vec<_> = (0..200).map(signal).collect();
        let signals = signals.join(",");
        let body = format!(
            r#"{{"eventType":"VEHICLE_STATE","data":{{"vehicle":{{"id":"v1"}},"signals":[{signals}]}}}}"#
        );
        let Ok(Event::State(state)) = Event::read(&body) else {
            panic!("{body}");
        };
        let (sent, searches) = texts(&state.results().data);
        assert_eq!((sent.len(), searches), (200, 0));
        assert!(!sent.iter().any(|text| text.contains("did you mean")));

        let requested = state.batch_paths(["/signals/odometer-traveled"]).unwrap();
        let (not_sent, searches) = texts(&requested.data);
        assert_eq!(searches, 1);
        let hint = "did you mean /signals/odometer-traveleddistance?";
        assert!(not_sent[0].ends_with(hint), "{not_sent:?}");
    }
}
