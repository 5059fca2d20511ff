//! What one request sees of a vehicle.
//!
//! Invariant: all items of a batch share one view, so they show the same moment. A
//! reading is never newer than its fetch, and its values are those of its own
//! timestamp.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::looked::{Looked, Written};
use super::variable::{Reading, Seen, Variable, written};
use super::vehicle::Profile;
use crate::tokens::Grant;

/// A vehicle as last reported, or the account.
pub(crate) struct View<'w> {
    /// The listed vehicles.
    ids: &'w [String],
    now: Timestamp,
    /// `None` for the account.
    pub(crate) id: Option<&'w str>,
    looked: Option<Arc<Looked>>,
    /// When the account was read, formatted.
    fetched_at: String,
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vehicle {:?} at {}", self.id, self.now)
    }
}

impl<'w> View<'w> {
    /// The view of the account.
    pub(super) fn of_none(ids: &'w [String], now: Timestamp) -> Self {
        Self {
            ids,
            now,
            id: None,
            looked: None,
            fetched_at: written(now),
        }
    }

    /// The view of a vehicle.
    pub(super) fn of(ids: &'w [String], id: &'w str, looked: Arc<Looked>) -> Self {
        Self {
            ids,
            now: looked.now,
            id: Some(id),
            looked: Some(looked),
            fetched_at: String::new(),
        }
    }

    /// Its make, if it is known.
    pub(crate) fn make(&self) -> Option<&str> {
        self.profile().map(|profile| &*profile.make)
    }

    /// Its attributes, if they are known.
    pub(crate) fn profile(&self) -> Option<&Profile> {
        self.looked.as_ref()?.profile.as_deref()
    }

    /// The permissions of the application: those that the owner granted and the
    /// token has.
    pub(crate) fn permissions<'p>(
        &'p self,
        grant: &'p Grant,
        all: &'p BTreeSet<String>,
    ) -> Reading<'p> {
        let granted = self.profile().and_then(|it| it.permissions.as_ref());
        let is_granted = |name: &&String| granted.is_none_or(|granted| granted.contains(*name));
        let names = match grant {
            Grant::Everything | Grant::Application => texts(all.iter().filter(is_granted)),
            Grant::Just(names) => texts(names.iter().filter(is_granted)),
        };
        Reading::List(names)
    }

    /// The known value of a variable, in metric units.
    ///
    /// For a vehicle with the values of the examples, only the id is known until its
    /// first new report. Attributes that never change keep those values.
    pub(crate) fn value(&self, variable: Variable) -> Option<Reading<'_>> {
        match variable {
            Variable::Vehicles => return Some(Reading::List(texts(self.ids.iter()))),
            Variable::VehicleId => return self.id.map(Reading::text),
            Variable::FetchedAt => {
                let looked = self.looked.as_ref();
                let at = looked.map_or(&self.fetched_at, |looked| &looked.fetched_at);
                return Some(Reading::text(at));
            }
            _ => {}
        }
        let looked = self.looked.as_ref()?;
        if variable == Variable::DataAge {
            return Some(Reading::text(&looked.data_age));
        }
        if looked.profile.is_none() && looked.state.at == looked.car.begins {
            return None;
        }
        variable.seen(&Seen {
            profile: looked.profile.as_deref(),
            car: &looked.car,
            state: &looked.state,
            now: self.now,
        })
    }

    /// The response with the body of a template, if both depend on nothing but this view.
    pub(crate) fn answer(&self, template: usize, make: impl FnOnce() -> Written) -> Written {
        match &self.looked {
            Some(looked) => looked.answer(template, make),
            None => make(),
        }
    }

    /// Appends the text of a template that depends on nothing but this view.
    pub(crate) fn append(
        &self,
        template: usize,
        text: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        match &self.looked {
            Some(looked) => looked.append(template, text, write),
            None => write(text),
        }
    }
}

fn texts<'v>(texts: impl Iterator<Item = &'v String>) -> Vec<&'v str> {
    texts.map(String::as_str).collect()
}
