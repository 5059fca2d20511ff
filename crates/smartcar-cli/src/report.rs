//! The result of a batch: its verdict, and its form in tables and CSV. The JSON is
//! the library's.
//!
//! Invariant: tables and CSV show the same facts of an error as its JSON.

pub(crate) mod failed;
pub(crate) mod items;
pub(crate) mod outcome;
pub(crate) mod rows;
pub(crate) mod said;
pub(crate) mod verdict;
