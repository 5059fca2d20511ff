//! Why a source of the mapping gave no value.
//!
//! Invariant: of several reasons the gravest is the one that is reported.

use crate::item_error::ItemError;
use crate::malformed::Malformed;
use crate::not_available::Unsupported;
use crate::v3::member_error::MemberError;

/// Why a source gave no value, the less grave first.
#[derive(Debug, Clone)]
pub(super) enum Why {
    /// It does not hold for this vehicle.
    NotThis,
    /// The signal is good and has nothing at this place.
    NoValue(String),
    /// The signal, or the resource, is not there.
    Absent(ItemError),
    /// The value has no counterpart in v2.0.
    NoCounterpart(String),
    /// The signal failed, or it cannot be read.
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
        if error.is_missing() {
            Self::Absent(error)
        } else {
            Self::Failed(error)
        }
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

    /// What a caller is told of a member that its body can do without.
    pub(super) fn member_error(self, path: &str, member: &'static str) -> Option<MemberError> {
        if self.gravity() < 3 {
            return None;
        }
        let error = self.error(path, Some(member));
        Some(MemberError::new(path, format!("/{member}"), error))
    }
}

/// The graver of two reasons, each with whose it is; of equals the first.
pub(super) fn graver<M>(first: Option<(M, Why)>, second: (M, Why)) -> (M, Why) {
    match first {
        Some(first) if first.1.gravity() >= second.1.gravity() => first,
        _ => second,
    }
}
