//! Batches out of the newest signals.
//!
//! Invariant: a value that is older than the caller allows, or whose age is unknown
//! while a limit is set, is an error and not a reading.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use smartcar_model::v3::{Needed, Signals};
use smartcar_model::webhook::{batch_of, checked, results_of};
use smartcar_model::{Batch, Error, PathResults, Response};

use super::known::Known;

/// A view of a vehicle's newest signals. See [`Latest::view`](crate::Latest::view).
#[derive(Debug, Clone)]
#[must_use = "nothing is read until `batch` or `batch_paths` is called"]
pub struct View<'a> {
    known: &'a BTreeMap<String, Known>,
    /// The vehicle.
    resource: Option<&'a str>,
    /// The oldest time that is allowed.
    since: Option<Timestamp>,
    last_known: bool,
}

impl<'a> View<'a> {
    pub(super) fn new(known: &'a BTreeMap<String, Known>, resource: Option<&'a str>) -> Self {
        Self {
            known,
            resource,
            since: None,
            last_known: false,
        }
    }

    /// The greatest age of a value at a given time, by the vehicle's time of the
    /// value, else by the time it was fetched. An older value, and one without any
    /// time, is [`NotAvailableReason::TooOld`](crate::NotAvailableReason::TooOld).
    pub fn max_age(mut self, age: Duration, now: Timestamp) -> Self {
        let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX);
        self.since = Some(now.saturating_sub(age).unwrap_or(Timestamp::MIN));
        self
    }

    /// Whether a failed signal gives its last known value. Such a reading is marked
    /// with [`Meta::last_known`](crate::Meta::last_known). The default is false.
    pub fn last_known(mut self, last_known: bool) -> Self {
        self.last_known = last_known;
        self
    }

    /// The data of a batch.
    ///
    /// Fails if a required item failed; all other results are in
    /// [`Error::results`].
    pub fn batch<T: Batch>(&self) -> Result<Response<T::Data>, Error> {
        let paths = T::PATHS.to_vec();
        batch_of::<T>(&self.signals(&paths), &[], &[])
    }

    /// The results of a list of paths that is known only at run time.
    ///
    /// Fails for a path that is not valid.
    pub fn batch_paths<P: AsRef<str>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> Result<Response<PathResults>, Error> {
        let paths = checked(paths)?;
        let paths: Vec<&str> = paths.iter().map(AsRef::as_ref).collect();
        Ok(results_of(&self.signals(&paths), &paths))
    }

    /// Every signal, as `/signals/{code}`, in the order of the codes.
    pub fn results(&self) -> Response<PathResults> {
        let paths = self.known.keys().map(|code| format!("/signals/{code}"));
        let paths: Vec<_> = paths.collect();
        let paths: Vec<_> = paths.iter().map(String::as_str).collect();
        results_of(&self.signals(&paths), &paths)
    }

    /// The signals that the paths need.
    fn signals(&self, paths: &[&str]) -> Signals {
        let needed = Needed::of(paths.iter().copied());
        let mut list = String::from("[");
        let mut too_old = Vec::new();
        let asked = needed.signals.iter().map(|code| code.to_ascii_lowercase());
        let codes: Vec<_> = if needed.all {
            self.known.keys().cloned().collect()
        } else {
            asked.collect()
        };
        for code in codes {
            let Some(known) = self.known.get(&code) else {
                continue;
            };
            match self.text(known) {
                Some(text) => {
                    if list.len() > 1 {
                        list.push(',');
                    }
                    list.push_str(&text);
                }
                None => too_old.push(code),
            }
        }
        list.push(']');
        let mut signals = Signals::new().delivered(true).last_known(self.last_known);
        if signals.read_list(list, None).is_err() {
            // A stored value was damaged: nothing of it is used.
            signals = Signals::new().delivered(true);
            let _ = signals.read_list("[]", None);
        }
        for code in too_old {
            signals.set_too_old(&code);
        }
        if let Some(resource) = self.resource {
            signals.set_vehicle(Ok(resource));
        }
        signals
    }

    /// The text of a signal. `None` if its value is too old.
    fn text(&self, known: &Known) -> Option<String> {
        let value = known.value.as_ref().map(|value| &value.element);
        let fresh = |time: Option<Timestamp>| {
            self.since
                .is_none_or(|since| time.is_some_and(|time| time >= since))
        };
        let Some(failure) = known.current_failure() else {
            let value = value?;
            return fresh(value.time()).then(|| value.text.clone());
        };
        // The failure may have a value of its own, which can be newer.
        let value = value.filter(|value| self.last_known && value.time() >= failure.time());
        let composed = value.and_then(|value| {
            fresh(value.time())
                .then(|| failure.with_value_of(value))
                .flatten()
        });
        if composed.is_none() && self.last_known && !fresh(failure.time()) {
            return Some(failure.without_value());
        }
        Some(composed.unwrap_or_else(|| failure.text.clone()))
    }
}
