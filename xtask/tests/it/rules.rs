//! The exact output of every lint rule for small faults. Update the goldens with
//! `UPDATE_GOLDENS=1 cargo test -p xtask --test it rules`.
//!
//! Invariant: every rule that a spec can break has a golden and a section in RULES.md,
//! and every finding points to the right position of an existing node.

mod cases;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use annotate_snippets::Renderer;
use cases::TEN;
use xtask::finding::{Finding, Findings, Rule};
use xtask::plan;
use xtask::source::Source;

const BASE: &str = include_str!("../rules/base.yaml");
const NAME: &str = "spec/small.yaml";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")
}

/// The base with the edits, each of which must find its text.
fn spec(edits: &[(&str, &str)]) -> String {
    let mut text = BASE.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "the base does not have {from:?}");
        text = text.replacen(from, to, 1);
    }
    text
}

fn findings(text: &str) -> Findings {
    plan::read(NAME, text).expect_err("a fault was expected")
}

fn draw(findings: &Findings) -> String {
    let drawn = findings.draw(&Renderer::plain().term_width(100));
    // Editors would strip the trailing spaces that the library writes.
    let lines: Vec<_> = drawn.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// Compares with a golden, or writes it if requested.
fn golden(name: &str, actual: &str, wrong: &mut Vec<String>) {
    let path = folder().join(name);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        xtask::write::replace(&path, actual).expect("the golden can be written");
    }
    match std::fs::read_to_string(&path) {
        Ok(expected) if expected == actual => {}
        Ok(expected) => wrong.push(format!(
            "{name} differs\n--- golden\n{expected}--- now\n{actual}"
        )),
        Err(_) => wrong.push(format!("{name} is missing; now it would be\n{actual}")),
    }
}

#[test]
fn the_base_has_no_fault() {
    if let Err(findings) = plan::plan(NAME, BASE) {
        panic!("{}", draw(&findings));
    }
}

#[test]
fn each_rule_is_drawn_as_its_golden() {
    let mut wrong = Vec::new();
    let mut expected = BTreeSet::new();
    for case in cases::all() {
        let findings = findings(&spec(case.edits));
        let rules: BTreeSet<Rule> = findings.list.iter().map(|finding| finding.rule).collect();
        if rules != BTreeSet::from([case.rule]) {
            wrong.push(format!("{}: {rules:?}\n{}", case.name, draw(&findings)));
        }
        if !case.name.starts_with(&case.rule.code()) {
            wrong.push(format!(
                "{} is not named after {}",
                case.name,
                case.rule.code()
            ));
        }
        golden(&format!("{}.txt", case.name), &draw(&findings), &mut wrong);
        expected.insert(format!("{}.txt", case.name));
    }
    let ten = findings(&spec(TEN));
    golden("ten.txt", &draw(&ten), &mut wrong);
    let json = serde_json::to_string_pretty(&ten.json()).unwrap() + "\n";
    golden("ten.json", &json, &mut wrong);
    expected.extend(["ten.txt", "ten.json", "base.yaml"].map(str::to_owned));
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        if !expected.contains(&name) && !name.contains(".rs") {
            wrong.push(format!("{name} belongs to no case"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn ten_faults_are_ten_findings_of_one_run() {
    let findings = findings(&spec(TEN));
    let rules: BTreeSet<Rule> = findings.list.iter().map(|finding| finding.rule).collect();
    assert_eq!(findings.list.len(), 10, "{}", draw(&findings));
    assert_eq!(rules.len(), 10, "{}", draw(&findings));
}

#[test]
fn every_finding_points_to_what_stands_there() {
    let texts = cases::all().map(|case| spec(case.edits)).chain([spec(TEN)]);
    for text in texts {
        let Ok(source) = Source::parse(NAME, &text) else {
            continue;
        };
        for finding in &findings(&text).list {
            assert!(stands_there(&source, finding), "{finding:?}");
            assert!(finding.message.chars().count() <= 110, "{finding:?}");
            assert!(!finding.help.is_empty(), "{finding:?}");
        }
    }
}

/// The mark is on the node's key or start. A syntax fault may be anywhere in the node.
fn stands_there(source: &Source, finding: &Finding) -> bool {
    let Some((key, node)) = source.entry(&finding.pointer) else {
        return false;
    };
    let marked = &finding.span;
    let inside = node.span.start <= marked.start && marked.end <= node.span.end;
    key.is_some_and(|key| key.span == *marked)
        || node.span == *marked
        || finding.rule == Rule::Syntax && inside
}

#[test]
fn every_rule_has_a_golden_and_a_page() {
    let pages = std::fs::read_to_string(folder().join("../../RULES.md")).unwrap();
    for rule in Rule::ALL {
        let heading = format!("\n## {}: {}\n", rule.code(), rule.name());
        assert!(
            pages.contains(&heading),
            "RULES.md has no section {heading:?}"
        );
        // No known spec breaks the first one; its message has a unit test.
        // The others concern two files or signals; mapping.rs has their goldens.
        let elsewhere = [
            Rule::Generator,
            Rule::Signal,
            Rule::Mapping,
            Rule::Unmapped,
            Rule::Shared,
        ];
        if !elsewhere.contains(rule) {
            assert!(
                cases::all().any(|case| case.rule == *rule),
                "no golden of {rule:?}"
            );
        }
    }
    let sections = pages.matches("\n## S").count();
    assert_eq!(sections, Rule::ALL.len(), "a section of no rule");
}
