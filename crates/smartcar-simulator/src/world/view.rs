//! What one request sees of a vehicle.
//!
//! Invariant: all items of a batch share one view, so they show the same moment. A
//! reading is never newer than its fetch, and its values are those of its own
//! timestamp.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use super::drive::{Car, State};
use super::variable::{Reading, Seen, Variable, moment, written};
use super::vehicle::Profile;
use crate::tokens::Grant;

/// A vehicle as last reported, or the account.
pub(crate) struct View<'w> {
    /// The listed vehicles.
    ids: &'w [String],
    now: Timestamp,
    /// `None` for the account.
    pub(crate) id: Option<&'w str>,
    /// The attributes. `None` for a vehicle with the values of the spec's examples.
    profile: Option<Cow<'w, Profile>>,
    drive: Option<(Car, State)>,
    /// The two timestamps in most responses, already formatted.
    fetched_at: String,
    data_age: Option<String>,
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
            profile: None,
            drive: None,
            fetched_at: written(now),
            data_age: None,
        }
    }

    /// The same view for a vehicle that last reported this state.
    pub(super) fn of(
        self,
        id: &'w str,
        profile: Option<Cow<'w, Profile>>,
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

    /// Its make, if it is known.
    pub(crate) fn make(&self) -> Option<&str> {
        self.profile().map(|profile| &*profile.make)
    }

    /// Its attributes, if they are known.
    pub(crate) fn profile(&self) -> Option<&Profile> {
        self.profile.as_deref()
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
            profile: self.profile(),
            car,
            state,
            now: self.now,
        })
    }
}

fn texts<'v>(texts: impl Iterator<Item = &'v String>) -> Vec<&'v str> {
    texts.map(String::as_str).collect()
}
