//! The newest signals of many vehicles, in bounded memory.
//!
//! Invariant: the vehicle whose last delivery is the longest ago is forgotten first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use smartcar_model::webhook::VehicleState as State;

use crate::latest::{Latest, NotTaken};

/// The newest signals of many vehicles.
///
/// It is a plain value: it reads no clock, and can be stored with serde.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LatestMap {
    largest: usize,
    accepts_test: bool,
    /// Number of deliveries taken.
    count: u64,
    vehicles: BTreeMap<String, (u64, Latest)>,
    /// The vehicles by the count at their last delivery.
    order: BTreeMap<u64, String>,
}

impl LatestMap {
    /// Knows no vehicle yet, and keeps at most this many. At least one is kept.
    pub fn new(vehicles: usize) -> Self {
        Self {
            largest: vehicles.max(1),
            accepts_test: false,
            count: 0,
            vehicles: BTreeMap::new(),
            order: BTreeMap::new(),
        }
    }

    /// Whether test deliveries are taken. The default is false.
    #[must_use]
    pub fn accept_test(mut self, accept: bool) -> Self {
        self.accepts_test = accept;
        self
    }

    /// Takes a delivery for its vehicle. Returns the vehicle's newest signals. If
    /// there are too many vehicles, the one whose last delivery is the longest ago is
    /// forgotten.
    pub fn take(&mut self, state: &State) -> Result<&Latest, NotTaken> {
        let id = state.vehicle().ok_or(NotTaken::NoVehicle)?;
        let vehicle = id.as_str();
        if let Some((at, latest)) = self.vehicles.get_mut(vehicle) {
            latest.take(state)?;
            self.order.remove(at);
            *at = self.count;
        } else {
            let mut latest = Latest::of(id).accept_test(self.accepts_test);
            latest.take(state)?;
            let entry = (self.count, latest);
            self.vehicles.insert(vehicle.to_owned(), entry);
        }
        self.order.insert(self.count, vehicle.to_owned());
        self.count += 1;
        while self.vehicles.len() > self.largest
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.vehicles.remove(&oldest);
        }
        Ok(&self.vehicles[vehicle].1)
    }

    /// The newest signals of a vehicle. `None` if there is no delivery of it, or it
    /// was forgotten.
    pub fn get(&self, vehicle: &str) -> Option<&Latest> {
        self.vehicles.get(vehicle).map(|(_, latest)| latest)
    }

    /// The same, to take store reads into it.
    pub fn get_mut(&mut self, vehicle: &str) -> Option<&mut Latest> {
        self.vehicles.get_mut(vehicle).map(|(_, latest)| latest)
    }

    /// All vehicles with their newest signals, in the order of their IDs.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Latest)> {
        let each = self.vehicles.iter();
        each.map(|(vehicle, (_, latest))| (vehicle.as_str(), latest))
    }

    /// Number of vehicles.
    pub fn len(&self) -> usize {
        self.vehicles.len()
    }

    /// Whether there is no vehicle.
    pub fn is_empty(&self) -> bool {
        self.vehicles.is_empty()
    }
}
