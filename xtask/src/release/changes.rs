//! Compares two snapshots: one line per change, with the step it requires.
//!
//! Invariant: different snapshots give at least one change.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::snapshot::{Entries, Snapshot};

/// The semantic versioning step that a change requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Only texts changed.
    Patch,
    /// Additions. Existing code compiles and means the same.
    Minor,
    /// Existing code may not compile or may mean something else.
    Major,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The required step.
    pub step: Step,
    /// What changes like it are called together: `signals of version 3 added`.
    pub kind: String,
    /// One line of text.
    pub text: String,
}

/// The single-word members of an entry, and the step if they change.
const MEMBERS: [(&str, Step); 7] = [
    ("type", Step::Major),
    // The same number means a different quantity.
    ("unit", Step::Major),
    // Code still compiles, but owners may have to grant more.
    ("permission", Step::Minor),
    ("makes", Step::Patch),
    ("status", Step::Minor),
    ("resolution", Step::Minor),
    ("retry", Step::Minor),
];

/// All changes, the most severe first.
pub fn compare(old: &Snapshot, new: &Snapshot) -> Vec<Change> {
    let mut changes = Changes(Vec::new());
    changes.each("endpoint", &old.endpoints, &new.endpoints);
    changes.each("type", &old.types, &new.types);
    changes.each("error", &old.errors, &new.errors);
    changes.each("error of version 3", &old.errors_v3, &new.errors_v3);
    changes
        .0
        .sort_by(|a, b| (b.step, &a.text).cmp(&(a.step, &b.text)));
    changes.0
}

/// The number of changes per step, and what the next release is.
pub fn since_release(changes: &[Change]) -> String {
    let Some(gravest) = changes.first() else {
        return "no API changes since the last release".to_owned();
    };
    let counts = [Step::Major, Step::Minor, Step::Patch].map(|step| {
        let count = changes.iter().filter(|change| change.step == step).count();
        format!("{count} {step}")
    });
    format!(
        "API changes since the last release: {}; the next is a {} step \
         (`cargo xtask regen --check --all` lists them)",
        counts.join(", "),
        gravest.step
    )
}

struct Changes(Vec<Change>);

impl Changes {
    fn add(&mut self, step: Step, kind: String, text: String) {
        self.0.push(Change { step, kind, text });
    }

    /// Adds additions, removals and changed entries.
    fn each(&mut self, noun: &str, old: &Entries, new: &Entries) {
        let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
        for name in names {
            let at = format!("{noun} `{name}`");
            let many = many(noun, name);
            let with = |end: &str| (format!("{many} {end}"), format!("{at} {end}"));
            let (added, removed) = (with("added"), with("removed"));
            match (old.get(name), new.get(name)) {
                (None, Some(_)) => self.add(Step::Minor, added.0, added.1),
                (Some(_), None) => self.add(Step::Major, removed.0, removed.1),
                (Some(old), Some(new)) if old != new => self.entry(&many, &at, old, new),
                _ => {}
            }
        }
    }

    fn entry(&mut self, many: &str, at: &str, old: &Value, new: &Value) {
        let mut differs = |step, what, old: String, new: String| {
            if old != new {
                self.add(
                    step,
                    format!("{many} with a new {what}"),
                    format!("{at}: {what} changed from `{old}` to `{new}`"),
                );
            }
        };
        differs(Step::Major, "shape", shape(old), shape(new));
        for (member, step) in MEMBERS {
            let said = |entry: &Value| entry.get(member).map_or("none".to_owned(), said);
            differs(step, member, said(old), said(new));
        }
        if old["optional"] != new["optional"] {
            let is_optional = new["optional"] == true;
            let became = if is_optional { "optional" } else { "required" };
            let kind = format!("{many} became {became}");
            self.add(Step::Major, kind, format!("{at} became {became}"));
        }
        for (member, noun) in [("fields", "field"), ("values", "value")] {
            let entries = |entry: &Value| -> Entries {
                let entries = entry[member].as_object().cloned().unwrap_or_default();
                entries.into_iter().collect()
            };
            let (old, new) = (entries(old), entries(new));
            self.each(&format!("{at}: {noun}"), &old, &new);
        }
        // The entry of a value is only its text.
        if old["text"] != new["text"] || old.is_string() {
            let kind = format!("{many} with a new description");
            self.add(Step::Patch, kind, format!("{at}: description changed"));
        }
    }
}

/// What several entries are called.
fn many(noun: &str, name: &str) -> String {
    let of_v3 = " of version 3";
    match noun.rsplit_once(": ") {
        // `type `Charge`: field` becomes `fields of types`.
        Some((at, member)) => {
            let noun = at.split_once(" `").map_or(at, |(noun, _)| noun);
            format!("{member}s of {noun}s")
        }
        None if name.starts_with("v3::signal::") => format!("signals{of_v3}"),
        None if name.starts_with("v3::") => format!("{noun}s{of_v3}"),
        None => match noun.strip_suffix(of_v3) {
            Some(noun) => format!("{noun}s{of_v3}"),
            None => format!("{noun}s"),
        },
    }
}

fn shape(entry: &Value) -> String {
    match entry["list_of"].as_str() {
        Some(element) => format!("list of {element}"),
        None if entry.get("values").is_some() => "enum".to_owned(),
        None => "object".to_owned(),
    }
}

fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(said).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}
