//! Signals by their codes.
//!
//! Invariant: a code of the spec is found by its position in the table of signals,
//! without comparing it with the other codes of a response.

use std::collections::BTreeMap;

use super::entry::Entry;
use super::info::position;
use crate::generated::v3::{SIGNALS, signal_position};
use crate::text::Text;

/// The code of a signal.
#[derive(Debug)]
pub(super) enum Code {
    /// The position in the table of signals.
    Known(usize),
    /// A code that is not in the spec, in lower case.
    Other(Box<str>),
}

impl Code {
    /// A code in any letter case, or in the dashboard's spelling.
    pub(super) fn of(code: &str) -> Self {
        let other = || Self::Other(code.to_ascii_lowercase().into());
        position(code).map_or_else(other, Self::Known)
    }

    /// The code in a JSON value. `None` if it is not a text, or empty.
    pub(super) fn of_json(json: &str) -> Option<Self> {
        let inner = json.get(1..json.len().saturating_sub(1))?;
        if let (b'"', Some(position)) = (json.as_bytes()[0], signal_position(inner)) {
            return Some(Self::Known(position));
        }
        let Text(code) = serde_json::from_str(json).ok()?;
        let code = code.trim();
        (!code.is_empty()).then(|| Self::of(code))
    }

    /// The code in lower case.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Known(position) => SIGNALS[*position].code,
            Self::Other(code) => code,
        }
    }
}

/// The entries by their codes.
#[derive(Debug, Clone, Default)]
pub(super) struct Store {
    /// The signals of the spec.
    known: Vec<(&'static str, Entry)>,
    /// For each signal of the spec, its place in `known`. Empty without entries.
    places: Vec<Option<u16>>,
    /// All other signals.
    others: BTreeMap<Box<str>, Entry>,
}

impl Store {
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty() && self.others.is_empty()
    }

    /// Makes room for the entries of a response.
    pub(super) fn reserve(&mut self, count: usize) {
        self.known.reserve(count.min(SIGNALS.len()));
    }

    fn place(&self, position: usize) -> Option<usize> {
        let place = (*self.places.get(position)?)?;
        Some(place.into())
    }

    pub(super) fn get(&self, code: &Code) -> Option<&Entry> {
        match code {
            Code::Known(position) => Some(&self.known.get(self.place(*position)?)?.1),
            Code::Other(code) => self.others.get(code),
        }
    }

    pub(super) fn get_mut(&mut self, code: &Code) -> Option<&mut Entry> {
        match code {
            Code::Known(position) => {
                let place = self.place(*position)?;
                Some(&mut self.known.get_mut(place)?.1)
            }
            Code::Other(code) => self.others.get_mut(code),
        }
    }

    /// Adds an entry whose code is not there yet.
    pub(super) fn insert(&mut self, code: Code, entry: Entry) {
        match code {
            Code::Known(position) => {
                self.places.resize(SIGNALS.len(), None);
                self.places[position] = u16::try_from(self.known.len()).ok();
                self.known.push((SIGNALS[position].code, entry));
            }
            Code::Other(code) => drop(self.others.insert(code, entry)),
        }
    }

    /// All codes, sorted.
    pub(super) fn codes(&self) -> Vec<&str> {
        let known = self.known.iter().map(|(code, _)| *code);
        let mut codes: Vec<_> = known.chain(self.others.keys().map(Box::as_ref)).collect();
        codes.sort_unstable();
        codes
    }
}
