//! What a vehicle drives on, how a way is driven, and where it leads.
//!
//! Invariant: only operations that give the same digits on every machine: no
//! sine, no root, no power. Fillings are shares of the capacity, 1 is full.

use super::timetable::HOUR;

/// The share of a leg in which the vehicle gains speed, and the one in which it loses it.
const RAMP: f64 = 0.1;
/// The least that is left in the tank, and of the oil's life, when it is filled up.
const LOW: f64 = 0.1;
/// North and east parts of the sixteen points of the compass, a quarter of them.
const NORTH_EAST: [(f64, f64); 4] = [
    (1.0, 0.0),
    (0.923_879_532_511_286_7, 0.382_683_432_365_089_8),
    (
        std::f64::consts::FRAC_1_SQRT_2,
        std::f64::consts::FRAC_1_SQRT_2,
    ),
    (0.382_683_432_365_089_8, 0.923_879_532_511_286_7),
];

/// How much of a way is done after a share of its time: at first it goes faster
/// and faster, then steadily, in the end slower and slower.
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

/// How fast it goes then, compared with the mean speed.
pub(super) fn share_of_speed(time: f64) -> f64 {
    let edge = (time.min(1.0 - time).max(0.0) / RAMP).min(1.0);
    edge / (1.0 - RAMP)
}

/// What is left of something that is filled up whenever it is low.
pub(super) fn level(filling: f64, used: f64) -> f64 {
    let low = LOW.min(filling);
    let first = filling - low;
    if used <= first {
        filling - used
    } else {
        1.0 - (used - first) % (1.0 - low)
    }
}

/// North and east parts of one of the sixteen points of the compass.
pub(super) fn unit(point: u8) -> (f64, f64) {
    let (along, across) = NORTH_EAST[usize::from(point % 4)];
    match point % 16 / 4 {
        0 => (along, across),
        1 => (-across, along),
        2 => (-along, -across),
        _ => (across, -along),
    }
}

/// The cosine of degrees between -90 and 90, to two thousandths (Bhaskara's
/// formula). The machine's own differs in its last digit from one to the next.
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
    reason = "`as` ends at the type's bounds, and no caller comes near them"
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

#[cfg(test)]
mod tests;
