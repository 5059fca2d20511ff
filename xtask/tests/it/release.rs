//! What spec changes mean for users, tested with changes of the real spec.

use std::path::Path;

use xtask::plan::{self, SPEC, SPEC_V3, SPEC_WEBHOOK};
use xtask::release::{Change, LOCK, Snapshot, Step, compare, entry};

fn read(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::fs::read_to_string(root.join(name)).unwrap()
}

fn spec() -> String {
    read(SPEC)
}

fn snapshot(text: &str) -> Snapshot {
    let (v3, webhook) = (read(SPEC_V3), read(SPEC_WEBHOOK));
    match plan::read_all(&[(SPEC, text), (SPEC_V3, &v3), (SPEC_WEBHOOK, &webhook)]) {
        Ok(read) => Snapshot::of(&read.into_iter().map(|(_, api)| api).collect::<Vec<_>>()),
        Err(files) => panic!("{}", xtask::finding::json(&files)),
    }
}

/// The changes caused by an edit of the spec. The edit must apply.
fn changes(find: &str, replace: &str) -> Vec<Change> {
    let old = spec();
    assert!(old.contains(find), "no longer in the spec: {find}");
    let new = old.replacen(find, replace, 1);
    compare(&snapshot(&old), &snapshot(&new))
}

fn lines(changes: &[Change]) -> Vec<String> {
    let line = |change: &Change| format!("{}: {}", change.step, change.text);
    changes.iter().map(line).collect()
}

#[test]
fn nothing_changed() {
    let now = snapshot(&spec());
    assert!(compare(&now, &now).is_empty());
    let read: Snapshot = serde_json::from_str(&now.to_json().unwrap()).unwrap();
    assert_eq!(read, now, "the lock loses nothing");
    assert_eq!(entry(&[]), "No change of the API.\n\n");
}

#[test]
fn a_field_that_becomes_optional_is_major() {
    let found = changes("required: [isPluggedIn, state]", "required: [isPluggedIn]");
    assert_eq!(
        lines(&found),
        ["major: type `Charge`: field `state` became optional"]
    );
    let entry = entry(&found);
    assert_eq!(
        entry,
        "### Breaking\n\n- type `Charge`: field `state` became optional\n\n"
    );
}

#[test]
fn a_changed_description_is_patch() {
    let text = spec();
    let summary = text
        .lines()
        .find(|line| line.trim_start().starts_with("summary: ") && line.contains("dometer"))
        .unwrap();
    let found = changes(summary, &format!("{summary} now"));
    assert_eq!(
        lines(&found),
        ["patch: endpoint `/odometer`: description changed"]
    );
}

#[test]
fn a_new_endpoint_is_minor_and_a_removed_one_is_major() {
    let old = spec();
    // The same file with `/vin` renamed: one endpoint removed, one added.
    let new = old.replacen("  /vehicles/{id}/vin:\n", "  /vehicles/{id}/chassis:\n", 1);
    assert_ne!(old, new);
    let found = compare(&snapshot(&old), &snapshot(&new));
    assert_eq!(
        lines(&found),
        [
            "major: endpoint `/vin` removed",
            "minor: endpoint `/chassis` added"
        ]
    );
    assert_eq!(found[0].step, Step::Major, "the gravest comes first");
}

#[test]
fn permissions_units_types_and_values_are_told_apart() {
    let found = changes(
        "x-smartcar-permission: read_odometer",
        "x-smartcar-permission: read_location",
    );
    assert_eq!(
        lines(&found),
        ["minor: endpoint `/odometer`: permission changed from `read_odometer` to `read_location`"]
    );
    let found = changes("{metric: km, imperial: mi}", "km");
    assert_eq!(found[0].step, Step::Major);
    assert!(
        found[0]
            .text
            .contains("unit changed from `km / mi` to `km`"),
        "{found:?}"
    );
    let text = spec();
    let at = text.find("    ChargeState:\n").unwrap();
    let (head, tail) = text.split_at(at);
    let tail = tail
        .replacen("NOT_CHARGING]", "NOT_CHARGING, PAUSED]", 1)
        .replacen(
            "      x-enum-descriptions:\n",
            "      x-enum-descriptions:\n        PAUSED: Waits.\n",
            1,
        );
    let found = compare(&snapshot(&text), &snapshot(&format!("{head}{tail}")));
    assert_eq!(
        lines(&found),
        ["minor: type `ChargeState`: value `PAUSED` added"]
    );
}

#[test]
fn the_lock_is_a_snapshot() {
    let released: Snapshot = serde_json::from_str(&read(LOCK)).unwrap();
    assert!(released.endpoints.contains_key("/odometer"));
    assert!(released.types.contains_key("Odometer"));
    assert!(released.errors.contains_key("SERVER INTERNAL"));
}

#[test]
fn many_signals_are_one_line() {
    let now = snapshot(&spec());
    let mut before = now.clone();
    let is_signal = |name: &str| name.starts_with("v3::signal::");
    before.types.retain(|name, _| !is_signal(name));
    let signals = now.types.keys().filter(|name| is_signal(name)).count();
    let found = compare(&before, &now);
    assert_eq!(found.len(), signals);
    assert_eq!(
        entry(&found),
        format!("### Added and changed\n\n- {signals} signals of version 3 added\n\n")
    );
}

#[test]
fn regen_keeps_lock_and_changelog() {
    let copy = tempfile::tempdir().unwrap();
    let path = copy.path().join(SPEC);
    xtask::write::replace(&path, &spec()).unwrap();
    for other in [SPEC_V3, SPEC_WEBHOOK] {
        xtask::write::replace(&copy.path().join(other), &read(other)).unwrap();
    }
    let run = |changelog: bool, release: Option<&str>| {
        let options = xtask::commands::regen::Regen {
            changelog,
            release: release.map(str::to_owned),
            root: Some(copy.path().to_owned()),
            ..Default::default()
        };
        assert_eq!(xtask::commands::regen::run(&options).unwrap(), 0);
    };
    let changelog = || std::fs::read_to_string(copy.path().join("CHANGELOG.md")).unwrap();
    run(false, Some("2026-11-22"));
    let version = env!("CARGO_PKG_VERSION");
    assert!(changelog().contains(&format!("## {version} (2026-11-22)")));
    let changed = spec().replacen(
        "required: [isPluggedIn, state]",
        "required: [isPluggedIn]",
        1,
    );
    xtask::write::replace(&path, &changed).unwrap();
    run(true, None);
    let unreleased = changelog();
    let (unreleased, _) = unreleased.split_once(&format!("## {version}")).unwrap();
    assert!(
        unreleased.contains("- type `Charge`: field `state` became optional"),
        "{unreleased}"
    );
    // The same version again, and a date that is none: both leave every file as it was.
    let before = changelog();
    for date in ["2026-12-01", "yesterday"] {
        let options = xtask::commands::regen::Regen {
            release: Some(date.to_owned()),
            root: Some(copy.path().to_owned()),
            ..Default::default()
        };
        assert!(xtask::commands::regen::run(&options).is_err(), "{date}");
        assert_eq!(changelog(), before);
        let lock = std::fs::read_to_string(copy.path().join(LOCK)).unwrap();
        let lock: Snapshot = serde_json::from_str(&lock).unwrap();
        assert_eq!(compare(&lock, &snapshot(&changed)).len(), 1);
    }
}
