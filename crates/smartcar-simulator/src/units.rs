//! Numbers converted from one unit to another.
//!
//! Invariant: every pair of units that the description declares is known once the
//! start-up check passed.

use http::HeaderName;
use serde_json::Value;

use crate::document::{SpecError, each_schema};
use crate::world::variable::Reading;

/// The request and response header that names the unit system.
pub(crate) const UNIT_SYSTEM: &str = "sc-unit-system";
/// The same, read once for all requests.
pub(crate) static UNIT_SYSTEM_HEADER: HeaderName = HeaderName::from_static(UNIT_SYSTEM);

/// How a metric number becomes an imperial one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conversion {
    pair: &'static Pair,
    /// Whether whole numbers stay whole.
    is_whole: bool,
}

/// Two units of the same quantity, metric and imperial, with a factor and an offset:
/// `metric * factor + offset` is imperial.
type Pair = (&'static str, &'static str, f64, f64);

/// Kilometres in a mile, exact by definition.
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

/// What a number of one unit is multiplied with in another one.
const FACTORS: [(&str, &str, f64); 2] = [("fraction", "percent", 100.0), ("kW", "W", 1000.0)];

/// The factor from a unit to the one that a schema declares, where they differ.
pub(crate) fn factor(unit: &str, schema: &Value) -> Option<f64> {
    let declared = schema.get("x-unit")?.as_str()?;
    let mut factors = FACTORS.iter();
    let (.., factor) = factors.find(|(from, to, _)| (*from, *to) == (unit, declared))?;
    Some(*factor)
}

/// A product without the noise of binary fractions.
pub(crate) fn scaled(number: f64, factor: f64) -> Reading<'static> {
    Reading::Number((number * factor * 1e4).round() / 1e4)
}

/// The imperial unit that a body names instead of this metric one: that of the
/// first member that declares a pair, else the one that belongs to its own.
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
    /// What a schema declares; `None` for a fixed unit and for none.
    pub(crate) fn declared(schema: &Value) -> Option<Self> {
        let (metric, imperial) = declared_pair(schema)?;
        Some(Self {
            pair: pair_of(metric).filter(|(_, known, ..)| *known == imperial)?,
            is_whole: schema.get("type").is_some_and(|kind| kind == "integer"),
        })
    }

    /// Where a schema declares no unit at all, that of what feeds it.
    pub(crate) fn undeclared(schema: &Value, unit: Option<&str>) -> Option<Self> {
        let pair = pair_of(unit.filter(|_| schema.get("x-unit").is_none())?)?;
        Some(Self {
            pair,
            is_whole: false,
        })
    }

    /// Two decimals: a car's instruments know no more.
    pub(crate) fn apply(self, metric: f64) -> Reading<'static> {
        let (_, _, factor, offset) = self.pair;
        let imperial = metric * factor + offset;
        let imperial = (imperial * 100.0).round() / 100.0;
        if self.is_whole {
            // The cast saturates, and no reading of a car comes near the bounds.
            #[expect(clippy::cast_possible_truncation, reason = "rounded just here")]
            return Reading::Whole(imperial.round() as i64);
        }
        Reading::Number(imperial)
    }
}

/// The pair of units that a schema declares; `None` for a fixed unit and for none.
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
            "no conversion is known for the units {units}"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
