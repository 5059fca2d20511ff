//! Converts one value of a signal to the form of v2.0.
//!
//! Invariant: a number is only converted if the mapping can convert its unit to
//! the unit of v2.0.

use std::borrow::Cow;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde_json::Number;

use super::why::Why;
use crate::date_time::DateTime;
use crate::endpoint::UnitInfo;
use crate::generated::UnitSystem;
use crate::text;
use crate::tree::Tree;
use crate::v3::mapping::{Constant, Form};
use crate::v3::unit;

/// Where a value is looked for. It is written out only for an error.
#[derive(Clone, Copy)]
pub(super) enum Spot<'v> {
    /// The body of a signal.
    Body(&'static str),
    /// A JSON pointer.
    At(&'v str),
}

impl fmt::Display for Spot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body(code) => write!(f, "/{code}/body"),
            Self::At(at) => f.write_str(at),
        }
    }
}

/// What was found at the place that a mapping points to.
pub(super) struct Place<'r, 's, F> {
    /// The value. `None` if it is null or missing.
    pub(super) value: Option<&'r Tree<'s>>,
    /// The unit that the signal gives.
    pub(super) unit: Option<&'r str>,
    /// When the signal was fetched.
    pub(super) retrieved: F,
    /// Where the JSON pointer starts.
    pub(super) spot: Spot<'r>,
    /// The JSON pointer to the value.
    pub(super) pointer: &'static str,
}

impl<F> Place<'_, '_, F> {
    fn at(&self) -> String {
        text::clean(&format!("{}{}", self.spot, self.pointer))
    }

    fn wrong(&self, why: &str) -> Why {
        Why::unreadable(self.at(), why)
    }

    fn nothing(&self) -> Why {
        Why::NoValue(self.at())
    }
}

/// Whether a list element is the one that the mapping selects. Texts are compared
/// without regard to case, and numbers also as text.
pub(super) fn matches(element: &Tree<'_>, filter: &[(&str, Constant)]) -> bool {
    filter.iter().all(|(name, wanted)| {
        let found = element.member(name).unwrap_or(&Tree::Null);
        match wanted {
            Constant::Null => found.is_null(),
            Constant::Flag(flag) => *found == Tree::Flag(*flag),
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
pub(super) fn write<'s>(
    place: &Place<'_, 's, impl Fn() -> Option<Timestamp>>,
    form: &Form,
) -> Result<(Tree<'s>, Option<UnitSystem>), Why> {
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

fn number(value: &Tree<'_>) -> Option<f64> {
    match value {
        Tree::Number(number) => number.as_f64(),
        Tree::Text(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
        _ => None,
    }
}

fn word<'s, F>(
    place: &Place<'_, 's, F>,
    words: &[(&'static str, &'static str)],
) -> Result<Tree<'s>, Why> {
    let found = match place.value {
        None => Cow::Borrowed("null"),
        Some(Tree::Text(text)) => Cow::Borrowed(text.trim()),
        Some(value) => Cow::Owned(value.to_value().to_string()),
    };
    match words
        .iter()
        .find(|(from, _)| from.eq_ignore_ascii_case(&found))
    {
        Some((_, to)) => Ok(Tree::Text(Cow::Borrowed(to))),
        None if place.value.is_none() => Err(place.nothing()),
        None => Err(Why::NoCounterpart(
            "v2.0 has no word for its current value".to_owned(),
        )),
    }
}

fn time<'s, F>(place: &Place<'_, 's, F>) -> Result<Tree<'s>, Why> {
    match place.value {
        None => Err(place.nothing()),
        Some(Tree::Number(number)) => {
            let moment = DateTime::from_epoch(number.as_f64().unwrap_or_default());
            Ok(Tree::Text(Cow::Owned(moment.to_string())))
        }
        Some(value) => Ok(value.clone()),
    }
}

/// The time that is this number of minutes after the signal was fetched.
fn minutes(place: &Place<'_, '_, impl Fn() -> Option<Timestamp>>) -> Result<Tree<'static>, Why> {
    let value = place.value.ok_or_else(|| place.nothing())?;
    let left = number(value).ok_or_else(|| place.wrong("expected a number"))?;
    let factor = match place.unit.filter(|unit| !unit.trim().is_empty()) {
        None => 1.0,
        Some(unit) => unit::read(unit)
            .and_then(|unit| unit::factor(unit, "min"))
            .ok_or_else(|| place.wrong("the unit is not a unit of time"))?,
    };
    let retrieved = (place.retrieved)().ok_or_else(|| place.nothing())?;
    let left = left * factor * 60_000.0;
    // More than a century is not a plausible charging time.
    if !(0.0..4e12).contains(&left) {
        return Err(place.wrong("the number of minutes is out of range"));
    }
    #[allow(clippy::cast_possible_truncation, reason = "checked above")]
    let moment = retrieved.checked_add(SignedDuration::from_millis(left as i64));
    let moment = moment.map_err(|_| place.wrong("the number of minutes is out of range"))?;
    Ok(Tree::Text(Cow::Owned(format!("{moment:.3}"))))
}

/// Converts a number to the unit of v2.0. A number without a unit has the
/// documented one, unless the mapping says to check its size.
fn measure<'s, F>(
    place: &Place<'_, 's, F>,
    value: &Tree<'s>,
    scale: f64,
    unit: Option<UnitInfo>,
    plausible: Option<(f64, f64)>,
) -> Result<(Tree<'s>, Option<UnitSystem>), Why> {
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
    let same = factor.to_bits() == 1.0_f64.to_bits();
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
        Tree::Number(_) if same => value.clone(),
        _ => Number::from_f64(number).map_or(Tree::Null, Tree::Number),
    };
    Ok((written, system))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_matches_by_each_kind_of_constant() {
        let matches = |json: &str, wanted| {
            let element = Tree::of(json).unwrap();
            matches(&element, &[("of", wanted)])
        };
        for (json, is_true, is_one, is_null) in [
            (r#"{"of": true}"#, true, false, false),
            (r#"{"of": false}"#, false, false, false),
            (r#"{"of": 1}"#, false, true, false),
            (r#"{"of": " 1.0 "}"#, false, true, false),
            (r#"{"of": 1.0000000000000002}"#, false, false, false),
            (r#"{"of": null}"#, false, false, true),
            ("{}", false, false, true),
        ] {
            assert_eq!(matches(json, Constant::Flag(true)), is_true, "{json}");
            assert_eq!(matches(json, Constant::Whole(1)), is_one, "{json}");
            assert_eq!(matches(json, Constant::Null), is_null, "{json}");
        }
        assert!(matches(r#"{"of": " Ideal"}"#, Constant::Text("IDEAL")));
        assert!(!matches(r#"{"of": "ideals"}"#, Constant::Text("IDEAL")));
    }
}
