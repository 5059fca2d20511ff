//! How a member with a unit becomes a quantity, behind the feature `uom`.
//!
//! Invariant: a number whose unit is not known never becomes a quantity that
//! looks right.

use crate::generated::UnitSystem;
use crate::reading::Meta;

/// A member whose unit the unit system decides. Without one it is metric, which
/// is the API's default; in an unknown one the quantity is not a number.
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

/// The same for a member that can be missing; in an unknown unit system it is.
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

/// A whole number as a quantity's value.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a vehicle are far below 2^52, above which a bit would be lost"
)]
pub(crate) fn whole(value: i64) -> f64 {
    value as f64
}

#[cfg(test)]
#[path = "quantity_tests.rs"]
pub(crate) mod tests;
