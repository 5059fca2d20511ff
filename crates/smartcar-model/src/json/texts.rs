//! Errors that are written as text only, and parsed from it.
//!
//! Invariant: an error that is parsed from a text displays as that text.

use crate::item_error::ItemError;
use crate::malformed::Malformed;
use crate::not_available::{NotAvailable, NotAvailableReason, Unsupported};

/// A JSON pointer, which begins with a slash, and the reason; or the reason
/// alone.
pub(super) fn malformed(text: &str) -> ItemError {
    let parts = text.split_once(": ").filter(|_| text.starts_with('/'));
    let (pointer, reason) = parts.unwrap_or(("", text));
    ItemError::Malformed(Malformed::new(pointer, reason))
}

/// What version 3 does not offer. An unrecognized text becomes the reason.
pub(super) fn unsupported(text: &str) -> ItemError {
    let quoted = text
        .split_once('`')
        .and_then(|(_, rest)| rest.split_once("`: "));
    let unsupported = quoted.and_then(|(what, rest)| {
        let (member, path) = match what.split_once("` of `") {
            Some((member, path)) => (Some(member.to_owned()), path),
            None => (None, what),
        };
        let reason = rest.rsplit_once("; ")?.0.to_owned();
        let path = path.to_owned();
        let read = Unsupported {
            path,
            member,
            reason,
        };
        (read.to_string() == text).then_some(read)
    });
    ItemError::Unsupported(Box::new(unsupported.unwrap_or_else(|| Unsupported {
        path: String::new(),
        member: None,
        reason: text.to_owned(),
    })))
}

/// What a store does not have, or a response without the path.
pub(super) fn missing(text: &str) -> ItemError {
    let quoted = text
        .split_once('`')
        .and_then(|(_, rest)| rest.rsplit_once('`'));
    let signals = quoted.map(|(signals, _)| signals.split("`, `").map(str::to_owned));
    let signals: Vec<_> = signals.into_iter().flatten().collect();
    let reasons = [
        NotAvailableReason::EmptyStore,
        NotAvailableReason::NotStored,
        NotAvailableReason::NotDelivered,
        NotAvailableReason::TooOld,
        NotAvailableReason::NotOffered,
        NotAvailableReason::NotValid,
    ];
    let read = reasons.into_iter().find_map(|reason| {
        let signals = signals.clone();
        let read = NotAvailable { signals, reason };
        (read.to_string() == text).then_some(read)
    });
    read.map_or(ItemError::Missing, |missing| {
        ItemError::NotAvailable(Box::new(missing))
    })
}
