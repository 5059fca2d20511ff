//! One recording with one of each deviation, over every kind of file.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use xtask::audit::report::Report;
use xtask::source::Source;

use super::plants::{Plant, SECRETS, bodies, good, items};
use super::support::{audit, ndjson, put, spec};

fn answers() -> (Vec<Plant>, Vec<Value>) {
    let plants: Vec<_> = bodies().into_iter().chain(items()).collect();
    // Twice each, beside a good item, so that counts are not all one.
    let answers = plants.iter().chain(&plants).map(|(item, ..)| {
        json!({"responses": [good("/tires/pressure", json!({
            "frontLeft": 1, "frontRight": 2, "backLeft": 3, "backRight": 4})), item]})
    });
    let answers = answers.collect();
    (plants, answers)
}

fn check(report: &Report, plants: &[Plant]) {
    let mut found = BTreeMap::new();
    for path in &report.paths {
        for deviation in &path.deviations {
            let help = serde_json::to_string(&deviation.suggestions).unwrap();
            let help = format!("{help} {}", deviation.advice.unwrap_or_default());
            found.insert(
                (path.path.as_str(), deviation.message.clone()),
                (deviation, help),
            );
        }
    }
    for (item, kind, place, help) in plants {
        let of = plants
            .iter()
            .filter(|other| other.0["path"] == item["path"])
            .count() as u64
            * 2;
        let fits = found.iter().filter(|((path, _), (deviation, text))| {
            let shown = item["path"].as_str().unwrap_or("(");
            deviation.kind == *kind
                && deviation.place == *place
                && text.contains(help)
                && (*path == shown || path.starts_with('('))
                && deviation.items == 2
                && (deviation.of == of || path.starts_with('('))
        });
        assert_eq!(
            fits.count(),
            1,
            "{kind} {place} {help}\n{}",
            report.text(true)
        );
    }
    assert_eq!(report.deviations, plants.len(), "{}", report.text(true));
}

fn is_silent(report: &Report) {
    let text = report.text(true);
    let json = serde_json::to_string_pretty(report).unwrap();
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret}\n{text}");
        assert!(!json.contains(secret), "{secret}");
    }
}

#[test]
fn each_deviation_is_found_in_every_kind_of_file() {
    let (plants, answers) = answers();
    let planted = serde_json::to_string(&answers).unwrap();
    for secret in SECRETS {
        assert!(planted.contains(secret), "{secret} is not planted");
    }
    let json = serde_json::to_vec_pretty(&answers).unwrap();
    for (name, text) in [
        ("a.json", json.clone()),
        ("a.ndjson", ndjson(&answers)),
        ("a.jsonl", ndjson(&answers)),
    ] {
        let report = audit(name, &text);
        check(&report, &plants);
        is_silent(&report);
    }
    let half = answers.len() / 2;
    let directory = tempfile::tempdir().unwrap();
    put(
        directory.path(),
        "b/first.ndjson",
        &ndjson(&answers[..half]),
    );
    put(
        directory.path(),
        "a.json",
        &serde_json::to_vec(&answers[half..]).unwrap(),
    );
    let report = xtask::audit::audit(&spec(), &[directory.path().to_owned()]).unwrap();
    check(&report, &plants);
    is_silent(&report);
    assert!(
        report.paths[1].deviations[0].first.file.ends_with("a.json"),
        "sorted by name"
    );
}

#[test]
fn the_first_place_has_its_line() {
    let (plants, answers) = answers();
    let text = serde_json::to_string_pretty(&answers).unwrap();
    let line = 1 + text
        .lines()
        .position(|line| line.contains("TRICKLE"))
        .unwrap();
    let report = audit("a.json", text.as_bytes());
    let charge = report
        .paths
        .iter()
        .find(|path| path.path == "/charge")
        .unwrap();
    let first = &charge
        .deviations
        .iter()
        .find(|d| d.message.contains("TRICKLE"))
        .unwrap()
        .first;
    // An item begins some lines above its last member.
    assert!(
        (line - 6..=line).contains(&first.line),
        "{} and {line}",
        first.line
    );
    assert_eq!(first.item, Some(1));
    let report = audit("a.ndjson", &ndjson(&answers));
    let fuel = report
        .paths
        .iter()
        .find(|path| path.path == "/fuel")
        .unwrap();
    let index = plants
        .iter()
        .position(|plant| plant.1 == "status-differs")
        .unwrap();
    let differs = fuel
        .deviations
        .iter()
        .find(|d| d.kind == "status-differs")
        .unwrap();
    assert_eq!(differs.first.line, index + 1);
}

#[test]
fn whole_answers_differ_too() {
    let twice = good("/charge/limit", json!({"limit": 0.5}));
    let answers = [
        json!({"responses": [twice, twice]}),
        json!({"responses": [], "took": 31415}),
        json!({"responses": "hunter2"}),
        json!({"status": 200, "body": {"portal": "hunter2"}}),
        json!({"status": 200, "body": "<html>hunter2"}),
        json!({"status": 200, "headers": {"sc-data-age": "1985-10-26T01:21:00Z"}, "body": {"responses": []}}),
        json!({"status": 500, "headers": {}}),
        json!({"status": 503, "body": null}),
        json!({"status": 418, "body": {"type": "TEAPOT", "code": "SHORT", "resolution": {"type": "hunter2 x"}}}),
        json!({"error": "hunter2", "message": "hunter2"}),
    ];
    let report = audit("a.ndjson", &ndjson(&answers));
    let kinds: Vec<_> = report
        .paths
        .iter()
        .flat_map(|path| {
            path.deviations
                .iter()
                .map(|d| (path.path.as_str(), d.place.as_str(), d.kind))
        })
        .collect();
    let expected = [
        ("(batch)", "body", "unknown-member"),
        ("(batch)", "body", "unknown-member"),
        ("(batch)", "body", "missing-member"),
        ("(batch)", "body", "wrong-type"),
        ("(batch)", "body.responses", "wrong-type"),
        ("(batch)", "error", "no-body"),
        ("(batch)", "error", "error-pair"),
        ("(batch)", "error", "unknown-member"),
        ("(batch)", "error", "unknown-member"),
        ("(batch)", "error", "missing-member"),
        ("(batch)", "error", "missing-member"),
        ("(batch)", "error.resolution.type", "enum-value"),
        ("(batch)", "headers", "unknown-header"),
        ("/charge/limit", "item", "duplicate-path"),
    ];
    assert_eq!(kinds, expected, "{}", report.text(true));
    is_silent(&report);
}

#[test]
fn suggestions_are_yaml_and_name_a_line_of_the_spec() {
    let (_, answers) = answers();
    let report = audit("a.ndjson", &ndjson(&answers));
    let lines = spec().text.lines().count();
    let suggestions: Vec<_> = report
        .paths
        .iter()
        .flat_map(|path| path.deviations.iter().flat_map(|d| &d.suggestions))
        .collect();
    assert!(suggestions.len() > 20);
    for suggestion in suggestions {
        let text = suggestion.lines.join("\n");
        assert!(Source::parse("suggestion", &text).is_ok(), "{text}");
        assert!((2..=lines).contains(&suggestion.line), "{suggestion:?}");
    }
}

#[test]
fn a_map_of_names_does_not_fill_the_report() {
    let many: serde_json::Map<_, _> = (0..500u16)
        .map(|n| {
            let letter = |n: u16| char::from(b'a' + u8::try_from(n % 26).unwrap());
            (format!("name_{}{}", letter(n), letter(n / 26)), json!(1))
        })
        .collect();
    let paths = (0..500u16).map(|n| json!({"path": format!("/p{n}"), "code": 200, "body": {}}));
    let answers = [
        json!({"responses": [good("/vin", json!({"vin": "x", "deep": many.clone()})), good("/charge", Value::Object(many))]}),
        json!({"responses": paths.collect::<Vec<_>>()}),
    ];
    let report = audit("a.ndjson", &ndjson(&answers));
    let names: BTreeSet<_> = report.paths.iter().map(|path| &path.path).collect();
    assert!(names.len() < 70, "{}", names.len());
    let charge = report
        .paths
        .iter()
        .find(|path| path.path == "/charge")
        .unwrap();
    assert!(charge.deviations.len() < 70, "{}", charge.deviations.len());
    assert!(
        charge
            .deviations
            .iter()
            .any(|d| d.message.contains("(further ones)") && d.items == 1)
    );
}
