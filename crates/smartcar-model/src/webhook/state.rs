//! The signals of a vehicle in one delivery, as a batch.
//!
//! Invariant: the same type gives the same data from a delivery, a store and v2.0.

use std::fmt;
use std::ops::Deref;

use serde_json::json;

use super::about::About;
use super::parts::Parts;
use super::signals::Delivered;
use crate::batch::{Batch, Outcomes};
use crate::batch_path::BatchPath;
use crate::decode::Warning;
use crate::path_results::PathResults;
use crate::response::{Error, Response};
use crate::v3::{MemberError, Signals};

/// All selected signals of one vehicle, whatever caused the delivery. It
/// dereferences to [`About`], which has the IDs.
///
/// `Debug` does not print any value.
#[derive(Clone)]
pub struct VehicleState {
    about: About,
    signals: Signals,
    warnings: Vec<Warning>,
    unread: Vec<MemberError>,
    list: String,
}

impl VehicleState {
    pub(super) fn read(parts: &Parts<'_>) -> Self {
        let mut unread = Vec::new();
        let about = About::read(parts, &mut unread);
        let place = parts.place("signals");
        let raw = super::parts::once(parts.inner("signals"), &place, &mut unread);
        let Delivered {
            mut signals,
            warnings,
            list,
        } = Delivered::read(raw, &place, &mut unread);
        if let Some(vehicle) = resource(&about) {
            signals.set_vehicle(Ok(&vehicle));
        }
        Self {
            about,
            signals,
            warnings,
            unread,
            list,
        }
    }

    /// Whether a failed signal gives its last known value, if the delivery has one
    /// with its time. The default is false.
    #[must_use]
    pub fn last_known(mut self, last_known: bool) -> Self {
        self.signals = self.signals.last_known(last_known);
        self
    }

    /// The data of a batch: a tuple of endpoints, or a struct with
    /// `#[derive(Batch)]`. It costs nothing: no request is sent.
    ///
    /// Fails if a required item failed; all other results are in
    /// [`Error::results`].
    pub fn batch<T: Batch>(&self) -> Result<Response<T::Data>, Error> {
        batch_of::<T>(&self.signals, &self.unread, &self.warnings)
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
        Ok(self.results_of(&paths))
    }

    /// Every signal that was delivered, as `/signals/{code}`, in the order of the
    /// codes.
    pub fn results(&self) -> Response<PathResults> {
        let paths: Vec<_> = self.paths().collect();
        let paths: Vec<_> = paths.iter().map(String::as_str).collect();
        self.results_of(&paths)
    }

    /// The paths of all delivered signals.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        self.signals.codes().map(|code| format!("/signals/{code}"))
    }

    /// Parts of the delivery that were sent and could not be decoded, such as an
    /// element of `signals` without a code. [`MemberError::path`] is empty, and
    /// [`MemberError::member`] points into the delivery. Each response has them in
    /// [`Response::member_errors`] too.
    pub fn unread(&self) -> &[MemberError] {
        &self.unread
    }

    /// The signals as a JSON list.
    #[doc(hidden)] // For the crate with the receiver. Not covered by semantic versioning.
    pub fn list(&self) -> &str {
        &self.list
    }

    /// The vehicle as a resource of version 3. `None` if the delivery has none.
    #[doc(hidden)] // Not covered by semantic versioning either.
    pub fn resource(&self) -> Option<String> {
        resource(&self.about)
    }

    fn results_of(&self, paths: &[&str]) -> Response<PathResults> {
        let mut response = results_of(&self.signals, paths);
        response.push_member_errors(self.unread.clone());
        response.warnings.clone_from(&self.warnings);
        response
    }
}

/// The data of a batch from signals that are there already.
#[doc(hidden)] // For the crate with the receiver. Not covered by semantic versioning.
pub fn batch_of<T: Batch>(
    signals: &Signals,
    unread: &[MemberError],
    warnings: &[Warning],
) -> Result<Response<T::Data>, Error> {
    const {
        T::PATHS.require_valid();
        assert!(
            T::PATHS.are_distinct(),
            "this batch has the same endpoint twice: remove one of the two"
        );
    }
    let paths = T::PATHS.to_vec();
    let mut outcomes = T::outcomes();
    let mut told = respond(signals, &paths, &mut outcomes);
    told.push_member_errors(unread.to_vec());
    told.warnings = warnings.to_vec();
    match T::data(outcomes) {
        Ok(data) => Ok(told.with(data)),
        Err(failed) => Err(Error::required(failed, results_of(signals, &paths).data)),
    }
}

/// The results of a list of paths from signals that are there already.
#[doc(hidden)] // For the crate with the receiver. Not covered by semantic versioning.
pub fn results_of(signals: &Signals, paths: &[&str]) -> Response<PathResults> {
    let mut results = PathResults::of(paths.iter().copied());
    let told = respond(signals, paths, &mut results);
    told.with(results)
}

/// Valid paths. Fails for the first that is not.
#[doc(hidden)] // For the crate with the receiver. Not covered by semantic versioning.
pub fn checked<P: AsRef<str>>(paths: impl IntoIterator<Item = P>) -> Result<Vec<BatchPath>, Error> {
    let paths = paths.into_iter();
    paths.map(|path| BatchPath::new(path.as_ref())).collect()
}

fn respond(signals: &Signals, paths: &[&str], outcomes: &mut dyn Outcomes) -> Response<()> {
    let mut told = Response::nothing();
    for (index, path) in paths.iter().enumerate() {
        match signals.answer_with_member_errors(path) {
            Ok((answer, errors)) => {
                outcomes.accept(index, &answer);
                told.push_member_errors(errors);
            }
            Err(error) => outcomes.fail(index, error),
        }
        told.note((*path).to_owned(), 0, outcomes.error(index).cloned());
    }
    told
}

/// The vehicle, as a resource of version 3. `None` if the delivery has no vehicle.
fn resource(about: &About) -> Option<String> {
    let vehicle = &about.vehicle;
    let id = about.vehicle_id.as_ref()?;
    let attributes = json!({
        "make": vehicle.make,
        "model": vehicle.model,
        "year": vehicle.year,
        "powertrainType": vehicle.powertrain_type,
        "mode": vehicle.mode,
    });
    Some(json!({ "id": id.as_str(), "attributes": attributes }).to_string())
}

impl Deref for VehicleState {
    type Target = About;

    fn deref(&self) -> &About {
        &self.about
    }
}

impl fmt::Debug for VehicleState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VehicleState")
            .field("event_id", &self.about.event_id)
            .field("vehicle", &self.about.vehicle_id)
            .field("signals", &self.signals)
            .field("unread", &self.unread)
            .finish_non_exhaustive()
    }
}
