//! Values of any size and JSON of any form: a value is read exactly, or its item
//! is an error.

use crate::common::{
    EXAMPLES, LOCATION, ODOMETER, answer, between, between_with_warnings, body, good, is_malformed,
    item, json, nested, quoted, raw, read,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use smartcar_model::decode::{self, WarningKind};
use smartcar_model::{
    Attributes, Charge, EndpointInfo, Fuel, ItemError, Location, Odometer, PathResults,
    Permissions, Security, ServiceHistory, SystemStatus, Vin, ford, tesla,
};

/// Deeper than a recursive reader's stack allows.
const DEEP: usize = 200_000;

proptest! {
    #[test]
    fn a_number_that_no_double_holds_costs_its_item(
        digits in 1_u64..1_000_000,
        exponent in 400_u32..1_000_000,
        negative in any::<bool>(),
    ) {
        let sign = if negative { "-" } else { "" };
        let huge = format!("{sign}{digits}e{exponent}");
        let meter = format!(r#"{{"distance": {huge}}}"#);
        prop_assert!(is_malformed(&body::<Meter>(&meter)));
        let fuel = format!(r#"{{"percentRemaining": {huge}, "range": 1}}"#);
        prop_assert!(is_malformed(&body::<Fuel>(&fuel)));
        for amperage in [huge.clone(), quoted(&huge)] {
            let charge = format!(r#"{{"amperage": {amperage}}}"#);
            prop_assert!(is_malformed(&body::<tesla::Charge>(&charge)));
        }
        let permissions = format!(r#"{{"permissions": [], "paging": {{"count": {huge}}}}}"#);
        prop_assert!(is_malformed(&body::<Permissions>(&permissions)));
    }

    #[test]
    fn invalid_json_anywhere_makes_the_answer_malformed(
        word in select(vec!["NaN", "Infinity", "-Infinity", "nan", "undefined", "'x'", "01", "+1", ".5", "0x1F"]),
        place in 0_usize..5,
    ) {
        let charge = match place {
            0 => good::<Charge>(&format!(r#"{{"isPluggedIn": {word}, "state": "CHARGING"}}"#)),
            1 => format!(r#"{{"path": "/charge", "code": {word}, "body": {{}}}}"#),
            2 => format!(r#"{{"path": "/charge", "code": 200, "x": [[{word}]]}}"#),
            3 => format!(r#"{{"path": "/charge", "code": 200, "headers": {{"sc-data-age": {word}}}}}"#),
            _ => word.to_owned(),
        };
        let text = answer([ODOMETER, &charge, LOCATION]);
        prop_assert!(read::<(Odometer, Charge, Location)>(&text).is_err(), "{}", text);
    }

    #[test]
    fn an_integer_keeps_every_digit(number in any::<i64>()) {
        for text in [number.to_string(), format!("\"{number}\"")] {
            let attributes = body::<Attributes>(&of_year(&text)).unwrap();
            prop_assert_eq!(attributes.year, number);
            let counter = format!(r#"{{"maxRangeChargeCounter": {text}}}"#);
            let counter = body::<tesla::Battery>(&counter).unwrap();
            prop_assert_eq!(counter.max_range_charge_counter, Some(number));
        }
    }

    #[test]
    fn an_integer_that_does_not_fit_is_malformed(beyond in (1_u64 << 63)..) {
        prop_assert!(is_malformed(&body::<Attributes>(&of_year(&beyond.to_string()))));
        let below = format!("-{beyond}9");
        prop_assert!(is_malformed(&body::<Attributes>(&of_year(&below))));
    }

    #[test]
    fn an_integer_in_a_text_member_keeps_every_digit(number in any::<i64>()) {
        let history = body::<ServiceHistory>(&format!(r#"[{{"serviceId": {number}}}]"#)).unwrap();
        let digits = number.to_string();
        prop_assert_eq!(history[0].service_id.as_deref(), Some(digits.as_str()));
    }

    #[test]
    fn a_whole_number_with_a_point_or_exponent_is_that_integer(
        number in -1_000_000_000_000_i64..=1_000_000_000_000,
        zeros in 1_usize..4,
        exponent in 0_u32..4,
    ) {
        let power = 10_i64.pow(exponent);
        let (whole, part) = (number / power, (number % power).abs());
        let sign = if number < 0 && whole == 0 { "-" } else { "" };
        let width = usize::try_from(exponent).unwrap();
        let scaled = match exponent {
            0 => format!("{number}e0"),
            _ => format!("{sign}{whole}.{part:0width$}e{exponent}"),
        };
        for text in [format!("{number}.{}", "0".repeat(zeros)), scaled] {
            let attributes = body::<Attributes>(&of_year(&text)).unwrap();
            prop_assert_eq!(attributes.year, number, "{}", text);
        }
    }

    #[test]
    fn a_whole_number_is_never_read_as_another(
        number in any::<i64>(),
        bits in 0_u32..64,
        zeros in 1_usize..30,
    ) {
        let number = number >> bits;
        let text = format!("{number}.{}", "0".repeat(zeros));
        match body::<Attributes>(&of_year(&text)) {
            Ok(attributes) => prop_assert_eq!(attributes.year, number, "{}", text),
            Err(error) => prop_assert!(matches!(error, ItemError::Malformed(_))),
        }
    }

    #[test]
    fn a_fraction_or_a_rounded_integer_is_malformed(
        number in -1_000_000_i64..1_000_000,
        fraction in 1_u32..1000,
        // From 2^53 on, one double represents several integers.
        rounded in 9_007_199_254_740_992_i64..,
    ) {
        for text in [
            format!("{number}.{fraction:03}"),
            format!("{rounded}.0"),
            format!("-{rounded}.0"),
            "1e-3".to_owned(),
            "1e30".to_owned(),
        ] {
            prop_assert!(is_malformed(&body::<Attributes>(&of_year(&text))), "{}", text);
        }
    }

    /// The result is off by one unit in the last place unless serde_json's
    /// feature `float_roundtrip` is on. The model's manifest enables it.
    #[test]
    fn a_coordinate_keeps_every_digit(latitude in -90.0..90.0_f64, longitude in -180.0..180.0_f64) {
        for text in [
            format!(r#"{{"latitude": {latitude}, "longitude": {longitude}}}"#),
            format!(r#"{{"latitude": {latitude:.20}, "longitude": {longitude:.20}}}"#),
        ] {
            let location: Location = decode::body(&raw(&text)).unwrap();
            let expected: Vec<f64> = text
                .split([':', ',', '}'])
                .filter_map(|part| part.trim().parse().ok())
                .collect();
            prop_assert_eq!(location.latitude.to_bits(), expected[0].to_bits(), "{}", text);
            prop_assert_eq!(location.longitude.to_bits(), expected[1].to_bits(), "{}", text);
        }
    }

    #[test]
    fn a_duplicate_member_makes_its_item_malformed(
        first in any::<bool>(),
        second in json(),
    ) {
        for text in [
            format!(r#"{{"isPluggedIn": {first}, "state": "X", "isPluggedIn": {second}}}"#),
            format!(r#"{{"isPluggedIn": {first}, "state": "X", "isPlugged\u0049n": {first}}}"#),
        ] {
            prop_assert!(is_malformed(&body::<Charge>(&text)), "{}", text);
        }
        let twice = format!(
            r#"{{"path": "/charge", "code": 200, "body": {{"isPluggedIn": true, "state": "X"}}, "body": {second}}}"#
        );
        prop_assert!(is_malformed(&between::<Charge>(&twice)), "{}", twice);
        let twice = format!(
            r#"{{"path": "/charge", "code": 200, "code": 200, "x": {second}, "body": {{"isPluggedIn": true, "state": "X"}}}}"#
        );
        prop_assert!(is_malformed(&between::<Charge>(&twice)), "{}", twice);
    }

    #[test]
    fn half_a_surrogate_pair_costs_its_item(
        half in 0xd800_u32..0xe000,
        before in "[a-z]{0,4}",
        after in "[a-z ]{0,4}",
    ) {
        let text = format!("\"{before}\\u{half:04x}{after}\"");
        let vin = format!(r#"{{"vin": {text}}}"#);
        prop_assert!(is_malformed(&body::<Vin>(&vin)));
        for charge in [
            format!(r#"{{"isPluggedIn": true, "state": {text}}}"#),
            format!(r#"{{{text}: 1, "isPluggedIn": true, "state": "X"}}"#),
        ] {
            prop_assert!(is_malformed(&body::<Charge>(&charge)), "{}", charge);
        }
        // If the path is damaged, the item cannot be assigned to a path.
        let item = format!(r#"{{"path": {text}, "code": 200, "body": {{}}}}"#);
        let (charge, warnings) = between_with_warnings::<Charge>(&item);
        prop_assert_eq!(charge, Err(ItemError::Missing));
        prop_assert_eq!(warnings[0].kind, WarningKind::Unrequested);
        // In headers and errors, only the damaged value itself is lost.
        let item = format!(r#"{{"path": "/vin", "code": 200, "body": {{"vin": "V"}}, "headers": {{"sc-data-age": {text}}}}}"#);
        prop_assert!(between::<Vin>(&item).unwrap().meta.data_age.is_none());
        let error = format!(r#"{{"type": "UPSTREAM", "description": {text}}}"#);
        let error = between::<Vin>(&crate::common::item("/vin", 502, &error)).unwrap_err();
        prop_assert_eq!(error.api_error().unwrap().error_type.as_deref(), Some("UPSTREAM"));
    }

    #[test]
    fn bytes_before_or_after_the_answer_are_an_error(
        more in prop_oneof![json(), "[^ \t\r\n]{1,5}"],
    ) {
        let text = answer([ODOMETER]);
        prop_assume!(!more.is_empty());
        for text in [format!("{text}{more}"), format!("{text}\n{more}"), format!("{more}{text}"), format!("\u{feff}{text}")] {
            prop_assert!(read::<(Odometer,)>(&text).is_err(), "{}", text);
        }
        let whole = read::<(Odometer,)>(&format!(" \t\r\n{text}\r\n ")).is_ok();
        prop_assert!(whole, "blanks are JSON");
    }

    /// The response as a fuzzer would change it: truncated, repeated, or with one
    /// byte replaced.
    #[test]
    fn no_text_makes_the_decoder_panic(
        at in 0_usize..400,
        put in any::<char>(),
        cut in 0_usize..8,
    ) {
        let text = answer([ODOMETER, &good::<Charge>(r#"{"isPluggedIn": true, "state": "X"}"#), LOCATION]);
        let letters: Vec<char> = text.chars().collect();
        let at = at % letters.len();
        let end = (at + cut).min(letters.len());
        let bent: String = letters[..at].iter().chain([&put]).chain(&letters[end..]).collect();
        let _ = read::<(Odometer, Charge, Location)>(&bent);
        let _ = read::<(Odometer, Charge, Location)>(&text[..at]);
        for (path, example) in EXAMPLES {
            let mut body: String = example.chars().take(at).collect();
            body.push(put);
            body.extend(example.chars().skip(at + cut));
            let info = EndpointInfo::of(path).unwrap();
            if let Ok(body) = serde_json::value::RawValue::from_string(body) {
                let _ = info.normalize(&body);
            }
        }
    }
}

/// A second odometer next to the good one.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Meter {
    distance: f64,
}

impl smartcar_model::Endpoint for Meter {
    const PATH: &'static str = "/odometer/2";
}

fn of_year(year: &str) -> String {
    format!(r#"{{"id": "i", "make": "KIA", "model": "EV6", "year": {year}}}"#)
}

#[test]
fn a_double_that_cannot_be_exact_is_not_an_integer() {
    assert_eq!(
        body::<Attributes>(&of_year("9007199254740993"))
            .unwrap()
            .year,
        9_007_199_254_740_993
    );
    // 2^53 + 1 becomes 2^53 as a double.
    assert!(is_malformed(&body::<Attributes>(&of_year(
        "9007199254740993.0"
    ))));
    assert!(is_malformed(&body::<Attributes>(&of_year(
        "9007199254740992.0"
    ))));
}

#[test]
fn a_duplicate_of_any_known_member_at_any_depth_is_refused() {
    for (path, example) in EXAMPLES {
        let info = EndpointInfo::of(path).unwrap();
        let example: Value = serde_json::from_str(example).unwrap();
        let marker = "\u{1f9ea}";
        for pointer in members(&example, "") {
            // The member is duplicated in the text, because a `Value` cannot hold
            // it twice.
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let mut changed = example.clone();
            let parent = changed
                .pointer_mut(parent)
                .unwrap()
                .as_object_mut()
                .unwrap();
            let value = parent[name].to_string();
            parent.insert(marker.to_owned(), Value::Null);
            let text = changed.to_string().replace(
                &format!("{}:null", quoted(marker)),
                &format!("{}:{value}", quoted(name)),
            );
            let read = info.normalize(&raw(&text));
            assert!(read.is_err(), "{path} {pointer}: {text}");
        }
    }
}

/// The JSON pointers of all members of all objects in a value.
fn members(value: &Value, at: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for (name, inner) in inner {
        let pointer = format!("{at}/{name}");
        if value.is_object() {
            found.push(pointer.clone());
        }
        found.extend(members(inner, &pointer));
    }
    found
}

#[test]
fn two_spellings_of_one_member_are_duplicates() {
    for text in [
        r#"{"systems": [{"systemId": "SYSTEM_MIL", "systemID": "SYSTEM_ABS", "status": "OK"}]}"#,
        r#"{"systems": [{"systemId": "SYSTEM_MIL", "status": "OK", "systemId": "SYSTEM_MIL"}]}"#,
    ] {
        assert!(is_malformed(&body::<SystemStatus>(text)), "{text}");
    }
    let text = r#"{"chargingLocations": [], "chargingLocation": []}"#;
    assert!(is_malformed(&body::<ford::ChargeScheduleByLocation>(text)));
    for text in [
        r#"{"serviceHistory": [{"serviceId": 1}], "serviceHistory": [{"serviceId": 2}]}"#,
        r#"{"serviceHistory": [], "more": 1, "serviceHistory": []}"#,
    ] {
        assert!(is_malformed(&body::<ServiceHistory>(text)), "{text}");
    }
}

#[test]
fn a_duplicate_list_of_responses_makes_the_answer_malformed() {
    let text = format!(r#"{{"responses": [{ODOMETER}], "responses": [{ODOMETER}]}}"#);
    assert!(read::<(Odometer,)>(&text).is_err());
}

/// Runs on a stack that is far too small for a recursion of that depth.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(512 * 1024)
        .spawn(test)
        .unwrap()
        .join()
        .unwrap();
}

fn deep() -> [String; 2] {
    [
        nested("[", "1", "]", DEEP),
        nested(r#"{"a":"#, "1", "}", DEEP),
    ]
}

#[test]
fn deep_nesting_in_a_body_costs_its_item() {
    on_a_small_stack(|| {
        for deep in deep() {
            for text in [
                deep.clone(),
                format!(r#"{{"isPluggedIn": {deep}, "state": "X"}}"#),
                format!(r#"{{"isPluggedIn": true, "state": {deep}}}"#),
            ] {
                assert!(is_malformed(&body::<Charge>(&text)));
            }
            let unknown = format!(r#"{{"isPluggedIn": true, "more": {deep}, "state": "X"}}"#);
            assert!(body::<Charge>(&unknown).is_ok(), "skipped, not followed");
            // Members that are read leniently, and nested lists.
            assert!(is_malformed(&body::<Security>(&format!(
                r#"{{"isLocked": true, "doors": {deep}, "windows": [], "sunroof": [], "storage": [], "chargingPort": []}}"#
            ))));
            assert!(is_malformed(&body::<tesla::Alerts>(&format!(
                r#"{{"alerts": [{{"userText": {deep}}}]}}"#
            ))));
            assert!(is_malformed(&body::<tesla::Charge>(&format!(
                r#"{{"amperage": {deep}}}"#
            ))));
            // A single record without a known member, or a nested list.
            let _ = body::<ServiceHistory>(&format!(r#"{{"serviceHistory": {deep}}}"#));
        }
    });
}

#[test]
fn deep_nesting_around_a_body_never_overflows_the_stack() {
    on_a_small_stack(|| {
        let charge = r#"{"isPluggedIn": true, "state": "X"}"#;
        for deep in deep() {
            for headers in [
                deep.clone(),
                format!(r#"{{"Retry-After": {deep}, "x": {deep}}}"#),
            ] {
                let item = format!(
                    r#"{{"path": "/charge", "code": 200, "headers": {headers}, "body": {charge}}}"#
                );
                assert!(between::<Charge>(&item).is_ok());
            }
            let item = format!(r#"{{"path": "/charge", "code": {deep}, "body": {charge}}}"#);
            assert!(is_malformed(&between::<Charge>(&item)));
            for item in [
                format!(r#"{{"path": {deep}, "code": 200, "body": {charge}}}"#),
                deep.clone(),
            ] {
                assert_eq!(between::<Charge>(&item), Err(ItemError::Missing));
            }
            let item =
                format!(r#"{{"path": "/charge", "more": {deep}, "code": 200, "body": {charge}}}"#);
            assert!(between::<Charge>(&item).is_ok());

            let around = format!(r#"{{"more": {deep}, "responses": [{ODOMETER}]}}"#);
            assert!(read::<(Odometer,)>(&around).unwrap().0.0.is_ok());
            assert!(read::<(Odometer,)>(&deep).is_err());
            let list = format!(r#"{{"responses": {deep}}}"#);
            let read = read::<(Odometer,)>(&list);
            assert_eq!(read.is_ok(), deep.starts_with('['));
        }
    });
}

#[test]
fn deep_nesting_in_an_error_never_overflows_the_stack() {
    on_a_small_stack(|| {
        for deep in deep() {
            let error = between::<Charge>(&item("/charge", 502, &deep)).unwrap_err();
            assert_eq!(error.status(), Some(502));
            for member in ["detail", "resolution", "code", "description", "more"] {
                let body = format!(r#"{{"{member}": {deep}, "type": "UPSTREAM"}}"#);
                let error = between::<Charge>(&item("/charge", 502, &body)).unwrap_err();
                let api = error.api_error().unwrap();
                assert_eq!(api.error_type.as_deref(), Some("UPSTREAM"), "{member}");
            }
        }
    });
}

#[test]
fn deep_nesting_in_a_list_of_paths_never_overflows_the_stack() {
    on_a_small_stack(|| {
        for deep in deep() {
            let text = answer([item("/charge", 200, &deep), item("/of/nobody", 200, &deep)]);
            let asked = [(0, "/charge"), (1, "/of/nobody")];
            let mut answers = PathResults::of(asked.map(|(_, path)| path));
            decode::batch(&text, None, &asked, &mut answers).unwrap();
            let charge = answers.raw("/charge").unwrap();
            assert!(matches!(charge, Err(ItemError::Malformed(_))));
            let kept = answers.raw("/of/nobody").unwrap().unwrap();
            assert_eq!(kept.body.get(), deep, "kept as it came");
        }
    });
}

#[test]
fn a_name_with_half_a_surrogate_pair_costs_its_member() {
    for item in [
        r#"{"\ud800": 1, "path": "/charge", "code": 200, "body": {"isPluggedIn": true, "state": "CHARGING"}}"#,
        r#"{"path": "/charge", "code": 200, "body": {"isPluggedIn": true, "state": "CHARGING"}, "\udfff": [1e400]}"#,
        r#"{"p\u0061th": "/charge", "code": 200, "body": {"isPluggedIn": true, "state": "CHARGING"}}"#,
    ] {
        let charge = between::<Charge>(item).unwrap();
        assert!(charge.is_plugged_in, "{item}");
    }
    let text = format!(r#"{{"\ud800": 1, "responses": [{ODOMETER}]}}"#);
    let ((odometer,), warnings) = read::<(Odometer,)>(&text).unwrap();
    assert!(odometer.is_ok() && warnings.is_empty());
    // In a body, the value belongs to the body.
    let item = good::<Charge>(r#"{"isPluggedIn": true, "state": "CHARGING", "\ud800": 1}"#);
    assert!(is_malformed(&between::<Charge>(&item)));
}
