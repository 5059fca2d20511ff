//! Formats numbers for people.
//!
//! Invariant: long numbers are rounded; short ones keep their original digits.

/// Rounds a JSON number according to its unit and size.
///
/// Degrees keep six decimals, about 10 cm on the ground.
pub(crate) fn rounded(text: &str, unit: Option<&str>) -> String {
    let decimals = |number: f64| match unit {
        None | Some("deg") => 6,
        _ if number.abs() >= 100.0 => 1,
        _ if number.abs() >= 1.0 => 2,
        _ => 4,
    };
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    let Ok(number) = text.parse::<f64>() else {
        return text.to_owned();
    };
    let most = decimals(number);
    // A number with an exponent is very small or very large.
    if fraction.len() <= most || text.contains(['e', 'E']) {
        return text.to_owned();
    }
    let short = format!("{number:.most$}");
    let short = short.trim_end_matches('0').trim_end_matches('.');
    match short {
        "-0" => "0".to_owned(),
        _ => short.to_owned(),
    }
}

/// A rate: `35/s`, `2.5/s`, `12/min`.
pub(crate) fn rate(per_second: f64) -> String {
    if per_second >= 10.0 {
        format!("{per_second:.0}/s")
    } else if per_second >= 1.0 {
        format!("{per_second:.1}/s")
    } else {
        format!("{:.0}/min", per_second * 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_rounded_and_short_ones_stay() {
        for (text, unit, shown) in [
            ("0.34020000000000006", Some("fraction"), "0.3402"),
            ("11340.412345678", Some("mi"), "11340.4"),
            ("12.999999999", Some("L"), "13"),
            ("18250.6", Some("km"), "18250.6"),
            ("5.0", Some("km"), "5.0"),
            ("1.50", Some("V"), "1.50"),
            ("-122.41941600001", Some("deg"), "-122.419416"),
            ("0.1234567", None, "0.123457"),
            ("-0.00001", Some("km"), "0"),
            ("1e400", Some("km"), "1e400"),
            ("2026", None, "2026"),
        ] {
            assert_eq!(rounded(text, unit), shown, "{text}");
        }
    }

    #[test]
    fn a_rate_has_two_digits_or_so() {
        assert_eq!([35.5454, 2.54, 0.2].map(rate), ["36/s", "2.5/s", "12/min"]);
    }
}
