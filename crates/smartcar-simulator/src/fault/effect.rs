//! What a fault changes.
//!
//! Invariant: two effects contradict each other exactly if they share a [`Slot`].

use std::fmt;
use std::time::Duration;

use serde_json::Value;

/// An error of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErrorName {
    pub(crate) kind: String,
    pub(crate) code: Option<String>,
}

impl ErrorName {
    pub(crate) fn new(kind: impl Into<String>, code: Option<&str>) -> Self {
        Self {
            kind: kind.into(),
            code: code.map(str::to_owned),
        }
    }

    /// Type and code with a slash between, or the type alone.
    pub(crate) fn parse(text: &str) -> Self {
        match text.split_once('/') {
            Some((kind, code)) => Self::new(kind, Some(code)),
            None => Self::new(text, None),
        }
    }
}

impl fmt::Display for ErrorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        self.code.iter().try_for_each(|code| write!(f, "/{code}"))
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    Unchanged,
    Latency(Duration),
    /// An answer that is not the API's.
    Foreign {
        html: bool,
    },
    Error(ErrorName),
    RawBody(String),
    Reset,
    Truncated(usize),
    Item {
        path: String,
        change: Change,
    },
    Unasked(String),
    Extra(Value),
    Reversed,
    Shuffled {
        seed: u64,
    },
    /// Items without `headers`, those that failed or all.
    Bare {
        good_too: bool,
    },
}

/// What happens to one item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    Nothing,
    Error(ErrorName),
    Body(Value),
    Json(Value),
    Missing,
    Twice,
}

/// What only one fault at a time can change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Slot<'e> {
    Time,
    Whole,
    Item(&'e str),
    Order,
}

/// What part of an answer an effect needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope<'e> {
    Any,
    /// This item, in a batch or as the endpoint asked alone.
    Endpoint(&'e str),
    /// This item of a batch, or of the list of a vehicle's signals.
    Item(&'e str),
    /// The list of a batch's items, or of a vehicle's signals.
    Items,
    /// A batch's items, of a kind that no signal is.
    BatchItems,
}

/// The code of a signal, of its path.
pub(crate) fn signal(path: &str) -> Option<&str> {
    path.strip_prefix("/signals/")
}

impl Effect {
    pub(crate) fn slot(&self) -> Option<Slot<'_>> {
        match self {
            Self::Latency(_) => Some(Slot::Time),
            Self::Foreign { .. }
            | Self::Error(_)
            | Self::RawBody(_)
            | Self::Reset
            | Self::Truncated(_) => Some(Slot::Whole),
            Self::Item { path, change } => match change {
                Change::Error(_) | Change::Body(_) | Change::Json(_) | Change::Missing => {
                    Some(Slot::Item(path))
                }
                Change::Nothing | Change::Twice => None,
            },
            Self::Reversed | Self::Shuffled { .. } => Some(Slot::Order),
            Self::Unchanged | Self::Unasked(_) | Self::Extra(_) | Self::Bare { .. } => None,
        }
    }

    pub(crate) fn scope(&self) -> Scope<'_> {
        match self {
            Self::Item { path, change } => match change {
                Change::Nothing | Change::Error(_) | Change::Body(_) => Scope::Endpoint(path),
                Change::Json(_) | Change::Missing | Change::Twice => Scope::Item(path),
            },
            Self::Unasked(path) if signal(path).is_none() => Scope::BatchItems,
            Self::Bare { .. } => Scope::BatchItems,
            Self::Unasked(_) | Self::Extra(_) | Self::Reversed | Self::Shuffled { .. } => {
                Scope::Items
            }
            _ => Scope::Any,
        }
    }

    /// Whether nothing of the answer's own body is left.
    pub(crate) fn replaces_all(&self) -> bool {
        matches!(
            self,
            Self::Foreign { .. } | Self::Error(_) | Self::RawBody(_) | Self::Reset
        )
    }
}
