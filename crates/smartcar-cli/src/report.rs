//! What a batch gave. JSON is the façade's own; this is how it is counted, and
//! how people and spreadsheets read it.
//!
//! Invariant: a table and a CSV file say of an error what its JSON says.

pub(crate) mod failed;
pub(crate) mod items;
pub(crate) mod outcome;
pub(crate) mod rows;
pub(crate) mod said;
pub(crate) mod verdict;
