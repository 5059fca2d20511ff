use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::spec::Spec;

fn error(text: &str) -> String {
    text.parse::<Fault>().unwrap_err().to_string()
}

#[test]
fn what_a_table_cannot_mean_is_refused_with_its_keys() {
    for (text, expected) in [
        (
            "",
            "the fault has no effect: add one of unchanged, latency_ms",
        ),
        ("times = 2", "the fault has no effect"),
        (
            "html = 502, reset = true",
            "`html` and `reset` are two faults",
        ),
        (
            "html = 502, status = 503",
            "`html` and `status` are two faults",
        ),
        (
            "item = \"/fuel\", reordered = true",
            "`item` and `reordered` are two faults",
        ),
        (
            "item = \"/fuel\", missing = true, duplicated = true",
            "`missing` and `duplicated`",
        ),
        ("missing = true", "`missing` applies to one item: say which"),
        ("body_json = '1'", "`body` applies to one item"),
        (
            "item = \"/fuel\", body = 1, body_json = '1'",
            "are the same setting: remove one",
        ),
        (
            "extra_json = '{'",
            "`extra_json` is not valid JSON for this key: EOF",
        ),
        (
            "unchanged = true, item_headers_json = '[]'",
            "`item_headers_json` is not valid JSON",
        ),
        ("reset = false", "value is true: remove the key instead"),
        ("latency_ms = -1", "latency_ms"),
        ("latency_ms = -1.5", "`latency_ms` must be a number"),
        ("status = 503, seed = 1", "`seed` requires `probability`"),
        (
            "error = 'SLEEPY'",
            "the catalogue has no error SLEEPY with code null",
        ),
        ("html = 99", "99 is not a status between 200 and 999"),
        ("statsu = 503", "unknown field `statsu`"),
        ("status = \"503\"", "invalid type"),
        (
            "headers = { x = [1] }, status = 503",
            "must be a string or a number",
        ),
        (
            "status = 503 } other = { x = 1",
            "write keys and values in TOML syntax, such as html = 502, times = 1: unexpected key",
        ),
        ("status = 503 }\nother = { x = 1", "unknown field `other`"),
        ("status =", "write keys and values in TOML syntax"),
    ] {
        let error = error(text);
        assert!(error.contains(expected), "{text}: {error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn numbers_are_read_as_they_are_meant() {
    let read = |text: &str| text.parse::<Fault>().unwrap();
    let limited = Fault::status(429).header("retry-after", "2");
    assert_eq!(read("status = 429, headers = { retry-after = 2 }"), limited);
    assert_eq!(
        read("latency_ms = 1.5"),
        Fault::latency(Duration::from_micros(1_500))
    );
    let seed = "shuffled = 18446744073709551615";
    assert_eq!(read(seed), Fault::shuffled_items(u64::MAX));
    let chance = Fault::status(500).with_probability(1.0, 0);
    assert_eq!(read("status = 500, probability = 1"), chance);
}

#[test]
fn durations_survive_json() {
    for duration in [
        Duration::ZERO,
        Duration::from_millis(300),
        Duration::from_micros(1_500),
        Duration::from_secs(86_400),
    ] {
        let text = serde_json::to_string(&Fault::latency(duration)).unwrap();
        let read: Fault = serde_json::from_str(&text).unwrap();
        assert_eq!(read, Fault::latency(duration), "{text}");
    }
}

#[test]
fn a_null_is_a_value_and_an_absent_key_is_none() {
    let read: Fault = serde_json::from_value(json!({"item": "/fuel", "body": null})).unwrap();
    assert_eq!(read, Fault::item_body("/fuel", Value::Null));
    let read: Fault = serde_json::from_value(json!({"item": "/fuel"})).unwrap();
    assert_eq!(read, Fault::item("/fuel"));
}

#[test]
fn every_error_of_the_catalogue_can_be_written() {
    let catalogue = &Spec::embedded().unwrap().catalogue;
    for (kind, code) in catalogue.names() {
        let fault = Fault::item_error("/fuel", kind, code);
        let text = serde_json::to_string(&fault).unwrap();
        let read: Fault = serde_json::from_str(&text).unwrap();
        assert_eq!(read, fault);
    }
}

#[test]
fn toml_json_and_the_command_line_refuse_the_same() {
    for (toml, json, expected) in [
        (
            "reset = true\nhtml = 502",
            json!({"reset": true, "html": 502}),
            "`html` and `reset` are two faults: write each as its own fault",
        ),
        (
            "item = '/fuel'\nmissing = true\nerror = 'PERMISSION'",
            json!({"item": "/fuel", "missing": true, "error": "PERMISSION"}),
            "`error` and `missing` are two faults: write each as its own fault",
        ),
        (
            "item = '/fuel'\nunchanged = true",
            json!({"item": "/fuel", "unchanged": true}),
            "`item` and `unchanged` are two faults: write each as its own fault",
        ),
        (
            "statsu = 503",
            json!({"statsu": 503}),
            "unknown field `statsu`, expected one of `unchanged`, `latency_ms`",
        ),
    ] {
        let line = toml.replace('\n', ", ");
        let toml = toml::from_str::<Fault>(toml).unwrap_err();
        let json = serde_json::from_value::<Fault>(json).unwrap_err();
        for error in [error(&line), toml.message().to_owned(), json.to_string()] {
            assert!(error.starts_with(expected), "{error}");
        }
    }
}

#[test]
fn every_fault_is_written_as_it_is_read() {
    for text in [
        "latency_ms = 300",
        "html = 502, times = 1",
        "raw_body = 'x', status = 409",
        "item = '/fuel', probability = 0.5, seed = 3",
        "item = '/fuel', body = 1, item_headers = {a = 1}",
        "without_error_headers = true, path = '/batch', vehicle = 'car', request = 2",
        "status = 503, headers = {x = '1'}, without_headers = ['y']",
    ] {
        #[derive(serde::Deserialize)]
        struct Whole {
            fault: Value,
        }
        let Whole { fault } = toml::from_str(&format!("fault = {{{text}}}")).unwrap();
        let read: Fault = text.parse().unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), fault, "{text}");
    }
}
