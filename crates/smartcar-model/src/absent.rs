//! What version 3 of the API has nothing for, and why.
//!
//! Invariant: only paths, members and codes of the description and our own
//! words, never a value.

use std::fmt;

use crate::text;

/// Version 3 of the API has no counterpart of what was asked.
///
/// It will have none tomorrow either: ask for the signals themselves
/// ([`crate::v3::signal`]), or ask v2.0 as long as it answers. What comes from
/// where is in [`crate::v3::migration`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotOnV3 {
    /// The path that was asked.
    pub path: String,
    /// The member that the body cannot do without; `None`: the whole body.
    pub member: Option<String>,
    /// Why, in words.
    pub reason: String,
}

impl NotOnV3 {
    pub(crate) fn new(path: &str, member: Option<&str>, reason: &str) -> Self {
        Self {
            path: text::clean(path),
            member: member.map(str::to_owned),
            reason: reason.to_owned(),
        }
    }
}

impl fmt::Display for NotOnV3 {
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
pub struct NotStored {
    /// The codes of the signals that would have been read.
    pub signals: Vec<String>,
    /// Why there is nothing.
    pub gap: StoreGap,
}

/// Why a store has nothing of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreGap {
    /// The store has no signal at all.
    Empty,
    /// The store has signals, but not this one.
    Absent,
    /// The store says that the vehicle does not offer it.
    Unavailable,
}

impl NotStored {
    pub(crate) fn new(signal: &str, gap: StoreGap) -> Self {
        Self {
            signals: vec![text::clean(signal)],
            gap,
        }
    }
}

impl fmt::Display for NotStored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signals = self.signals.join("`, `");
        match self.gap {
            StoreGap::Empty => write!(
                f,
                "the store of this vehicle is empty, so `{signals}` is missing; \
                 it fills by webhooks or within about a day: ask again later"
            ),
            StoreGap::Absent => write!(
                f,
                "the store of this vehicle has no `{signals}`; \
                 it comes when the vehicle reports it: ask again later"
            ),
            StoreGap::Unavailable => {
                write!(f, "the vehicle does not offer `{signals}`; do without it")
            }
        }
    }
}
