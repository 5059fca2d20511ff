//! Why a source of the mapping has no value.
//!
//! Invariant: of several reasons, the most serious is reported.

use crate::item_error::ItemError;
use crate::malformed::Malformed;
use crate::not_available::{NotAvailableReason, Unsupported};
use crate::v3::member_error::MemberError;

/// Why a source has no value, from the least to the most serious.
#[derive(Debug, Clone)]
pub(super) enum Why {
    /// The source does not apply to this vehicle.
    NotThis,
    /// The signal was read, but has nothing at this place.
    NoValue(String),
    /// The signal or the resource is not there.
    Absent(ItemError),
    /// The value has no counterpart in v2.0.
    NoCounterpart(String),
    /// The signal failed or could not be decoded.
    Failed(ItemError),
}

impl Why {
    fn gravity(&self) -> u8 {
        match self {
            Self::NotThis => 0,
            Self::NoValue(_) => 1,
            Self::Absent(_) => 2,
            Self::NoCounterpart(_) => 3,
            Self::Failed(_) => 4,
        }
    }

    pub(super) fn of(error: ItemError) -> Self {
        if error.is_missing() && !is_invalid(&error) {
            Self::Absent(error)
        } else {
            Self::Failed(error)
        }
    }

    /// Whether the signal failed for another reason than that the vehicle does
    /// not have the feature.
    pub(super) fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(error) if error.status() != Some(501))
    }

    /// What was received at a place could not be decoded.
    pub(super) fn unreadable(at: impl Into<String>, why: &str) -> Self {
        Self::Failed(ItemError::Malformed(Malformed::new(at, why)))
    }

    pub(super) fn error(self, path: &str, member: Option<&str>) -> ItemError {
        match self {
            Self::Absent(error) | Self::Failed(error) => error,
            Self::NoCounterpart(reason) => {
                ItemError::Unsupported(Box::new(Unsupported::new(path, member, &reason)))
            }
            Self::NoValue(at) => ItemError::Malformed(Malformed::new(at, "no value")),
            Self::NotThis => ItemError::Missing,
        }
    }

    /// The error that is reported for an optional member. `member` is a JSON
    /// pointer.
    pub(super) fn member_error(self, path: &str, member: &str) -> Option<MemberError> {
        if self.gravity() < 3 {
            return None;
        }
        let error = self.error(path, Some(name(member)));
        Some(MemberError::new(path, member, error))
    }
}

/// A member as text: its JSON pointer without the leading slash.
pub(super) fn name(pointer: &str) -> &str {
    pointer.strip_prefix('/').unwrap_or(pointer)
}

/// Whether the signal is there, but the API says that its value is not valid.
fn is_invalid(error: &ItemError) -> bool {
    matches!(error, ItemError::NotAvailable(missing) if missing.reason == NotAvailableReason::NotValid)
}

/// Why a place in a body has no value, and which place it is.
#[derive(Debug, Clone)]
pub(super) struct Lack {
    /// A JSON pointer into the body. `None` for the place that was requested.
    pub(super) at: Option<String>,
    pub(super) why: Why,
}

impl From<Why> for Lack {
    fn from(why: Why) -> Self {
        Self { at: None, why }
    }
}

/// The more serious of two, or the first if they are equal.
pub(super) fn graver(first: Option<Lack>, second: Lack) -> Lack {
    match first {
        Some(first) if first.why.gravity() >= second.why.gravity() => first,
        _ => second,
    }
}
