//! What a batch gave, for scripts: the objects that `--json` prints.
//!
//! Invariant: the members, their order and their nulls are a contract; every
//! member is always written.

pub(crate) mod failed;
pub(crate) mod items;
pub(crate) mod outcome;
pub(crate) mod rows;
pub(crate) mod verdict;
