//! The signals of one vehicle, collected from the API's responses.
//!
//! Invariant: of two responses for a signal, the newest one is kept, by the
//! vehicle's time if known and by arrival otherwise. Each text is parsed once,
//! and a malformed signal does not affect the others.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::entry::{Entry, Source};
use super::resource::{self, Page, Resource};
use super::scan::{self, Scan};
use super::store::{Code, Store};
use crate::decode::{WARNINGS, Warning, WarningKind};
use crate::generated::v3::Connection;
use crate::item_error::ItemError;
use crate::malformed::Malformed;
use crate::not_available::{NotAvailable, NotAvailableReason};
use crate::text;

/// The signals of one vehicle, and its resources if they are needed.
/// [`Signals::read`] and the other methods add them from the API's responses.
///
/// ```
/// use smartcar_model::v3::{Signals, signal::odometer::TraveledDistance};
/// use smartcar_model::{Endpoint, Odometer};
///
/// let mut signals = Signals::new();
/// signals.read(
///     r#"{"data": [{"id": "odometer-traveleddistance", "attributes": {
///         "status": {"value": "SUCCESS"}, "body": {"value": "18250.6", "unit": "kilometers"}}}]}"#,
///     None,
/// )?;
/// let odometer = signals.answer(Odometer::PATH).unwrap().read::<Odometer>().unwrap();
/// assert_eq!(odometer.distance, 18250.6);
/// let signal = signals.answer(TraveledDistance::PATH).unwrap();
/// let signal = signal.read::<TraveledDistance>().unwrap();
/// assert_eq!(signal.unit.as_deref(), Some("kilometers"));
/// # Ok::<(), smartcar_model::Malformed>(())
/// ```
#[derive(Clone, Default)]
pub struct Signals {
    entries: Store,
    /// The position of the newest list. Once a list was read, a signal that is
    /// not in it is not in the store.
    page: Option<Page>,
    /// The newest list, or why its request failed.
    list: Option<Result<Arc<Source>, ItemError>>,
    vehicle: Resource,
    connection: Resource,
    last_known: bool,
    /// Whether the signals come from deliveries and not from a store.
    delivered: bool,
}

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The bodies are left out, because they contain the vehicle's data.
        f.debug_struct("Signals")
            .field("codes", &self.entries.codes())
            .field("page", &self.page)
            .finish_non_exhaustive()
    }
}

impl Signals {
    /// An empty set of signals.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a failed signal gives its last known value, if it has one with its
    /// time. Such a reading is marked with [`crate::Meta::last_known`]. The
    /// default is false: the failure is the result.
    #[must_use]
    pub fn last_known(mut self, last_known: bool) -> Self {
        self.last_known = last_known;
        self
    }

    /// Whether the signals come from the deliveries of a webhook. An absent signal
    /// then was not delivered, instead of being absent from the store.
    #[must_use]
    pub fn delivered(mut self, delivered: bool) -> Self {
        self.delivered = delivered;
        self
    }

    /// When the vehicle recorded a signal, and when it was fetched. Both are `None`
    /// if the signal is absent or gives no times.
    pub fn times(&self, code: &str) -> (Option<Timestamp>, Option<Timestamp>) {
        let code = Code::of(code);
        let entry = self.entries.get(&code);
        let times = entry.map(|entry| entry.times(code.as_str()));
        let times = times.unwrap_or_default();
        (times.updated, times.retrieved)
    }

    pub(super) fn gives_last_known(&self) -> bool {
        self.last_known
    }

    /// Reads a response with signals: the list of all, or one signal, with or
    /// without `data` around it. A duplicate or unidentifiable signal is a
    /// warning. Unknown codes are kept. Fails only if the response has no
    /// signals.
    ///
    /// A signal from an earlier response is replaced, unless the vehicle recorded
    /// the earlier one later.
    pub fn read(
        &mut self,
        text: impl Into<String>,
        request_id: Option<&str>,
    ) -> Result<Vec<Warning>, Malformed> {
        self.take(text.into(), request_id, false)
    }

    /// Reads a response that must be a list. Returns its position in the whole
    /// list, and the warnings of [`Signals::read`]. A response with a single
    /// signal is rejected.
    pub fn read_list(
        &mut self,
        text: impl Into<String>,
        request_id: Option<&str>,
    ) -> Result<(Page, Vec<Warning>), Malformed> {
        let warnings = self.take(text.into(), request_id, true)?;
        Ok((self.page.clone().unwrap_or_default(), warnings))
    }

    fn take(
        &mut self,
        text: String,
        request_id: Option<&str>,
        must_be_list: bool,
    ) -> Result<Vec<Warning>, Malformed> {
        let source = Arc::new(Source {
            text,
            request_id: request_id.map(str::to_owned),
        });
        let scan = Scan::of(&source.text)?;
        if must_be_list && !scan.listed {
            return Err(Malformed::new(
                "",
                "expected the list of all signals, found a single signal",
            ));
        }
        if let Some(vehicle) = resource::included_vehicle(scan.included)
            && !matches!(self.vehicle.included, Some(Ok(_)))
        {
            self.vehicle.included = Some(vehicle.map_err(ItemError::Malformed));
        }
        if scan.listed {
            self.page = Some(Page::read(scan.meta, scan.links, scan.signals.len()));
            self.list = Some(Ok(Arc::clone(&source)));
        }
        let mut warnings = Vec::new();
        let mut warn = |path: &str, kind| {
            if warnings.len() < WARNINGS {
                warnings.push(Warning {
                    path: text::clean(path),
                    kind,
                });
            }
        };
        self.entries.reserve(scan.signals.len());
        for element in &scan.signals {
            let Some(code) = element.code.and_then(Code::of_json) else {
                warn("", WarningKind::Unrequested);
                continue;
            };
            let entry = Entry::of(element, &source);
            match self.entries.get_mut(&code) {
                None => self.entries.insert(code, entry),
                // Of duplicates in one response, the first is kept.
                Some(earlier) if earlier.is_of(&source) => {
                    let path = format!("/signals/{}", code.as_str());
                    warn(&path, WarningKind::Duplicate);
                }
                Some(earlier) if entry.replaces(earlier, code.as_str()) => *earlier = entry,
                Some(_) => {}
            }
        }
        Ok(warnings)
    }

    /// Records why the request for one signal failed, unless a valid one is
    /// present. A 404 for a single signal means that the store does not have it.
    pub fn fail(&mut self, code: &str, error: ItemError) {
        let absent = error.api_error().is_some_and(|api| {
            let about = api.code.as_deref().unwrap_or("SIGNAL_NOT_FOUND");
            api.status == 404 && about.eq_ignore_ascii_case("SIGNAL_NOT_FOUND")
        });
        let error = if absent {
            ItemError::NotAvailable(Box::new(NotAvailable::new(
                code,
                NotAvailableReason::NotStored,
            )))
        } else {
            error
        };
        let code = Code::of(code);
        match self.entries.get_mut(&code) {
            None => self.entries.insert(code, Entry::failed(error)),
            Some(known) if known.failure(code.as_str()).is_some() => *known = Entry::failed(error),
            Some(_) => {}
        }
    }

    /// Records why the request for the list of all signals failed, unless there is
    /// a list.
    pub fn fail_list(&mut self, error: ItemError) {
        if !matches!(self.list, Some(Ok(_))) {
            self.list = Some(Err(error));
        }
    }

    /// Records that a signal's newest value is older than the caller allows.
    pub fn set_too_old(&mut self, code: &str) {
        let error = NotAvailable::new(code, NotAvailableReason::TooOld);
        self.fail(code, ItemError::NotAvailable(Box::new(error)));
    }

    /// Records the vehicle, or why its request failed. The text is the response
    /// of `GET /vehicles/{id}`.
    pub fn set_vehicle(&mut self, answer: Result<&str, ItemError>) {
        self.vehicle.asked = Some(answer.and_then(resource::read));
    }

    /// Records the connection, or why its request failed. The text is the
    /// response of `GET /connections/{connectionId}`, or one element of the list.
    pub fn set_connection(&mut self, answer: Result<&str, ItemError>) {
        self.connection.asked = Some(answer.and_then(resource::read));
    }

    /// Finds the vehicle's connection in a page of `GET /connections` and records
    /// it. If a user is given, it must be that user's connection. If there is
    /// none, [`ItemError::Missing`] is recorded.
    ///
    /// ```
    /// let mut signals = smartcar_model::v3::Signals::new();
    /// signals.set_connection_of(
    ///     r#"{"data": [{"id": "c1", "attributes": {"permissions": ["read_odometer"]},
    ///         "relationships": {"vehicle": {"data": {"id": "v1"}}}}]}"#,
    ///     "v1",
    ///     None,
    /// );
    /// assert!(signals.answer("/permissions").is_ok());
    /// ```
    pub fn set_connection_of(&mut self, page: &str, vehicle: &str, user: Option<&str>) {
        let of_vehicle = |connection: &Connection| {
            // A filtered page may leave out the vehicle ID.
            let same = |id: Option<&str>, wanted: &str| id.is_none_or(|id| id == wanted);
            same(connection.vehicle_id(), vehicle)
                && user.is_none_or(|user| same(connection.user_id(), user))
        };
        let find = || {
            let list = resource::unwrap(page)?;
            let list: Vec<&RawValue> = serde_json::from_str(list)
                .map_err(|error| Malformed::from_json("/data", &error))?;
            let mut unreadable = None;
            for raw in list {
                match crate::decode::body(raw) {
                    Ok(connection) if of_vehicle(&connection) => return Ok(Some(raw.get())),
                    Ok(_) => {}
                    Err(error) => unreadable = unreadable.or(Some(error)),
                }
            }
            // It may be the requested connection.
            unreadable.map_or(Ok(None), Err)
        };
        let found = find().map_err(ItemError::Malformed);
        self.set_connection(found.and_then(|found| found.ok_or(ItemError::Missing)));
    }

    /// The codes of all signals, including failed ones.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.entries.codes().into_iter()
    }

    /// Whether a signal is present or its failure is known.
    pub fn has(&self, code: &str) -> bool {
        self.entries.get(&Code::of(code)).is_some()
    }

    /// Why a signal has no valid body. `None` if the body is valid or the signal
    /// is absent.
    pub fn failure(&self, code: &str) -> Option<&ItemError> {
        let code = Code::of(code);
        self.entries.get(&code)?.failure(code.as_str())
    }

    /// Whether the responses so far include what is needed of the vehicle, so
    /// that it need not be requested.
    pub fn has_vehicle(&self) -> bool {
        [
            "/id",
            "/attributes/make",
            "/attributes/model",
            "/attributes/year",
        ]
        .iter()
        .all(|pointer| self.vehicle.at(pointer).is_some())
    }

    /// The position of the list, if a list was read.
    pub fn page(&self) -> Option<&Page> {
        self.page.as_ref()
    }

    /// An entry, if the signal is present or its failure is known.
    pub(super) fn find(&self, code: &str) -> Result<&Entry, ItemError> {
        match self.entries.get(&Code::of(code)) {
            Some(entry) => Ok(entry),
            None if self.page.is_some() => {
                let reason = if self.delivered {
                    NotAvailableReason::NotDelivered
                } else if self.entries.is_empty() {
                    NotAvailableReason::EmptyStore
                } else {
                    NotAvailableReason::NotStored
                };
                Err(ItemError::NotAvailable(Box::new(NotAvailable::new(
                    code, reason,
                ))))
            }
            None => Err(ItemError::Missing),
        }
    }

    /// The newest list, as its response has it, and the request ID of the response.
    pub(super) fn list(&self) -> Result<(&str, Option<&str>), ItemError> {
        let source = self.list.as_ref().ok_or(ItemError::Missing)?;
        let source = source.as_ref().map_err(Clone::clone)?;
        Ok((scan::list(&source.text), source.request_id.as_deref()))
    }

    pub(super) fn vehicle(&self) -> &Resource {
        &self.vehicle
    }

    pub(super) fn connection(&self) -> &Resource {
        &self.connection
    }
}
