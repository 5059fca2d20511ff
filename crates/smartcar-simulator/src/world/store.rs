//! What a vehicle drives on.
//!
//! Invariant: fillings are shares of the capacity, 1 is full.

use super::motion::real;
use super::timetable::HOUR;

/// A battery or a tank.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Store {
    /// Kilowatt-hours or litres.
    pub(crate) capacity: f64,
    /// The filling when the drive begins, 1 is full.
    pub(crate) filling: f64,
    /// How far a full one would last alone, in kilometres.
    pub(crate) range_km: f64,
    /// How much of the way is driven from it.
    pub(crate) share: f64,
}

impl Store {
    /// How much of it one kilometre takes, as a share of the capacity.
    pub(super) fn per_km(&self) -> f64 {
        self.share / self.range_km
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Battery {
    pub(crate) store: Store,
    /// The filling at which charging stops.
    pub(crate) limit: f64,
    /// Kilowatts of the charger at home.
    pub(crate) power_kw: f64,
}

impl Battery {
    /// How much of the capacity a millisecond of charging adds.
    pub(super) fn per_millisecond(&self) -> f64 {
        self.power_kw / self.store.capacity / real(HOUR)
    }
}
