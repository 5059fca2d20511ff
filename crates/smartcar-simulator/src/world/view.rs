//! What one request sees of a vehicle.
//!
//! Invariant: all items of a batch share one view, so they are about the same
//! moment; a reading is never younger than its fetch, and its values are those
//! of the moment that it names.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use super::drive::{Car, State};
use super::variable::{Reading, Seen, Variable, moment, written};
use super::vehicle::Profile;
use crate::tokens::Grant;

/// A vehicle as it last reported itself, or none for what is about the account.
pub(crate) struct View<'w> {
    /// The vehicles that the list names.
    ids: &'w [String],
    now: Timestamp,
    /// `None` for what is about the account.
    pub(crate) id: Option<&'w str>,
    /// What was declared.
    pub(crate) profile: Option<&'w Profile>,
    drive: Option<(Car, State)>,
    /// The two moments that most answers contain, as they are written.
    fetched_at: String,
    data_age: Option<String>,
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vehicle {:?} at {}", self.id, self.now)
    }
}

impl<'w> View<'w> {
    /// For what is about no vehicle.
    pub(super) fn of_none(ids: &'w [String], now: Timestamp) -> Self {
        Self {
            ids,
            now,
            id: None,
            profile: None,
            drive: None,
            fetched_at: written(now),
            data_age: None,
        }
    }

    /// The same now of a vehicle that last reported this state.
    pub(super) fn of(
        self,
        id: &'w str,
        profile: Option<&'w Profile>,
        (car, state): (Car, State),
    ) -> Self {
        Self {
            id: Some(id),
            profile,
            data_age: Some(written(moment(state.at))),
            drive: Some((car, state)),
            ..self
        }
    }

    /// The make that was declared.
    pub(crate) fn make(&self) -> Option<&'w str> {
        self.profile.map(|profile| profile.make.as_str())
    }

    /// What the application may read: what the owner granted and the token has.
    pub(crate) fn permissions<'p>(
        &'p self,
        grant: &'p Grant,
        all: &'p BTreeSet<String>,
    ) -> Reading<'p> {
        let granted = self.profile.and_then(|it| it.permissions.as_ref());
        let is_granted = |name: &&String| granted.is_none_or(|granted| granted.contains(*name));
        let names = match grant {
            Grant::Everything | Grant::Application => texts(all.iter().filter(is_granted)),
            Grant::Just(names) => texts(names.iter().filter(is_granted)),
        };
        Reading::List(names)
    }

    /// What is known of a variable, in metric units.
    ///
    /// Of a vehicle that nobody declared nothing is known but its id until it
    /// reports anew: it is as the examples say. What never changes stays so.
    pub(crate) fn value(&self, variable: Variable) -> Option<Reading<'_>> {
        match variable {
            Variable::Vehicles => return Some(Reading::List(texts(self.ids.iter()))),
            Variable::VehicleId => return self.id.map(Reading::text),
            Variable::FetchedAt => return Some(Reading::text(&self.fetched_at)),
            _ => {}
        }
        let (car, state) = self.drive.as_ref()?;
        if variable == Variable::DataAge {
            return self.data_age.as_deref().map(Reading::text);
        }
        if self.profile.is_none() && state.at == car.begins {
            return None;
        }
        variable.seen(&Seen {
            profile: self.profile,
            car,
            state,
            now: self.now,
        })
    }
}

fn texts<'v>(texts: impl Iterator<Item = &'v String>) -> Vec<&'v str> {
    texts.map(String::as_str).collect()
}
