//! Energy, motion along a trip, and directions.
//!
//! Invariant: only operations that give the same digits on every machine: no sine,
//! no root, no power. Fillings are fractions of the capacity; 1 is full.

use super::timetable::HOUR;

/// The share of a trip's time spent accelerating, and the same share spent braking.
const RAMP: f64 = 0.1;
/// The lowest level of the tank, and of the oil life, before it is refilled.
const LOW: f64 = 0.1;
/// North and east components of the sixteen compass points; this is one quarter of
/// them.
const NORTH_EAST: [(f64, f64); 4] = [
    (1.0, 0.0),
    (0.923_879_532_511_286_7, 0.382_683_432_365_089_8),
    (
        std::f64::consts::FRAC_1_SQRT_2,
        std::f64::consts::FRAC_1_SQRT_2,
    ),
    (0.382_683_432_365_089_8, 0.923_879_532_511_286_7),
];

/// The share of the distance covered after a share of the time. The vehicle
/// accelerates, then drives at constant speed, then brakes.
pub(super) fn share_of_way(time: f64) -> f64 {
    let ramp = |time: f64| time * time / (2.0 * RAMP * (1.0 - RAMP));
    if time < RAMP {
        ramp(time)
    } else if time < 1.0 - RAMP {
        (time - RAMP / 2.0) / (1.0 - RAMP)
    } else {
        1.0 - ramp((1.0 - time).max(0.0))
    }
}

/// The speed at that time, relative to the mean speed.
pub(super) fn share_of_speed(time: f64) -> f64 {
    let edge = (time.min(1.0 - time).max(0.0) / RAMP).min(1.0);
    edge / (1.0 - RAMP)
}

/// What remains of a supply that is refilled whenever it is low.
pub(super) fn level(filling: f64, used: f64) -> f64 {
    let low = LOW.min(filling);
    let first = filling - low;
    if used <= first {
        filling - used
    } else {
        1.0 - (used - first) % (1.0 - low)
    }
}

/// North and east components of one of the sixteen compass points.
pub(super) fn unit(point: u8) -> (f64, f64) {
    let (along, across) = NORTH_EAST[usize::from(point % 4)];
    match point % 16 / 4 {
        0 => (along, across),
        1 => (-across, along),
        2 => (-along, -across),
        _ => (across, -along),
    }
}

/// The cosine of an angle between -90 and 90 degrees, accurate to 0.002 (Bhaskara's
/// formula). The built-in cosine differs in its last digit between machines.
pub(super) fn cosine(degrees: f64) -> f64 {
    let square = degrees * degrees;
    (32_400.0 - 4.0 * square) / (32_400.0 + square)
}

#[allow(
    clippy::cast_precision_loss,
    reason = "milliseconds and metres of any drive are below 2^53"
)]
pub(super) fn real(number: i64) -> f64 {
    number as f64
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "`as` saturates at the type's bounds, and callers stay far from them"
)]
pub(super) fn whole(number: f64) -> i64 {
    number as i64
}

/// A battery or a tank.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Store {
    /// Kilowatt-hours or litres.
    pub(crate) capacity: f64,
    pub(crate) filling: f64,
    /// The range of a full one on its own, in kilometres.
    pub(crate) range_km: f64,
    /// The share of the distance that is driven from it.
    pub(crate) share: f64,
}

impl Store {
    /// Consumption per kilometre, as a fraction of the capacity.
    pub(super) fn per_km(&self) -> f64 {
        self.share / self.range_km
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Battery {
    pub(crate) store: Store,
    /// The level at which charging stops.
    pub(crate) limit: f64,
    /// Power of the home charger, in kilowatts.
    pub(crate) power_kw: f64,
}

impl Battery {
    /// The fraction of the capacity that one millisecond of charging adds.
    pub(super) fn per_millisecond(&self) -> f64 {
        self.power_kw / self.store.capacity / real(HOUR)
    }
}

#[cfg(test)]
mod tests;
