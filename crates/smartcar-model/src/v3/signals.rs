//! What the API answered about one vehicle, until every path has its answer.
//!
//! Invariant: the first answer to a signal stands; a signal that cannot be read
//! costs no other.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::entry::{Entry, members, value};
use super::resource::Page;
use super::{Connection, convert};
use crate::decode::{ItemAnswer, WARNINGS, Warning, WarningKind};
use crate::{AnswerHeaders, ItemError, Malformed, NotStored, Outcomes, StoreGap, text};

/// The signals of one vehicle, and its resources where they are needed: what
/// [`Signals::read`] and its like took from the API's answers.
///
/// ```
/// use smartcar_model::v3::{Signals, signal::OdometerTraveleddistance};
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
/// let signal = signals.answer(OdometerTraveleddistance::PATH).unwrap();
/// let signal = signal.read::<OdometerTraveleddistance>().unwrap();
/// assert_eq!(signal.unit.as_deref(), Some("kilometers"));
/// # Ok::<(), smartcar_model::Malformed>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Signals {
    entries: BTreeMap<String, Entry>,
    /// Whether a list was read: then what is not in it is not in the store.
    listed: bool,
    page: Page,
    vehicle: Resource,
    connection: Resource,
}

/// A resource, or what came in its place. An answer with signals can bring a
/// part of it along.
#[derive(Debug, Clone, Default)]
pub(super) struct Resource {
    asked: Option<Result<Value, ItemError>>,
    included: Option<Value>,
}

impl Resource {
    /// The value at a pointer, null like nothing.
    pub(super) fn at(&self, pointer: &str) -> Option<&Value> {
        let asked = self.asked.as_ref().and_then(|asked| asked.as_ref().ok());
        let places = [asked, self.included.as_ref()].into_iter().flatten();
        let mut values = places.filter_map(|place| place.pointer(pointer));
        values.find(|value| !value.is_null())
    }

    /// Why it is not there, if it is not there at all.
    pub(super) fn error(&self) -> Option<ItemError> {
        match (&self.asked, &self.included) {
            (Some(Err(error)), _) => Some(error.clone()),
            (None, None) => Some(ItemError::Missing),
            _ => None,
        }
    }
}

impl Signals {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads an answer with signals: the list of all, or one, wrapped in `data`
    /// or bare. What is told twice, or cannot be told what it is, is a warning;
    /// unknown codes are kept. Fails only if the answer has no signals at all.
    pub fn read(
        &mut self,
        text: &str,
        request_id: Option<&str>,
    ) -> Result<Vec<Warning>, Malformed> {
        let whole: &RawValue =
            serde_json::from_str(text).map_err(|error| Malformed::from_json("", &error))?;
        let outer = members(whole).unwrap_or_default();
        if let Some(included) = outer.get("included").and_then(|raw| members(raw))
            && let Some(vehicle) = value(&included, "vehicle")
        {
            self.vehicle.included.get_or_insert(vehicle);
        }
        let data = ["data", "signals"].iter().find_map(|name| outer.get(*name));
        let data = match data {
            Some(data) => data,
            // A bare resource, or a bare list.
            None if outer.contains_key("attributes") || outer.contains_key("code") => whole,
            None if whole.get().starts_with('[') => whole,
            None => return Err(Malformed::new("", "no `data` with signals")),
        };
        let mut warnings = Vec::new();
        match serde_json::from_str::<Vec<&RawValue>>(data.get()) {
            Ok(list) => {
                self.listed = true;
                self.page = Page::read(&outer, list.len());
                for raw in list {
                    self.take(raw, request_id, &mut warnings);
                }
            }
            Err(_) if data.get().starts_with('{') => self.take(data, request_id, &mut warnings),
            Err(error) => return Err(Malformed::from_json("/data", &error)),
        }
        Ok(warnings)
    }

    fn take(&mut self, raw: &RawValue, request_id: Option<&str>, warnings: &mut Vec<Warning>) {
        let (path, kind) = match Entry::read(raw, request_id) {
            None => (String::new(), WarningKind::Unasked),
            Some((code, _)) if self.entries.contains_key(&code) => {
                (format!("/signals/{code}"), WarningKind::Second)
            }
            Some((code, entry)) => {
                self.entries.insert(code, entry);
                return;
            }
        };
        if warnings.len() < WARNINGS {
            warnings.push(Warning {
                path: text::clean(&path),
                kind,
            });
        }
    }

    /// Keeps why the request of one signal failed, unless it is there already.
    /// A 404 of a single signal says that the store does not have it.
    pub fn fail(&mut self, code: &str, error: ItemError) {
        let absent = error.api_error().is_some_and(|api| {
            let about = api.code.as_deref().unwrap_or("SIGNAL_NOT_FOUND");
            api.status == 404 && about.eq_ignore_ascii_case("SIGNAL_NOT_FOUND")
        });
        let error = if absent {
            ItemError::NotStored(Box::new(NotStored::new(code, StoreGap::Absent)))
        } else {
            error
        };
        let entry = || Entry::failed(error);
        self.entries
            .entry(code.to_ascii_lowercase())
            .or_insert_with(entry);
    }

    /// Keeps the vehicle's resource, or why its request failed. The text is the
    /// answer of `GET /vehicles/{id}`.
    pub fn set_vehicle(&mut self, answer: Result<&str, ItemError>) {
        self.vehicle.asked = Some(answer.and_then(resource));
    }

    /// Keeps the connection, or why its request failed. The text is the answer
    /// of `GET /connections/{connectionId}`, or one element of the list.
    pub fn set_connection(&mut self, answer: Result<&str, ItemError>) {
        self.connection.asked = Some(answer.and_then(resource));
    }

    /// Keeps the connection of a vehicle out of a page of them, the answer of
    /// `GET /connections`. With a user, of that user. None of the vehicle's is
    /// [`ItemError::Missing`].
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
        let of_vehicle = |raw: &&RawValue| {
            crate::decode::body::<Connection>(raw).is_ok_and(|connection| {
                // A page that was filtered need not name the vehicle again.
                let same = |id: Option<&str>, wanted: &str| id.is_none_or(|id| id == wanted);
                same(connection.vehicle_id(), vehicle)
                    && user.is_none_or(|user| same(connection.user_id(), user))
            })
        };
        let list = super::resource::unwrap(page)
            .map_err(ItemError::Malformed)
            .and_then(|list| {
                serde_json::from_str::<Vec<&RawValue>>(list.get())
                    .map_err(|error| ItemError::Malformed(Malformed::from_json("/data", &error)))
            });
        let found = list.and_then(|list| {
            let found = list.into_iter().find(of_vehicle);
            found.map(RawValue::get).ok_or(ItemError::Missing)
        });
        self.set_connection(found);
    }

    /// The codes of the signals that are there, failed ones too.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Whether the vehicle is known from what was read so far, so that it need
    /// not be asked.
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

    /// Where the list stood in the whole, if a list was read.
    pub fn page(&self) -> Option<&Page> {
        self.listed.then_some(&self.page)
    }

    /// The answer of a path: one of v2.0, converted, or a signal's as it came.
    /// Its metadata is that of the oldest signal that it is made of.
    pub fn answer(&self, path: &str) -> Result<ItemAnswer<'_>, ItemError> {
        self.answer_with_gaps(path).map(|(answer, _)| answer)
    }

    /// The same, with the members that a failed signal left empty.
    pub fn answer_with_gaps(
        &self,
        path: &str,
    ) -> Result<(ItemAnswer<'_>, Vec<convert::Gap>), ItemError> {
        let converted = convert::answer(self, path)?;
        let body = serde_json::value::to_raw_value(&converted.body)
            .map_err(|error| ItemError::Malformed(Malformed::from_json("/body", &error)))?;
        let headers = AnswerHeaders {
            data_age: converted.updated,
            fetched_at: converted.retrieved,
            unit_system: converted.unit_system,
            retry_after: None,
        };
        let answer = ItemAnswer::of_body(headers, Cow::Owned(body), converted.request_id);
        Ok((answer, converted.gaps))
    }

    /// Puts the answer of each path into its place: pairs of a place's index
    /// and its path, as [`crate::decode::batch`] takes them.
    pub fn answer_all<O: Outcomes>(&self, asked: &[(usize, &str)], outcomes: &mut O) {
        for (index, path) in asked {
            match self.answer(path) {
                Ok(answer) => outcomes.accept(*index, &answer),
                Err(error) => outcomes.fail(*index, error),
            }
        }
    }

    /// A signal with its body, or why there is none.
    pub(super) fn find(&self, code: &str) -> Result<(&Entry, &Value), ItemError> {
        match self.entries.get(code) {
            Some(entry) => match &entry.body {
                Ok(body) => Ok((entry, body)),
                Err(error) => Err(error.clone()),
            },
            None if self.listed => {
                let gap = if self.entries.is_empty() {
                    StoreGap::Empty
                } else {
                    StoreGap::Absent
                };
                Err(ItemError::NotStored(Box::new(NotStored::new(code, gap))))
            }
            None => Err(ItemError::Missing),
        }
    }

    pub(super) fn vehicle(&self) -> &Resource {
        &self.vehicle
    }

    pub(super) fn connection(&self) -> &Resource {
        &self.connection
    }
}

/// A resource's value, wrapped in `data` or bare.
fn resource(text: &str) -> Result<Value, ItemError> {
    let raw = super::resource::unwrap(text).map_err(ItemError::Malformed)?;
    serde_json::from_str(raw.get())
        .map_err(|error| ItemError::Malformed(Malformed::from_json("/data", &error)))
}
