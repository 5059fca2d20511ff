//! The signals that a conversion reads, and what the ones it used say together.
//!
//! Invariant: a body is parsed once per conversion, and borrows from the response.

use jiff::Timestamp;

use crate::body::Body;
use crate::generated::UnitSystem;
use crate::headers::ResponseHeaders;
use crate::item_error::ItemError;
use crate::item_response::ItemResponse;
use crate::malformed::Malformed;
use crate::text;
use crate::tree::Tree;
use crate::v3::entry::{Entry, Times};
use crate::v3::mapping::{self, Read};
use crate::v3::signals::Signals;

/// The signals that a mapping names.
pub(super) struct Bodies<'s>(Vec<Source<'s>>);

struct Source<'s> {
    code: &'static str,
    entry: Result<&'s Entry, ItemError>,
    tree: Result<Tree<'s>, ItemError>,
}

impl<'s> Bodies<'s> {
    pub(super) fn of(mapping: Option<&'static mapping::Body>, signals: &'s Signals) -> Self {
        let mut bodies = Self(Vec::new());
        if let Some(mapping) = mapping {
            mapping.visit(&mut |read| {
                if let Read::Signal(code) = read {
                    bodies.add(code, signals);
                }
            });
        }
        bodies
    }

    fn add(&mut self, code: &'static str, signals: &'s Signals) {
        if self.0.iter().any(|known| known.code == code) {
            return;
        }
        let entry = signals.find(code);
        let tree = match &entry {
            Ok(entry) => tree(entry, code, signals.gives_last_known()),
            Err(error) => Err(error.clone()),
        };
        self.0.push(Source { code, entry, tree });
    }

    fn source(&self, code: &str) -> Result<&Source<'s>, ItemError> {
        let mut sources = self.0.iter();
        let found = sources.find(|source| source.code == code);
        found.ok_or(ItemError::Missing)
    }

    pub(super) fn entry(&self, code: &str) -> Result<&'s Entry, ItemError> {
        self.source(code)?.entry.clone()
    }

    pub(super) fn tree(&self, code: &str) -> Result<&Tree<'s>, ItemError> {
        self.source(code)?.tree.as_ref().map_err(Clone::clone)
    }
}

fn tree<'s>(entry: &'s Entry, code: &str, last_known: bool) -> Result<Tree<'s>, ItemError> {
    let body = entry.body(code, last_known).map_err(Clone::clone)?;
    Tree::of(body).map_err(|error| {
        let at = format!("/{}/body", text::clean(code));
        ItemError::Malformed(Malformed::from_json(&at, &error))
    })
}

/// The signals that a value was read from, and the unit systems of the values.
#[derive(Default)]
pub(super) struct Used<'r, 's> {
    signals: Vec<(&'r str, &'s Entry)>,
    pub(super) systems: Vec<UnitSystem>,
}

impl<'r, 's> Used<'r, 's> {
    pub(super) fn add(&mut self, code: &'r str, entry: &'s Entry) {
        if !self.signals.iter().any(|(known, _)| *known == code) {
            self.signals.push((code, entry));
        }
    }

    /// The response with its metadata. Fails if the values have units of both
    /// systems.
    pub(super) fn answer(&self, body: Body<'s>) -> Result<ItemResponse<'s>, ItemError> {
        let unit_system = self.systems.first();
        if self
            .systems
            .iter()
            .any(|system| Some(system) != unit_system)
        {
            let why = "its signals use units of both systems";
            return Err(ItemError::Malformed(Malformed::new("/body", why)));
        }
        let oldest = |a: Option<Timestamp>, b: Option<Timestamp>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let mut oldest_times = Times::default();
        let mut last_known = false;
        for (code, entry) in &self.signals {
            let times = entry.times(code);
            oldest_times.updated = oldest(oldest_times.updated, times.updated);
            oldest_times.retrieved = oldest(oldest_times.retrieved, times.retrieved);
            last_known |= entry.failure(code).is_some();
        }
        // That of the first code, so that it does not depend on the order of use.
        let with_id = |(code, entry): &(&'r str, &'s Entry)| Some((*code, entry.request_id()?));
        let request_id = self.signals.iter().filter_map(with_id).min();
        let headers = ResponseHeaders {
            data_age: oldest_times.updated,
            fetched_at: oldest_times.retrieved,
            unit_system: unit_system.cloned(),
            retry_after: None,
            date: None,
        };
        let request_id = request_id.map(|(_, id)| id);
        Ok(ItemResponse::of_signals(
            headers, body, request_id, last_known,
        ))
    }
}
