//! A member of a body that was left empty.
//!
//! Invariant: the body itself is good; the member could be missing.

use crate::item_error::ItemError;

/// A member of a body that was left empty because its signal failed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Gap {
    /// The member, as JSON names it.
    pub member: &'static str,
    /// Why its signal gave nothing.
    pub error: ItemError,
}

impl Gap {
    pub(super) fn new(member: &'static str, error: ItemError) -> Self {
        Self { member, error }
    }
}
