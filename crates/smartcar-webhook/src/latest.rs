//! The newest signals of one vehicle, out of deliveries and store reads.
//!
//! Invariant: the result depends only on what was put in, not on its order or on
//! duplicates.

mod element;
mod known;
mod view;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use smartcar_model::v3::Signals;
use smartcar_model::webhook::{DeliveryMode, VehicleState as State};
use smartcar_model::{Batch, Error, Malformed, PathResults, Response, VehicleId};

use element::Element;
use known::{Known, Order, Value};

pub use view::View;

/// The newest signals of one vehicle, out of deliveries and store reads.
///
/// - Of two values of a signal, the one that the vehicle recorded later is kept. If
///   their times are equal, the delivery's sequence decides. A vehicle's time after
///   that of the fetch is wrong, and the fetch's is used instead.
/// - A signal is failed if the newest delivery that has it says so. The value from
///   before is kept, and can be had with [`View::last_known`].
/// - Duplicates and disorder change nothing.
/// - Test deliveries are refused, unless [`Latest::accept_test`] is set.
///
/// It is a plain value: it reads no clock, and can be stored with serde.
///
/// ```
/// use smartcar_webhook::{Event, Latest, Odometer};
///
/// # fn event(value: f64, time: u64) -> String {
/// #     format!(r#"{{"eventType": "VEHICLE_STATE", "data": {{"vehicle": {{"id": "v1"}},
/// #         "signals": [{{"code": "odometer-traveleddistance", "body": {{"value": {value},
/// #         "unit": "km"}}, "meta": {{"oemUpdatedAt": {time}}}}}]}}}}"#)
/// # }
/// let mut latest = Latest::new();
/// // The second delivery is older: it was late.
/// for body in [event(18260.0, 1773479600000), event(18250.0, 1773479500000)] {
///     if let Event::State(state) = Event::read(&body)? {
///         latest.take(&state)?;
///     }
/// }
/// let (odometer,) = latest.batch::<(Odometer,)>()?.data;
/// assert_eq!(odometer?.distance, 18260.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Latest {
    vehicle: Option<String>,
    accepts_test: bool,
    /// The vehicle as a resource, from the newest delivery that has it.
    resource: Option<(Order, String)>,
    signals: BTreeMap<String, Known>,
}

/// Why a delivery was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotTaken {
    /// It is a test, whose values are invented.
    Test,
    /// It does not say which vehicle it is about.
    NoVehicle,
    /// It is about another vehicle.
    OtherVehicle,
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Test => "the delivery is a test, whose values are invented",
            Self::NoVehicle => "the delivery does not say which vehicle it is about",
            Self::OtherVehicle => "the delivery is about another vehicle",
        })
    }
}

impl std::error::Error for NotTaken {}

impl Latest {
    /// Knows nothing yet. It belongs to the vehicle of the first delivery.
    pub fn new() -> Self {
        Self::default()
    }

    /// Knows nothing yet, and takes only deliveries about this vehicle.
    pub fn of(vehicle: &VehicleId) -> Self {
        Self {
            vehicle: Some(vehicle.as_str().to_owned()),
            ..Self::default()
        }
    }

    /// Whether test deliveries are taken. Their values are invented. The default is
    /// false.
    #[must_use]
    pub fn accept_test(mut self, accept: bool) -> Self {
        self.accepts_test = accept;
        self
    }

    /// The vehicle. `None` before the first delivery.
    pub fn vehicle(&self) -> Option<&str> {
        self.vehicle.as_deref()
    }

    /// Takes a delivery. Returns whether it changed anything; a duplicate does not.
    pub fn take(&mut self, state: &State) -> Result<bool, NotTaken> {
        if state.mode() == Some(DeliveryMode::Test) && !self.accepts_test {
            return Err(NotTaken::Test);
        }
        let vehicle = state.vehicle().ok_or(NotTaken::NoVehicle)?.as_str();
        match &self.vehicle {
            Some(own) if own != vehicle => return Err(NotTaken::OtherVehicle),
            Some(_) => {}
            None => self.vehicle = Some(vehicle.to_owned()),
        }
        let elements = Element::list(state.list()).into_iter();
        let elements = elements.map(|element| element.delivered(state.delivered_at()));
        let elements: Vec<_> = elements.collect();
        let at = elements.iter().filter_map(Element::newest).max();
        let order = Order {
            at: at.or(state.delivered_at()),
            sequence: state.sequence(),
            delivered: state.delivered_at(),
        };
        let mut changed = false;
        if let Some(resource) = state.resource()
            && self
                .resource
                .as_ref()
                .is_none_or(|(known, text)| (order, resource.as_str()) > (*known, text.as_str()))
        {
            changed |= self
                .resource
                .as_ref()
                .is_none_or(|(_, known)| *known != resource);
            self.resource = Some((order, resource));
        }
        for element in elements {
            changed |= self.put(element, order);
        }
        Ok(changed)
    }

    /// Takes a response of the store with signals (`GET …/signals`), which must be
    /// about this vehicle. Returns whether it changed anything.
    ///
    /// Fails if the text is not such a response.
    pub fn take_store(&mut self, response: &str) -> Result<bool, Malformed> {
        Signals::new().read(response, None)?;
        Ok(self.take_elements(Element::list_of_response(response)))
    }

    /// Takes the signals of a call that requested paths such as `/signals/{code}`.
    /// Other paths are ignored. Returns whether it changed anything.
    pub fn take_results(&mut self, results: &PathResults) -> bool {
        let items = results.iter().filter_map(|(path, outcome)| {
            Element::of_result(path.strip_prefix("/signals/")?, outcome)
        });
        let elements = items.collect();
        self.take_elements(elements)
    }

    fn take_elements(&mut self, elements: Vec<Element>) -> bool {
        let at = elements.iter().filter_map(Element::newest).max();
        let order = Order {
            at,
            sequence: None,
            delivered: None,
        };
        let mut changed = false;
        for element in elements {
            changed |= self.put(element, order);
        }
        changed
    }

    fn put(&mut self, element: Element, order: Order) -> bool {
        let known = self.signals.entry(element.code.clone()).or_default();
        if element.failed {
            let newer = known
                .failure
                .as_ref()
                .is_none_or(|(said, old)| (order, &element.text) > (*said, &old.text));
            if newer {
                known.failure = Some((order, element));
            }
            return newer;
        }
        let rank = (element.time().or(order.at), order.sequence);
        let Some(value) = &mut known.value else {
            known.value = Some(Value {
                rank,
                element,
                said: order,
            });
            return true;
        };
        let mut changed = order > value.said;
        value.said = value.said.max(order);
        if (rank, &element.text) > (value.rank, &value.element.text) {
            changed = true;
            (value.rank, value.element) = (rank, element);
        }
        changed
    }

    /// The codes of all signals, including failed ones, in their order.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.signals.keys().map(String::as_str)
    }

    /// The newest values of a batch, whatever their age.
    ///
    /// Fails if a required item failed.
    pub fn batch<T: Batch>(&self) -> Result<Response<T::Data>, Error> {
        self.view().batch::<T>()
    }

    /// A view of the newest values, with a greatest age or with the last known values
    /// of failed signals.
    pub fn view(&self) -> View<'_> {
        let resource = self.resource.as_ref().map(|(_, text)| text.as_str());
        View::new(&self.signals, resource)
    }
}

impl fmt::Debug for Latest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values are left out, because they are the vehicle's data.
        f.debug_struct("Latest")
            .field("vehicle", &self.vehicle)
            .field("codes", &self.signals.keys())
            .finish_non_exhaustive()
    }
}

/// Two are equal if they know the same. What was said when does not count.
impl PartialEq for Latest {
    fn eq(&self, other: &Self) -> bool {
        let resource = |latest: &Self| latest.resource.as_ref().map(|(_, text)| text.clone());
        let known = |latest: &Self| -> Vec<_> {
            let each = latest.signals.iter().map(|(code, known)| {
                let value = known.value.as_ref().map(|value| value.element.clone());
                (code.clone(), value, known.current_failure().cloned())
            });
            each.collect()
        };
        self.vehicle == other.vehicle
            && resource(self) == resource(other)
            && known(self) == known(other)
    }
}
