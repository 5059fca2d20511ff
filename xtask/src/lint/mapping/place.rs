//! Resolves a mapping's pointers in the bodies of the other version.
//!
//! Invariant: a pointer resolves only to what the other file declares.

use std::collections::BTreeMap;

use crate::api::component;
use crate::source::{Node, Source};

/// The components of the other version.
pub(super) struct Places<'o> {
    source: &'o Source,
    signals: BTreeMap<&'o str, String>,
}

impl<'o> Places<'o> {
    pub(super) fn new(source: &'o Source) -> Self {
        let schemas = source
            .at("/components/schemas")
            .map_or(&[][..], Node::entries);
        let signals = schemas.iter().filter_map(|(key, node)| {
            let place = format!("/components/schemas/{}", key.text);
            Some((node.text("x-smartcar-signal")?, place))
        });
        Self {
            source,
            signals: signals.collect(),
        }
    }

    /// Whether the other file has no signals, so that pointers cannot be checked.
    pub(super) fn is_empty(&self) -> bool {
        self.signals.is_empty()
    }

    /// The pointer to the schema of a signal's body.
    pub(super) fn signal(&self, code: &str) -> Option<String> {
        self.signals.get(code).cloned()
    }

    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        self.signals.keys().copied()
    }

    /// The values of an enum.
    pub(super) fn texts(&self, pointer: &str) -> Vec<String> {
        self.source
            .at(pointer)
            .map_or_else(Vec::new, |node| node.texts("enum"))
    }

    /// The pointer to the schema that a pointer below a component leads to.
    pub(super) fn at(&self, from: &str, pointer: &str) -> Option<String> {
        let mut names = pointer.strip_prefix('/')?.split('/');
        names.try_fold(from.to_owned(), |from, name| {
            let from = self.follow(from)?;
            let next = format!("{from}/properties/{name}");
            self.source.at(&next).map(|_| next)
        })
    }

    /// The pointer to the schema of a list's elements.
    pub(super) fn element(&self, from: &str, pointer: &str) -> Option<String> {
        let list = self.at(from, pointer)?;
        let list = self.follow(list)?;
        let items = format!("{list}/items");
        self.source.at(&items)?;
        self.follow(items)
    }

    fn follow(&self, place: String) -> Option<String> {
        match component(self.source.at(&place)?) {
            Some(name) => Some(format!("/components/schemas/{name}")),
            None => Some(place),
        }
    }
}
