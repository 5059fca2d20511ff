//! Items of any shape: a malformed item does not affect the others.

use std::time::Duration;

use crate::common::{
    EXAMPLES, LOCATION, ODOMETER, answer, between, between_with_warnings, body, good, is_malformed,
    item, json, quoted, raw, read, string, whole,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::Value;
use smartcar_model::decode::{Warning, WarningKind};
use smartcar_model::{
    Batch, Charge, ChargeState, ENDPOINTS, EndpointInfo, Fuel, ItemError, Location, Meta, Odometer,
    PathResults, RetryAfter, Vin, decode, error::Retry,
};

const CHARGE: &str = r#"{"isPluggedIn": true, "state": "CHARGING"}"#;
const FUEL: &str =
    r#"{"path": "/fuel", "code": 200, "body": {"percentRemaining": 0.5, "range": 4.5}}"#;

proptest! {
    #[test]
    fn without_a_list_of_responses_there_is_no_answer(value in json()) {
        let members = [format!(r#"{{"responses": {value}}}"#), format!(r#"{{"response": {value}}}"#)];
        prop_assume!(!value.starts_with('['));
        for text in members {
            prop_assert!(read::<(Odometer,)>(&text).is_err(), "{text}");
        }
        let top = read::<(Odometer,)>(&value);
        prop_assert!(top.is_err(), "no object, or one without the member: {value}");
        let list = format!("[{value}]");
        prop_assert!(read::<(Odometer,)>(&list).is_err());
    }

    #[test]
    fn an_items_wait_is_read_in_any_letter_case_and_as_text_or_number(
        upper in vec(any::<bool>(), 11),
        seconds in 0_u32..100_000,
        text in any::<bool>(),
    ) {
        let name: String = "retry-after".chars().zip(upper).map(|(letter, upper)| {
            if upper { letter.to_ascii_uppercase() } else { letter }
        }).collect();
        let value = if text { format!("\"{seconds}\"") } else { seconds.to_string() };
        let item = format!(
            r#"{{"path": "/charge", "code": 429, "headers": {{"{name}": {value}}},
                "body": {{"type": "RATE_LIMIT", "code": "VEHICLE"}}}}"#
        );
        let error = between::<Charge>(&item).unwrap_err();
        let wait = Duration::from_secs(seconds.into());
        prop_assert_eq!(error.retry_after(), Some(RetryAfter::Delay(wait)));
        prop_assert!(error.is_retryable());
    }

    #[test]
    fn an_error_is_read_whatever_its_wait_is(value in json()) {
        let item = format!(
            r#"{{"path": "/charge", "code": 429, "headers": {{"Retry-After": {value}}},
                "body": {{"type": "RATE_LIMIT", "code": "VEHICLE"}}}}"#
        );
        let error = between::<Charge>(&item).unwrap_err();
        prop_assert_eq!(error.api_error().unwrap().retry(), Retry::Wait);
    }

    #[test]
    fn a_failed_item_of_any_shape_is_an_api_error(
        code in 400_u16..1000,
        body in prop_oneof![Just(None), json().prop_map(Some)],
        headers in prop_oneof![Just(None), json().prop_map(Some)],
    ) {
        let mut item = format!(r#"{{"path": "/charge", "code": {code}"#);
        if let Some(body) = body {
            item.push_str(&format!(r#", "body": {body}"#));
        }
        if let Some(headers) = headers {
            item.push_str(&format!(r#", "headers": {headers}"#));
        }
        item.push('}');
        let error = between::<Charge>(&item).unwrap_err();
        prop_assert!(matches!(error, ItemError::Api(_)), "{}", error);
        prop_assert_eq!(error.status(), Some(code));
    }

    #[test]
    fn an_error_keeps_its_type_whatever_its_other_members_are(
        code in json(),
        resolution in json(),
        doc_url in prop_oneof![Just(None), json().prop_map(Some)],
        detail in prop_oneof![
            json(),
            Just("1e400".to_owned()),
            Just(r#""\ud800""#.to_owned()),
            Just("[".repeat(500) + &"]".repeat(500)),
        ],
    ) {
        let doc_url = doc_url.map_or(String::new(), |url| format!(r#""docURL": {url},"#));
        let body = format!(
            r#"{{"code": {code}, "resolution": {resolution}, {doc_url} "detail": {detail}, "type": "UPSTREAM"}}"#
        );
        let error = between::<Charge>(&item("/charge", 502, &body)).unwrap_err();
        let api = error.api_error().unwrap();
        prop_assert_eq!(api.error_type.as_deref(), Some("UPSTREAM"));
        prop_assert_eq!(api.status, 502);
        prop_assert_eq!(api.request_id.as_deref(), Some("request-1"), "the answer's own");
    }

    #[test]
    fn a_path_without_an_answer_is_missing(
        answered in subsequence(vec![ODOMETER, LOCATION, FUEL], 0..=3),
    ) {
        let text = answer(&answered);
        let ((odometer, location, fuel), warnings) =
            read::<(Odometer, Location, Fuel)>(&text).unwrap();
        prop_assert!(warnings.is_empty());
        let outcomes = [odometer.err(), location.err(), fuel.err()];
        for (item, error) in [ODOMETER, LOCATION, FUEL].iter().zip(outcomes) {
            let expected = (!answered.contains(item)).then_some(ItemError::Missing);
            prop_assert_eq!(error, expected);
        }
        let paths = ["/odometer", "/location", "/fuel", "/of/nobody"];
        let mut answers = PathResults::of(paths);
        let asked: Vec<_> = paths.into_iter().enumerate().collect();
        decode::batch(&text, None, &asked, &mut answers).unwrap();
        prop_assert_eq!(answers.len(), 4, "never silence");
        prop_assert_eq!(answers.raw("/of/nobody").unwrap().unwrap_err(), &ItemError::Missing);
    }

    #[test]
    fn a_path_that_was_not_asked_is_a_warning(path in any::<String>(), rest in json()) {
        prop_assume!(!["odometer", "charge", "location", ""].contains(&path.trim_start_matches('/')));
        let aside = format!(r#"{{"path": {}, "code": 200, "body": {rest}}}"#, quoted(&path));
        let text = answer([ODOMETER, &aside, LOCATION]);
        let ((odometer, charge, location), warnings) =
            read::<(Odometer, Charge, Location)>(&text).unwrap();
        whole(&odometer, &location);
        prop_assert_eq!(charge, Err(ItemError::Missing));
        prop_assert_eq!(warnings.len(), 1);
        prop_assert_eq!(warnings[0].kind, WarningKind::Unrequested);
        prop_assert!(!warnings[0].path.chars().any(char::is_control));
        prop_assert!(warnings[0].path.chars().count() <= 301);
    }

    #[test]
    fn the_first_of_two_answers_wins(code in 100_u16..600, second in json()) {
        let again = item("/charge", code, &second);
        let text = answer([ODOMETER, &good::<Charge>(CHARGE), LOCATION, &again, &again]);
        let ((odometer, charge, location), warnings) =
            read::<(Odometer, Charge, Location)>(&text).unwrap();
        whole(&odometer, &location);
        prop_assert_eq!(charge.unwrap().body.state, ChargeState::Charging);
        prop_assert_eq!(kinds(&warnings), [("/charge", "second"), ("/charge", "second")]);

        let text = answer([ODOMETER, &item("/charge", 500, &second), LOCATION, &good::<Charge>(CHARGE)]);
        let ((_, charge, _), warnings) = read::<(Odometer, Charge, Location)>(&text).unwrap();
        prop_assert_eq!(charge.unwrap_err().status(), Some(500), "also where the second is better");
        prop_assert_eq!(kinds(&warnings), [("/charge", "second")]);
    }

    #[test]
    fn the_order_of_the_answers_means_nothing(
        shuffled in Just(vec![ODOMETER.to_owned(), LOCATION.to_owned(), FUEL.to_owned(),
            item("/charge", 200, CHARGE), item("/vin", 403, "{}")]).prop_shuffle(),
    ) {
        type Five = (Vin, Odometer, Charge, Location, Fuel);
        let ((vin, odometer, charge, location, fuel), warnings) =
            read::<Five>(&answer(&shuffled)).unwrap();
        prop_assert!(warnings.is_empty());
        whole(&odometer, &location);
        prop_assert_eq!(vin.unwrap_err().status(), Some(403));
        prop_assert_eq!(charge.unwrap().body.state, ChargeState::Charging);
        prop_assert_eq!(fuel.unwrap().range, Some(4.5));
    }

    #[test]
    fn a_path_without_its_slash_is_the_path(
        which in select(vec![("odometer", 0), ("location", 1), ("fuel", 2)]),
        escaped in any::<bool>(),
    ) {
        let (name, at) = which;
        let mut items = [ODOMETER, LOCATION, FUEL].map(str::to_owned);
        let written = if escaped {
            let escape = |letter: char| format!("\\u{:04x}", u32::from(letter));
            name.chars().map(escape).collect::<Vec<_>>().concat()
        } else {
            name.to_owned()
        };
        items[at] = items[at].replace(&format!("/{name}"), &written);
        let ((odometer, location, fuel), warnings) =
            read::<(Odometer, Location, Fuel)>(&answer(&items)).unwrap();
        whole(&odometer, &location);
        prop_assert!(fuel.is_ok() && warnings.is_empty());
    }

    #[test]
    fn an_invalid_code_makes_the_item_malformed(
        code in prop_oneof![
            string(),
            (0_u64..100).prop_map(|code| code.to_string()),
            (1000_u64..).prop_map(|code| code.to_string()),
            (i64::MIN..0).prop_map(|code| code.to_string()),
            select(vec!["null", "true", "[200]", "{}", "200.5", "1e400", "\"200\"", "0", "99999"])
                .prop_map(str::to_owned),
        ],
        body in json(),
    ) {
        let item = format!(r#"{{"path": "/charge", "code": {code}, "body": {body}}}"#);
        prop_assert!(is_malformed(&between::<Charge>(&item)));
        let none = format!(r#"{{"path": "/charge", "body": {body}}}"#);
        prop_assert!(is_malformed(&between::<Charge>(&none)));
    }

    #[test]
    fn a_success_without_a_body_is_malformed(
        code in 200_u16..300,
        body in select(vec!["", r#", "body": null"#]),
    ) {
        let item = format!(r#"{{"path": "/charge", "code": {code}{body}}}"#);
        prop_assert!(is_malformed(&between::<Charge>(&item)));
    }

    #[test]
    fn an_entry_that_is_not_an_item_is_a_warning(odd in json()) {
        let (charge, warnings) = between_with_warnings::<Charge>(&odd);
        prop_assert_eq!(charge, Err(ItemError::Missing));
        prop_assert_eq!(kinds(&warnings), [("", "unasked")]);
    }

    #[test]
    fn an_entry_with_two_paths_or_none_is_a_warning(
        second in prop_oneof![string(), json(), Just("\"/charge\"".to_owned())],
    ) {
        for members in [
            format!(r#""path": "/charge", "path": {second}"#),
            format!(r#""path": {second}, "path": "/charge""#),
            r#""paths": "/charge""#.to_owned(),
            r#""path": """#.to_owned(),
        ] {
            let item = format!(r#"{{{members}, "code": 200, "body": {CHARGE}}}"#);
            let (charge, warnings) = between_with_warnings::<Charge>(&item);
            prop_assert_eq!(charge, Err(ItemError::Missing), "{}", item);
            prop_assert_eq!(kinds(&warnings), [("", "unasked")]);
        }
    }

    #[test]
    fn unknown_members_change_nothing(name in string(), value in json()) {
        let known: String = serde_json::from_str(&name).unwrap();
        for (path, example) in EXAMPLES {
            let example: Value = serde_json::from_str(example).unwrap();
            let Some(members) = example.as_object() else { continue };
            prop_assume!(!members.contains_key(&known) && !["systemID", "chargingLocation"].contains(&known.as_str()));
            let info = EndpointInfo::of(path).unwrap();
            // A member that is in the spec but not in the example.
            prop_assume!(!info.fields.iter().any(|field| field.name == known));
            let plain = example.to_string();
            let more = format!("{{{name}: {value}, {}", &plain[1..]);
            let expected = info.normalize(&raw(&plain)).unwrap();
            let read = info.normalize(&raw(&more)).unwrap();
            prop_assert_eq!(read.get(), expected.get(), "{}: {}", path, more);
        }
    }

    #[test]
    fn an_unknown_value_of_an_enum_is_kept(value in any::<String>()) {
        let text = format!(r#"{{"isPluggedIn": true, "state": {}}}"#, quoted(&value));
        let charge = body::<Charge>(&text).unwrap();
        prop_assert_eq!(charge.state.as_str(), value.as_str());
        let listed = ChargeState::VALUES.contains(&value.as_str());
        prop_assert_eq!(matches!(charge.state, ChargeState::Unrecognized(_)), !listed);
    }

    #[test]
    fn a_date_is_read_or_absent_and_an_age_never_negative(
        date in prop_oneof![
            json(),
            string(),
            "[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,12})?(Z|[+-][0-9]{2}:[0-9]{2})?"
                .prop_map(|text| quoted(&text)),
            any::<i64>().prop_map(|number| number.to_string()),
        ],
        now in -377_705_023_201_i64..253_402_207_200,
    ) {
        let now = jiff::Timestamp::from_second(now).unwrap();
        let item = format!(
            r#"{{"path": "/charge", "code": 200, "body": {CHARGE},
                "headers": {{"SC-Data-Age": {date}, "sc-fetched-at": {date}}}}}"#
        );
        let reading = between::<Charge>(&item).unwrap();
        prop_assert_eq!(reading.meta.data_age, reading.meta.fetched_at);
        if let Some(age) = reading.meta.age_at(now) {
            prop_assert_eq!(age.is_zero(), reading.meta.data_age.unwrap() >= now);
        }
    }

    #[test]
    fn the_future_has_no_age(ahead in 0_i64..100_000_000) {
        let now = jiff::Timestamp::from_second(1_770_000_000).unwrap();
        let then = jiff::Timestamp::from_second(1_770_000_000 + ahead).unwrap();
        let item = format!(
            r#"{{"path": "/charge", "code": 200, "body": {CHARGE}, "headers": {{"sc-data-age": "{then}"}}}}"#
        );
        let meta: Meta = between::<Charge>(&item).unwrap().meta;
        prop_assert_eq!(meta.data_age, Some(then));
        prop_assert_eq!(meta.age_at(now), Some(Duration::ZERO));
    }

    /// All of the above combined: a list of any items gives each path exactly one
    /// result, without a panic.
    #[test]
    fn every_path_has_exactly_one_outcome(
        items in vec(prop_oneof![
            json(),
            (select(vec!["/odometer", "/charge", "/location", "charge", "", "/x"]), 0_u16..700, json())
                .prop_map(|(path, code, body)| item(path, code, &body)),
            select(vec![ODOMETER.to_owned(), LOCATION.to_owned(), item("/charge", 200, CHARGE)]),
        ], 0..12),
    ) {
        type Three = (Odometer, Charge, Location);
        let ((odometer, charge, location), warnings) = read::<Three>(&answer(&items)).unwrap();
        let places = [
            odometer.err() == Some(ItemError::Missing),
            charge.err() == Some(ItemError::Missing),
            location.err() == Some(ItemError::Missing),
        ];
        let answered = places.iter().filter(|missing| !**missing).count();
        prop_assert_eq!(answered + warnings.len(), items.len(), "nothing is lost or counted twice");
        prop_assert_eq!(Three::PATHS.len(), 3);
    }
}

fn kinds(warnings: &[Warning]) -> Vec<(&str, &str)> {
    warnings
        .iter()
        .map(|warning| (warning.path.as_str(), warning.kind.as_str()))
        .collect()
}

#[test]
fn the_resolution_takes_precedence_over_the_catalogue() {
    let error = |resolution: &str| {
        let body = format!(
            r#"{{"type": "SERVER", "code": "INTERNAL", "resolution": {{"type": {resolution}}}}}"#
        );
        between::<Charge>(&item("/charge", 500, &body)).unwrap_err()
    };
    for resolution in [
        "CONTACT_SUPPORT",
        "REAUTHENTICATE",
        "FINANCE",
        "ACTION_REQUIRED",
    ] {
        assert!(!error(&quoted(resolution)).is_retryable(), "{resolution}");
    }
    for resolution in ["null", "\"RETRY_LATER\""] {
        assert!(error(resolution).is_retryable(), "{resolution}");
    }
    let slow =
        r#"{"type": "UPSTREAM", "code": "RATE_LIMIT", "resolution": {"type": "RETRY_LATER"}}"#;
    let slow = between::<Charge>(&item("/charge", 502, slow)).unwrap_err();
    assert!(!slow.is_retryable(), "later, but not by itself");
    assert!(slow.api_error().unwrap().is_retryable_later());
}

#[test]
fn the_examples_are_one_for_every_endpoint() {
    assert_eq!(EXAMPLES.len(), ENDPOINTS.len());
    for info in ENDPOINTS {
        let (_, example) = EXAMPLES
            .iter()
            .find(|(path, _)| *path == info.path)
            .unwrap_or_else(|| panic!("no example of {}", info.path));
        info.normalize(&raw(example)).unwrap();
    }
}

#[test]
fn an_array_is_never_read_as_the_members_of_an_object() {
    for (path, example) in EXAMPLES {
        if *path == "/service/history" {
            continue;
        }
        let example: Value = serde_json::from_str(example).unwrap();
        let in_order = Value::Array(example.as_object().unwrap().values().cloned().collect());
        for body in [in_order.to_string(), "[]".to_owned(), "[1]".to_owned()] {
            let info = EndpointInfo::of(path).unwrap();
            assert!(info.normalize(&raw(&body)).is_err(), "{path}: {body}");
        }
    }
    assert!(is_malformed(&body::<Charge>(r#"[true, "CHARGING"]"#)));
}

#[test]
fn an_array_is_never_read_as_the_members_of_an_inner_object() {
    for (path, example) in EXAMPLES {
        let info = EndpointInfo::of(path).unwrap();
        let example: Value = serde_json::from_str(example).unwrap();
        for pointer in objects(&example, "") {
            let mut changed = example.clone();
            let inner = changed.pointer_mut(&pointer).unwrap();
            let in_order = Value::Array(inner.as_object().unwrap().values().cloned().collect());
            *inner = in_order;
            let text = changed.to_string();
            assert!(
                info.normalize(&raw(&text)).is_err(),
                "{path}{pointer}: {text}"
            );
        }
    }
}

/// The JSON pointers of all objects in a value.
fn objects(value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    match value {
        Value::Object(members) => {
            found.push(at.to_owned());
            for (name, inner) in members {
                found.extend(objects(inner, &format!("{at}/{name}")));
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                found.extend(objects(inner, &format!("{at}/{index}")));
            }
        }
        _ => {}
    }
    found
}

#[test]
fn null_or_nothing_is_none_in_every_optional_member() {
    let mut tried = 0;
    for (path, example) in EXAMPLES {
        let info = EndpointInfo::of(path).unwrap();
        let example: Value = serde_json::from_str(example).unwrap();
        for field in info.fields.iter().filter(|field| field.optional) {
            for put in [Some(Value::Null), None] {
                let mut changed = example.clone();
                if set(&mut changed, field.name, put.as_ref()) == 0 {
                    continue;
                }
                tried += 1;
                let text = changed.to_string();
                let read = info.normalize(&raw(&text));
                assert!(read.is_ok(), "{path} {}: {text} {read:?}", field.name);
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

/// Sets or removes all members with a name such as `doors[].status`. Returns
/// their number.
fn set(value: &mut Value, name: &str, put: Option<&Value>) -> usize {
    let (step, rest) = name.split_once('.').unwrap_or((name, ""));
    let (member, in_list) = step
        .strip_suffix("[]")
        .map_or((step, false), |step| (step, true));
    if rest.is_empty() && !in_list {
        let Some(members) = value
            .as_object_mut()
            .filter(|members| members.contains_key(member))
        else {
            return 0;
        };
        match put {
            Some(put) => members.insert(member.to_owned(), put.clone()),
            None => members.remove(member),
        };
        return 1;
    }
    let inner = if member.is_empty() {
        Some(value)
    } else {
        value.get_mut(member)
    };
    match inner {
        Some(Value::Array(list)) if in_list => {
            list.iter_mut().map(|inner| set(inner, rest, put)).sum()
        }
        Some(inner) if !in_list => set(inner, rest, put),
        _ => 0,
    }
}
