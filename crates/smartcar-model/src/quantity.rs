//! Conversion of members with a unit to quantities (feature `uom`).
//!
//! Invariant: a number with an unknown unit never becomes a quantity that looks
//! valid.

use crate::generated::UnitSystem;
use crate::reading::Meta;

/// A member whose unit depends on the unit system. Without a unit system it is
/// metric, the API's default. In an unknown unit system the quantity is NaN.
pub(crate) fn by_system<Q>(
    meta: &Meta,
    value: f64,
    metric: fn(f64) -> Q,
    imperial: fn(f64) -> Q,
) -> Q {
    match meta.unit_system {
        None | Some(UnitSystem::Metric) => metric(value),
        Some(UnitSystem::Imperial) => imperial(value),
        Some(_) => metric(f64::NAN),
    }
}

/// The same for an optional member. In an unknown unit system it is `None`.
pub(crate) fn by_system_if_there<Q>(
    meta: &Meta,
    value: Option<f64>,
    metric: fn(f64) -> Q,
    imperial: fn(f64) -> Q,
) -> Option<Q> {
    match meta.unit_system {
        None | Some(UnitSystem::Metric) => value.map(metric),
        Some(UnitSystem::Imperial) => value.map(imperial),
        Some(_) => None,
    }
}

/// A whole number as the value of a quantity.
#[expect(
    clippy::cast_precision_loss,
    reason = "a vehicle's counts are far below 2^52, above which a double is inexact"
)]
pub(crate) fn whole(value: i64) -> f64 {
    value as f64
}

#[cfg(test)]
#[path = "quantity_tests.rs"]
pub(crate) mod tests;
