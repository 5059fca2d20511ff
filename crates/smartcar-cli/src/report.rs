//! What a batch gave, for scripts: the objects that `--json` prints.
//!
//! Invariant: the members, their order and their nulls are a contract; every
//! member is always written.

mod failed;
mod items;

use serde::Serialize;

pub(crate) use failed::Failed;
pub(crate) use items::{Item, ItemBody, ItemFailure, Report};

use crate::text;

/// One line of JSON that a terminal can show.
pub(crate) fn line(object: &impl Serialize) -> String {
    // Our own structs have text keys and no fallible parts.
    let json = serde_json::to_string(object).unwrap_or_else(|_| "null".to_owned());
    text::compact(&json)
}
