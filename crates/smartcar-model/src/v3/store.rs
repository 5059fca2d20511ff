//! Signals by their codes.
//!
//! Invariant: a code of the spec is found by its position in the table of signals,
//! without comparing it with the other codes of a response.

use std::collections::BTreeMap;

use super::entry::Entry;
use crate::generated::v3::{SIGNALS, signal_position};

/// The entries, each with its code in lower case.
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

    pub(super) fn get(&self, code: &str) -> Option<&Entry> {
        match signal_position(code) {
            Some(position) => {
                let place = (*self.places.get(position)?)?;
                let (_, entry) = self.known.get(usize::from(place))?;
                Some(entry)
            }
            None => self.others.get(code),
        }
    }

    pub(super) fn get_mut(&mut self, code: &str) -> Option<&mut Entry> {
        match signal_position(code) {
            Some(position) => {
                let place = (*self.places.get(position)?)?;
                let (_, entry) = self.known.get_mut(usize::from(place))?;
                Some(entry)
            }
            None => self.others.get_mut(code),
        }
    }

    /// Adds an entry whose code is not there yet.
    pub(super) fn insert(&mut self, code: &str, entry: Entry) {
        let Some(position) = signal_position(code) else {
            self.others.insert(code.into(), entry);
            return;
        };
        self.places.resize(SIGNALS.len(), None);
        self.places[position] = u16::try_from(self.known.len()).ok();
        self.known.push((SIGNALS[position].code, entry));
    }

    /// All codes, sorted.
    pub(super) fn codes(&self) -> Vec<&str> {
        let known = self.known.iter().map(|(code, _)| *code);
        let mut codes: Vec<_> = known.chain(self.others.keys().map(Box::as_ref)).collect();
        codes.sort_unstable();
        codes
    }
}
