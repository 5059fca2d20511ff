//! The exact output of the lint rules for mappings between versions and for signals.
//! Update the goldens with `UPDATE_GOLDENS=1 cargo test -p xtask --test it mapping`.
//!
//! Invariant: a case is named after its rule and breaks no other rule.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use annotate_snippets::Renderer;
use xtask::finding::{Findings, Rule};
use xtask::plan;

const V2: &str = include_str!("../mapping/v2.yaml");
const V3: &str = include_str!("../mapping/v3.yaml");

/// A golden's name, the rule, and the replacement in whichever of the two files matches.
struct Case(&'static str, Rule, &'static str, &'static str);

const FUEL: &str = "percent: {signal: engine-fuellevel, scale: 0.01, certainty: [D, I]}";

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case("S27-of-v2", Rule::ErrorCatalogue, "type: AUTHENTICATION, code: UNAUTHORIZED", "type: BILLING, code: VEHICLE_LIMIT"),
    Case("S33-other-name", Rule::Signal, "    EngineTanks:\n", "    EngineTank:\n"),
    Case("S33-code", Rule::Signal, "x-smartcar-signal: engine-tanks", "x-smartcar-signal: Engine_tanks"),
    Case("S33-twice", Rule::Signal, "x-smartcar-signal: engine-tanks", "x-smartcar-signal: engine-fuellevel"),
    Case("S33-group", Rule::Signal, "group: Engine\n      x-smartcar-c", "group: Motor\n      x-smartcar-c"),
    Case("S33-name", Rule::Signal, "      x-smartcar-certainty: L\n", "      x-smartcar-certainty: L\n      x-smartcar-name: Tank\n"),
    Case("S33-name-alone", Rule::Signal, "      x-smartcar-envelope: true\n", "      x-smartcar-envelope: true\n      x-smartcar-name: Signals\n"),
    Case("S33-name-in-group", Rule::Signal, "    EngineTanks:\n", "    FuelLevel:\n      type: object\n      description: Filling.\n      properties: {id: {type: string, description: Which.}}\n    EngineTanks:\n"),
    Case("S33-certainty", Rule::Signal, "x-smartcar-certainty: L", "x-smartcar-certainty: maybe"),
    Case("S33-no-example", Rule::Signal, "      example: {value: 50}\n", ""),
    Case("S33-not-listed", Rule::Signal, "            - {$ref: '#/components/schemas/EngineTanks'}\n", ""),
    Case("S34-unknown-signal", Rule::Mapping, "signal: engine-fuellevel, scale", "signal: engine-fuelevel, scale"),
    Case("S34-unknown-member", Rule::Mapping, "            id: {at: /id}\n", "            id: {at: /id}\n            size: {at: /id}\n"),
    Case("S34-unknown-place", Rule::Mapping, "id: {at: /id}", "id: {at: /name}"),
    Case("S34-no-list", Rule::Mapping, "list: /values", "list: /tanks"),
    Case("S34-two-kinds", Rule::Mapping, FUEL, "percent: {signal: engine-fuellevel, constant: 1, certainty: [D]}"),
    Case("S34-no-certainty", Rule::Mapping, ", certainty: [D, I]", ""),
    Case("S34-key", Rule::Mapping, "scale: 0.01", "factor: 0.01"),
    Case("S34-scale", Rule::Mapping, "scale: 0.01", "scale: percent"),
    Case("S35-no-source", Rule::Unmapped, "        percent: {signal: engine-fuellevel, scale: 0.01, certainty: [D, I]}\n", ""),
    Case("S35-no-mapping", Rule::Unmapped, "      x-smartcar-v3:\n        percent: {signal: engine-fuellevel, scale: 0.01, certainty: [D, I]}\n        tanks:\n          signal: engine-tanks\n          list: /values\n          each:\n            id: {at: /id}\n          certainty: [D]\n", ""),
    Case("S36-other-values", Rule::Shared, "      enum: [PETROL]\n      description: What the tank holds.\n      x-enum-descriptions: {PETROL: Petrol.}\n", "      enum: [DIESEL]\n      description: What the tank holds.\n      x-enum-descriptions: {DIESEL: Diesel.}\n"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mapping")
}

fn read(v2: &str, v3: &str) -> Result<(), Vec<Findings>> {
    plan::read_all(&[("spec/two.yaml", v2), ("spec/three.yaml", v3)]).map(drop)
}

fn draw(files: &[Findings]) -> String {
    let drawn = files
        .iter()
        .map(|file| file.draw(&Renderer::plain().term_width(100)));
    let drawn: String = drawn.collect();
    let lines: Vec<_> = drawn.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

#[test]
fn the_bases_have_no_fault() {
    if let Err(files) = read(V2, V3) {
        panic!("{}", draw(&files));
    }
}

#[test]
fn each_rule_is_drawn_as_its_golden() {
    let mut wrong = Vec::new();
    let mut expected = BTreeSet::from(["v2.yaml".to_owned(), "v3.yaml".to_owned()]);
    for Case(name, rule, from, to) in CASES {
        let edit = |text: &str| text.replacen(*from, to, 1);
        let (v2, v3) = if V2.contains(*from) {
            (edit(V2), V3.to_owned())
        } else {
            (V2.to_owned(), edit(V3))
        };
        assert!(v2 != V2 || v3 != V3, "{name} changes nothing");
        let files = read(&v2, &v3).expect_err(name);
        let found: BTreeSet<Rule> = files
            .iter()
            .flat_map(|file| file.list.iter().map(|f| f.rule))
            .collect();
        if !found.contains(rule) || !name.starts_with(&rule.code()) {
            wrong.push(format!("{name}: {found:?}\n{}", draw(&files)));
        }
        let drawn = draw(&files);
        let path = folder().join(format!("{name}.txt"));
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            xtask::write::replace(&path, &drawn).unwrap();
        }
        if std::fs::read_to_string(&path).ok().as_deref() != Some(drawn.as_str()) {
            wrong.push(format!("{name} differs; now it is\n{drawn}"));
        }
        expected.insert(format!("{name}.txt"));
    }
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(expected.contains(&name), "{name} belongs to no case");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_signal_of_a_personal_name_has_a_personal_value() {
    let text = include_str!("../../../spec/smartcar-v3.yaml");
    let mark = "          x-smartcar-personal: true\n";
    for component in [
        "VehicleIdentificationVin:",
        "VehicleIdentificationNickname:",
    ] {
        let start = text.find(&format!("    {component}\n")).unwrap();
        let (before, after) = text.split_at(start);
        let unmarked = format!("{before}{}", after.replacen(mark, "", 1));
        let findings = plan::read(plan::SPEC_V3, &unmarked).unwrap_err();
        let rules: Vec<_> = findings.list.iter().map(|found| found.rule).collect();
        assert_eq!(rules, [Rule::Personal], "{component}");
    }
}

#[test]
fn the_findings_of_both_files_come_in_one_run() {
    let v2 = V2.replacen("summary: Fuel level", "description: None.", 1);
    let v3 = V3.replacen("summary: All signals", "description: None.", 1);
    let files = read(&v2, &v3).unwrap_err();
    let names: Vec<_> = files.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(names, ["spec/two.yaml", "spec/three.yaml"]);
    let json = xtask::finding::json(&files);
    assert_eq!(json["findings"].as_array().unwrap().len(), 2, "{json}");
    // If one file cannot be parsed, the findings of the other are still reported.
    let files = read(&v2, "openapi: [").unwrap_err();
    assert_eq!(files.len(), 2);
}
