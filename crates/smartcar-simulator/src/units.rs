//! Converts numbers from one unit to another.
//!
//! Invariant: after the start-up check, every pair of units that the spec declares
//! has a conversion.

use http::HeaderName;
use serde_json::Value;

use crate::document::{SpecError, each_schema};
use crate::world::variable::Reading;

/// The request and response header that names the unit system.
pub(crate) const UNIT_SYSTEM: &str = "sc-unit-system";
/// The same as a header name, parsed once.
pub(crate) static UNIT_SYSTEM_HEADER: HeaderName = HeaderName::from_static(UNIT_SYSTEM);

/// Converts a metric number to an imperial one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conversion {
    pair: &'static Pair,
    /// Whether whole numbers stay whole.
    is_whole: bool,
}

/// Two units of the same quantity, metric and imperial, with a factor and an offset:
/// `metric * factor + offset` is imperial.
type Pair = (&'static str, &'static str, f64, f64);

/// Kilometres per mile, exact by definition.
const KM_PER_MILE: f64 = 1.609_344;

const PAIRS: [Pair; 5] = [
    ("km", "mi", 1.0 / KM_PER_MILE, 0.0),
    ("km/h", "mph", 1.0 / KM_PER_MILE, 0.0),
    ("L", "gal", 1.0 / 3.785_411_784, 0.0),
    ("kPa", "psi", 1.0 / 6.894_757_293_168, 0.0),
    ("degC", "degF", 1.8, 32.0),
];

fn pair_of(metric: &str) -> Option<&'static Pair> {
    PAIRS.iter().find(|(known, ..)| *known == metric)
}

/// Factors between two metric units.
const FACTORS: [(&str, &str, f64); 2] = [("fraction", "percent", 100.0), ("kW", "W", 1000.0)];

/// The factor from a unit to the one that a schema declares, if they differ.
pub(crate) fn factor(unit: &str, schema: &Value) -> Option<f64> {
    let declared = schema.get("x-unit")?.as_str()?;
    let mut factors = FACTORS.iter();
    let (.., factor) = factors.find(|(from, to, _)| (*from, *to) == (unit, declared))?;
    Some(*factor)
}

/// A product without floating-point noise.
pub(crate) fn scaled(number: f64, factor: f64) -> Reading<'static> {
    Reading::Number((number * factor * 1e4).round() / 1e4)
}

/// The imperial unit that a body names in place of this metric one: that of the
/// first member that declares a pair, else the counterpart of the metric unit.
pub(crate) fn imperial(document: &Value, schema: &Value, unit: &str) -> Option<String> {
    let mut declared = None;
    let looked = each_schema(document, schema, &mut |schema| {
        declared = declared.or(declared_pair(schema));
        Ok(())
    });
    let own = || pair_of(unit).map(|(metric, imperial, ..)| (*metric, *imperial));
    let (_, imperial) = declared.filter(|_| looked.is_ok()).or_else(own)?;
    Some(imperial.to_owned())
}

impl Conversion {
    /// The pair that a schema declares; `None` for a fixed unit and for no unit.
    pub(crate) fn declared(schema: &Value) -> Option<Self> {
        let (metric, imperial) = declared_pair(schema)?;
        Some(Self {
            pair: pair_of(metric).filter(|(_, known, ..)| *known == imperial)?,
            is_whole: schema.get("type").is_some_and(|kind| kind == "integer"),
        })
    }

    /// If a schema declares no unit at all, uses the unit of its variable.
    pub(crate) fn undeclared(schema: &Value, unit: Option<&str>) -> Option<Self> {
        let pair = pair_of(unit.filter(|_| schema.get("x-unit").is_none())?)?;
        Some(Self {
            pair,
            is_whole: false,
        })
    }

    /// Rounds to two decimals; car instruments are not more precise.
    pub(crate) fn apply(self, metric: f64) -> Reading<'static> {
        let (_, _, factor, offset) = self.pair;
        let imperial = metric * factor + offset;
        let imperial = (imperial * 100.0).round() / 100.0;
        if self.is_whole {
            // The cast saturates, and car readings are never near the bounds.
            #[expect(clippy::cast_possible_truncation, reason = "rounded just here")]
            return Reading::Whole(imperial.round() as i64);
        }
        Reading::Number(imperial)
    }
}

/// The pair of units that a schema declares; `None` for a fixed unit and for no
/// unit.
fn declared_pair(schema: &Value) -> Option<(&str, &str)> {
    let unit = schema.get("x-unit")?;
    Some((
        unit.get("metric")?.as_str()?,
        unit.get("imperial")?.as_str()?,
    ))
}

/// Fails for a pair of units that has no conversion.
pub(crate) fn check(schema: &Value) -> Result<(), SpecError> {
    let declares_pair = schema.get("x-unit").is_some_and(Value::is_object);
    if declares_pair && Conversion::declared(schema).is_none() {
        let units = &schema["x-unit"];
        return Err(SpecError::new(format!(
            "the units {units} have no known conversion"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
