//! A member of a body that could not be filled.
//!
//! Invariant: the body itself is good; the member could be missing.

use crate::item_error::ItemError;

/// A member of a good body that is empty because its signal failed, or could not
/// be read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MemberError {
    /// The path whose body it is, such as `/fuel`.
    pub path: String,
    /// The member, as a JSON pointer into the body: `/range`,
    /// `/windows/2/status`. An entry that is left out of a list for it has the
    /// place that it would have in a list with every entry; something that the
    /// signal has and the body has no place for comes after the last one.
    pub member: String,
    /// Why its signal gave nothing, or nothing that could be read.
    pub error: ItemError,
}

impl MemberError {
    pub(super) fn new(path: &str, member: impl Into<String>, error: ItemError) -> Self {
        Self {
            path: path.to_owned(),
            member: member.into(),
            error,
        }
    }
}
