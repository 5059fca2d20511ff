//! What version 3 of the API has nothing for, and why.
//!
//! Invariant: only paths, members and codes of the description and our own
//! words, never a value.

use std::fmt;

use crate::nearest::nearest_path;
use crate::text;

/// Version 3 of the API has no counterpart of what was asked.
///
/// It will have none tomorrow either: ask for the signals themselves
/// ([`crate::v3::signal`]), or ask v2.0 as long as it answers. What comes from
/// where is in [`crate::v3::migration`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unsupported {
    /// The path that was asked.
    pub path: String,
    /// The member that the body cannot do without; `None`: the whole body.
    pub member: Option<String>,
    /// Why, in words.
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
        write!(f, "version 3 of the API does not give ")?;
        if let Some(member) = &self.member {
            write!(f, "`{member}` of ")?;
        }
        write!(
            f,
            "`{}`: {}; ask for its signals or ask v2.0",
            self.path, self.reason
        )
    }
}

/// The vehicle's store has nothing of what was asked.
///
/// The store is filled by webhooks, or about daily for a vehicle without one: a
/// later request can find what this one did not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAvailable {
    /// The codes of the signals that would have been read.
    pub signals: Vec<String>,
    /// Why there is nothing.
    pub reason: NotAvailableReason,
}

/// Why a store has nothing of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotAvailableReason {
    /// The store has no signal at all.
    EmptyStore,
    /// The store has signals, but not this one.
    NotStored,
    /// The store says that the vehicle does not offer it.
    NotOffered,
    /// The store has the signal, and says that it has no valid value now.
    NotValid,
}

impl NotAvailable {
    pub(crate) fn new(signal: &str, reason: NotAvailableReason) -> Self {
        Self {
            signals: vec![text::clean(signal)],
            reason,
        }
    }
}

impl fmt::Display for NotAvailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signals = self.signals.join("`, `");
        self.fmt_reason(f, &signals)?;
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
                "the store of this vehicle is empty, so `{signals}` is missing; \
                 it fills by webhooks or within about a day: ask again later"
            ),
            NotAvailableReason::NotStored => write!(
                f,
                "the store of this vehicle has no `{signals}`; \
                 it comes when the vehicle reports it: ask again later"
            ),
            NotAvailableReason::NotOffered => {
                write!(f, "the vehicle does not offer `{signals}`; do without it")
            }
            NotAvailableReason::NotValid => write!(
                f,
                "the API has no valid value of `{signals}` now: ask again later"
            ),
        }
    }
}
