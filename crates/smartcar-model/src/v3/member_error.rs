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
    /// `/windows/2/status`.
    pub member: String,
    /// Why its signal gave nothing.
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
