//! The units of signals, in all their spellings.
//!
//! Invariant: a spelling that is not in the table is not a unit. Nothing is
//! inferred from the size of a number.

use crate::endpoint::UnitInfo;
use crate::generated::UnitSystem;

/// Each unit as v2.0 writes it, and its spellings in lower case with `-` for `_`
/// and space.
const SPELLINGS: &[(&str, &[&str])] = &[
    (
        "km",
        &["km", "kilometer", "kilometers", "kilometre", "kilometres"],
    ),
    ("mi", &["mi", "mile", "miles"]),
    (
        "km/h",
        &[
            "km/h",
            "kph",
            "kmh",
            "kilometers-per-hour",
            "kilometres-per-hour",
        ],
    ),
    ("mph", &["mph", "mi/h", "miles-per-hour"]),
    ("kPa", &["kpa", "kilopascal", "kilopascals"]),
    ("psi", &["psi", "pounds-per-square-inch"]),
    ("bar", &["bar", "bars"]),
    ("percent", &["percent", "percentage", "%"]),
    ("fraction", &["fraction", "ratio"]),
    (
        "degC",
        &[
            "celsius",
            "degrees-celsius",
            "degree-celsius",
            "degc",
            "°c",
            "c",
        ],
    ),
    (
        "degF",
        &[
            "fahrenheit",
            "degrees-fahrenheit",
            "degree-fahrenheit",
            "degf",
            "°f",
            "f",
        ],
    ),
    ("deg", &["deg", "degree", "degrees", "°"]),
    ("L", &["l", "liter", "liters", "litre", "litres"]),
    (
        "gal",
        &["gal", "gallon", "gallons", "us-gallon", "us-gallons"],
    ),
    ("A", &["a", "amp", "amps", "ampere", "amperes"]),
    ("V", &["v", "volt", "volts"]),
    ("W", &["w", "watt", "watts"]),
    ("kW", &["kw", "kilowatt", "kilowatts"]),
    ("Wh", &["wh", "watt-hour", "watt-hours"]),
    (
        "kWh",
        &[
            "kwh",
            "kwhr",
            "kilowatt-hour",
            "kilowatt-hours",
            "kilowatthours",
        ],
    ),
    ("s", &["s", "sec", "second", "seconds"]),
    ("min", &["min", "minute", "minutes"]),
    ("h", &["h", "hour", "hours"]),
    ("mm", &["mm", "millimeter", "millimeters"]),
    ("count", &["count"]),
];

/// The factor between two units, if v2.0 uses the other one.
const FACTORS: &[(&str, &str, f64)] = &[
    ("percent", "fraction", 0.01),
    ("W", "kW", 0.001),
    ("Wh", "kWh", 0.001),
    ("bar", "kPa", 100.0),
    ("h", "min", 60.0),
    ("s", "min", 1.0 / 60.0),
];

/// One pound per square inch in kilopascals.
const PSI: f64 = 6.894_757;

/// The unit of a spelling.
pub(super) fn read(text: &str) -> Option<&'static str> {
    let text = text.trim().to_lowercase().replace(['_', ' '], "-");
    SPELLINGS
        .iter()
        .find_map(|(unit, spellings)| spellings.contains(&text.as_str()).then_some(*unit))
}

/// The factor from one unit to another.
pub(super) fn factor(from: &str, to: &str) -> Option<f64> {
    if from == to {
        return Some(1.0);
    }
    FACTORS
        .iter()
        .find_map(|(a, b, factor)| (*a == from && *b == to).then_some(*factor))
}

/// How to convert a number to the v2.0 unit: the factor, and the unit system if
/// v2.0 has a unit for each.
pub(super) fn convert(from: &str, to: UnitInfo) -> Option<(f64, Option<UnitSystem>)> {
    let two = to.metric != to.imperial;
    if let Some(factor) = factor(from, to.metric) {
        return Some((factor, two.then_some(UnitSystem::Metric)));
    }
    (from == to.imperial).then_some((1.0, Some(UnitSystem::Imperial)))
}

/// The unit system that a unit belongs to, if any.
pub(super) fn system(unit: &str) -> Option<UnitSystem> {
    match unit {
        "km" | "km/h" | "kPa" | "bar" | "degC" | "L" => Some(UnitSystem::Metric),
        "mi" | "mph" | "psi" | "degF" | "gal" => Some(UnitSystem::Imperial),
        _ => None,
    }
}

/// Converts a v2.0 number to the metric unit, to check its size.
pub(super) fn metric(value: f64, system: Option<&UnitSystem>, unit: UnitInfo) -> f64 {
    if system == Some(&UnitSystem::Imperial) && unit.imperial == "psi" {
        return value * PSI;
    }
    value
}

/// Multiplies so that round numbers stay round: 57 hundredths are 0.57.
pub(super) fn scale(value: f64, factor: f64) -> f64 {
    let whole = (1.0 / factor).round();
    if (whole * factor - 1.0).abs() < 1e-12 {
        return value / whole;
    }
    value * factor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_reference_is_a_unit() {
        for (text, unit) in [
            ("kilometers", "km"),
            ("KM", "km"),
            ("miles_per_hour", "mph"),
            ("kWhr", "kWh"),
            ("kilowatt_hours", "kWh"),
            ("kilowatt-hours", "kWh"),
            ("degrees-celsius", "degC"),
            ("Ampere", "A"),
            (" percentage ", "percent"),
        ] {
            assert_eq!(read(text), Some(unit), "{text}");
        }
        assert_eq!(read("parsec"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn round_numbers_stay_round() {
        for percent in 0..=100 {
            let written = format!("{}", scale(f64::from(percent), 0.01));
            assert!(written.len() <= 4, "{percent}: {written}");
        }
        assert_eq!(scale(2.5, 100.0).to_string(), "250");
        assert_eq!(scale(10.0, 0.75).to_string(), "7.5");
        assert_eq!(scale(2.5, 1.0).to_string(), "2.5");
    }
}
