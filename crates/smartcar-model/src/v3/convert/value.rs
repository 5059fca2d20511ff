//! Converts one value of a signal to the form of v2.0.
//!
//! Invariant: a number is only converted if the mapping can convert its unit to
//! the unit of v2.0.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::why::Why;
use crate::date_time::DateTime;
use crate::endpoint::UnitInfo;
use crate::generated::UnitSystem;
use crate::item_error::ItemError;
use crate::malformed::Malformed;
use crate::v3::mapping::{Constant, Form};
use crate::v3::unit;

/// What was found at the place that a mapping points to.
pub(super) struct Place<'v> {
    /// The value. `None` if it is null or missing.
    pub(super) value: Option<&'v Value>,
    /// The unit that the signal gives.
    pub(super) unit: Option<&'v str>,
    /// When the signal was fetched.
    pub(super) retrieved: Option<Timestamp>,
    /// Its location, for an error.
    pub(super) at: &'v str,
}

impl Place<'_> {
    fn wrong(&self, why: &str) -> Why {
        Why::Failed(ItemError::Malformed(Malformed::new(self.at, why)))
    }

    fn nothing(&self) -> Why {
        Why::NoValue(self.at.to_owned())
    }
}

/// Whether a list element is the one that the mapping selects. Texts are compared
/// without regard to case, and numbers also as text.
pub(super) fn matches(element: &Value, filter: &[(&str, Constant)]) -> bool {
    filter.iter().all(|(name, wanted)| {
        let found = element.get(*name).unwrap_or(&Value::Null);
        match wanted {
            Constant::Null => found.is_null(),
            Constant::Flag(flag) => found == flag,
            Constant::Text(text) => found
                .as_str()
                .is_some_and(|found| found.trim().eq_ignore_ascii_case(text)),
            #[allow(clippy::cast_precision_loss, reason = "rows and columns are small")]
            Constant::Whole(whole) => {
                number(found).is_some_and(|found| (found - *whole as f64).abs() < f64::EPSILON)
            }
        }
    })
}

/// The value as v2.0 writes it, and the unit system of its unit.
pub(super) fn write(place: &Place<'_>, form: &Form) -> Result<(Value, Option<UnitSystem>), Why> {
    let plain = |value| Ok((value, None));
    match form {
        Form::Values(words) => plain(word(place, words)?),
        Form::Plain => plain(place.value.ok_or_else(|| place.nothing())?.clone()),
        Form::Time => plain(time(place)?),
        Form::Minutes => plain(minutes(place)?),
        Form::Number {
            scale,
            unit,
            plausible,
        } => {
            let value = place.value.ok_or_else(|| place.nothing())?;
            measure(place, value, *scale, *unit, *plausible)
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
        _ => None,
    }
}

fn word(place: &Place<'_>, words: &[(&str, &str)]) -> Result<Value, Why> {
    let found = match place.value {
        None => "null".to_owned(),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(value) => value.to_string(),
    };
    match words
        .iter()
        .find(|(from, _)| from.eq_ignore_ascii_case(&found))
    {
        Some((_, to)) => Ok(Value::from(*to)),
        None if place.value.is_none() => Err(place.nothing()),
        None => Err(Why::NoCounterpart(
            "v2.0 has no word for its current value".to_owned(),
        )),
    }
}

fn time(place: &Place<'_>) -> Result<Value, Why> {
    match place.value {
        None => Err(place.nothing()),
        Some(Value::Number(number)) => {
            let moment = DateTime::from_epoch(number.as_f64().unwrap_or_default());
            Ok(Value::from(moment.as_str()))
        }
        Some(value) => Ok(value.clone()),
    }
}

/// The time that is this number of minutes after the signal was fetched.
fn minutes(place: &Place<'_>) -> Result<Value, Why> {
    let value = place.value.ok_or_else(|| place.nothing())?;
    let left = number(value).ok_or_else(|| place.wrong("expected a number"))?;
    let factor = match place.unit.filter(|unit| !unit.trim().is_empty()) {
        None => 1.0,
        Some(unit) => unit::read(unit)
            .and_then(|unit| unit::factor(unit, "min"))
            .ok_or_else(|| place.wrong("the unit is not a unit of time"))?,
    };
    let retrieved = place.retrieved.ok_or_else(|| place.nothing())?;
    let left = left * factor * 60_000.0;
    // More than a century is not a plausible charging time.
    if !(0.0..4e12).contains(&left) {
        return Err(place.wrong("the number of minutes is out of range"));
    }
    #[allow(clippy::cast_possible_truncation, reason = "checked above")]
    let moment = retrieved.checked_add(SignedDuration::from_millis(left as i64));
    let moment = moment.map_err(|_| place.wrong("the number of minutes is out of range"))?;
    Ok(Value::from(format!("{moment:.3}")))
}

/// Converts a number to the unit of v2.0. A number without a unit has the
/// documented one, unless the mapping says to check its size.
fn measure(
    place: &Place<'_>,
    value: &Value,
    scale: f64,
    unit: Option<UnitInfo>,
    plausible: Option<(f64, f64)>,
) -> Result<(Value, Option<UnitSystem>), Why> {
    let Some(found) = number(value) else {
        return Err(place.wrong("expected a number"));
    };
    let named = place.unit.filter(|unit| !unit.trim().is_empty());
    let (factor, system) = match (named, unit) {
        (None, _) if plausible.is_some() => {
            return Err(place.wrong("the number has no unit; request the signal itself"));
        }
        (None, _) | (Some(_), None) => (scale, None),
        (Some(named), Some(unit)) => unit::read(named)
            .and_then(|named| unit::convert(named, unit))
            .ok_or_else(|| {
                place.wrong("the unit cannot be converted; request the signal itself")
            })?,
    };
    let same = (factor - 1.0).abs() < f64::EPSILON;
    let number = if same {
        found
    } else {
        unit::scale(found, factor)
    };
    if let (Some((low, high)), Some(unit)) = (plausible, unit) {
        let size = unit::metric(number, system.as_ref(), unit);
        if size != 0.0 && !(low..=high).contains(&size) {
            let why = "the number is not plausible in its unit; request the signal itself";
            return Err(place.wrong(why));
        }
    }
    let written = match value {
        Value::Number(_) if same => value.clone(),
        _ => serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number),
    };
    Ok((written, system))
}
