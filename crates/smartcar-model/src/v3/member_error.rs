//! A member of a body that could not be filled.
//!
//! Invariant: the body itself is valid, because the member is optional.

use crate::item_error::ItemError;

/// A member of a successful body that is empty, because its signal failed or
/// could not be decoded; or a part of a delivery that could not be decoded.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MemberError {
    /// The path of the body, such as `/fuel`. Empty if the member belongs to a
    /// delivery and not to a body; it is null in JSON then.
    pub path: String,
    /// The member, as a JSON pointer into the body or the delivery, such as `/range` or
    /// `/windows/2/status`. An entry that was left out of a list has the index
    /// that it would have in the full list. A part of the signal that the body
    /// has no place for has the index after the last entry.
    pub member: String,
    /// Why the signal gave no value, or no value that could be decoded.
    pub error: ItemError,
}

impl MemberError {
    pub(crate) fn new(path: &str, member: impl Into<String>, error: ItemError) -> Self {
        Self {
            path: path.to_owned(),
            member: member.into(),
            error,
        }
    }
}
