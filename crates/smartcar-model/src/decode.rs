//! The one decoder of answers: a batch, one of its items, one endpoint alone.
//!
//! Invariant: the body's type follows from path and code, never from trial. The
//! documented form is read in one pass; of any other form the list is cut into its
//! elements before any of them is read, so that a fault stays within its item.

#[cfg(test)]
mod agreement_tests;
mod envelope;
mod fast;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::batch::Outcomes;
use crate::malformed::Malformed;
use crate::{body, text};
use envelope::{Envelope, Item};

pub use crate::item_response::ItemResponse;

/// A result that matches no requested path, or a duplicate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// Its path, bounded and stripped; empty where it had none.
    pub path: String,
    /// What is odd about it.
    pub kind: WarningKind,
}

/// What is odd about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WarningKind {
    /// A second result for a path. The first one counts.
    Duplicate,
    /// A result for a path that was not requested, or without a readable path.
    Unrequested,
}

impl WarningKind {
    /// `second` or `unasked`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => "second",
            Self::Unrequested => "unasked",
        }
    }
}

/// How many odd answers are kept: what comes after tells nothing new, and a
/// body of millions of them must not cost a hundred times its size.
pub(crate) const WARNINGS: usize = 100;

/// Reads the answer to a batch into the places of the paths that were asked:
/// pairs of a place's index and its path. A place that the answer has nothing
/// for is left as it was. At most 100 unmatched items are reported.
///
/// Fails only if the answer as a whole is not a batch answer.
pub fn batch(
    text: &str,
    request_id: Option<&str>,
    asked: &[(usize, &str)],
    outcomes: &mut dyn Outcomes,
) -> Result<Vec<Warning>, Malformed> {
    if fast::batch(text, request_id, asked, outcomes) {
        return Ok(Vec::new());
    }
    with_care(text, request_id, asked, outcomes)
}

fn with_care(
    text: &str,
    request_id: Option<&str>,
    asked: &[(usize, &str)],
    outcomes: &mut dyn Outcomes,
) -> Result<Vec<Warning>, Malformed> {
    let envelope = Envelope::read(text)?;
    let mut answered = vec![false; asked.len()];
    let mut warnings = Vec::new();
    for raw in envelope.responses {
        let mut warn = |path: &str, kind| {
            if warnings.len() < WARNINGS {
                warnings.push(Warning {
                    path: text::clean(path),
                    kind,
                });
            }
        };
        let Some((path, item)) = Item::read(raw) else {
            warn("", WarningKind::Unrequested);
            continue;
        };
        match asked.iter().position(|(_, asked)| *asked == path) {
            None => warn(&path, WarningKind::Unrequested),
            Some(place) if answered[place] => warn(&path, WarningKind::Duplicate),
            Some(place) => {
                answered[place] = true;
                outcomes.accept(asked[place].0, &item.answer(request_id));
            }
        }
    }
    Ok(warnings)
}

/// Reads a body as a type: an object never from an array, a fault with its
/// place.
pub fn body<T: DeserializeOwned>(raw: &RawValue) -> Result<T, Malformed> {
    body::text_as(raw.get())
}
