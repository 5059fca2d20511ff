//! Two snapshots compared: one line a change, with the step it calls for.
//!
//! Invariant: a pair of snapshots that differ gives at least one change.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::snapshot::{EndpointEntry, ErrorRow, FieldEntry, Snapshot, TypeEntry};

/// The step of semantic versioning that a change calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Texts only.
    Patch,
    /// More than before; what compiled still does and means the same.
    Minor,
    /// What compiled may not, or means something else.
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
    /// What it calls for.
    pub step: Step,
    /// One line that says it.
    pub text: String,
}

/// Everything that changed, the gravest first.
pub fn compare(old: &Snapshot, new: &Snapshot) -> Vec<Change> {
    let mut changes = Changes(Vec::new());
    changes.each(
        &old.endpoints,
        &new.endpoints,
        "endpoint",
        "",
        Step::Minor,
        Changes::endpoint,
    );
    changes.each(
        &old.types,
        &new.types,
        "type",
        "",
        Step::Minor,
        Changes::kind,
    );
    changes.each(
        &old.errors,
        &new.errors,
        "error",
        "",
        Step::Minor,
        Changes::error,
    );
    changes.each(
        &old.errors_v3,
        &new.errors_v3,
        "error of version 3",
        "",
        Step::Minor,
        Changes::error,
    );
    changes
        .0
        .sort_by(|a, b| (b.step, &a.text).cmp(&(a.step, &b.text)));
    changes.0
}

struct Changes(Vec<Change>);

impl Changes {
    fn add(&mut self, step: Step, text: String) {
        self.0.push(Change { step, text });
    }

    /// Additions, removals, and what changed in between.
    fn each<T: PartialEq>(
        &mut self,
        old: &BTreeMap<String, T>,
        new: &BTreeMap<String, T>,
        noun: &str,
        place: &str,
        added: Step,
        changed: fn(&mut Self, &str, &T, &T),
    ) {
        let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
        for name in names {
            let at = if place.is_empty() {
                format!("{noun} `{name}`")
            } else {
                format!("{place}: {noun} `{name}`")
            };
            match (old.get(name), new.get(name)) {
                (None, Some(_)) => self.add(added, format!("{at} added")),
                (Some(_), None) => self.add(Step::Major, format!("{at} removed")),
                (Some(old), Some(new)) if old != new => changed(self, &at, old, new),
                _ => {}
            }
        }
    }

    fn differs<T: PartialEq + fmt::Display>(
        &mut self,
        step: Step,
        at: &str,
        what: &str,
        old: &T,
        new: &T,
    ) {
        if old != new {
            self.add(
                step,
                format!("{at}: {what} changed from `{old}` to `{new}`"),
            );
        }
    }

    fn text(&mut self, at: &str, old: &str, new: &str) {
        if old != new {
            self.add(Step::Patch, format!("{at}: description changed"));
        }
    }

    fn endpoint(&mut self, at: &str, old: &EndpointEntry, new: &EndpointEntry) {
        self.differs(Step::Major, at, "type", &old.type_name, &new.type_name);
        // The code still compiles, but owners may have to grant more.
        self.differs(
            Step::Minor,
            at,
            "permission",
            &old.permission,
            &new.permission,
        );
        self.differs(
            Step::Patch,
            at,
            "makes",
            &old.makes.join(" "),
            &new.makes.join(" "),
        );
        self.text(at, &old.text, &new.text);
    }

    fn kind(&mut self, at: &str, old: &TypeEntry, new: &TypeEntry) {
        let shape = |entry: &TypeEntry| match &entry.list_of {
            Some(element) => format!("list of {element}"),
            None if entry.values.is_empty() => "object".to_owned(),
            None => "enum".to_owned(),
        };
        self.differs(Step::Major, at, "shape", &shape(old), &shape(new));
        self.each(
            &old.fields,
            &new.fields,
            "field",
            at,
            Step::Minor,
            Self::field,
        );
        self.each(
            &old.values,
            &new.values,
            "value",
            at,
            Step::Minor,
            |changes, at, old, new| {
                changes.text(at, old, new);
            },
        );
        self.text(at, &old.text, &new.text);
    }

    fn field(&mut self, at: &str, old: &FieldEntry, new: &FieldEntry) {
        self.differs(Step::Major, at, "type", &old.kind, &new.kind);
        if old.optional != new.optional {
            let became = if new.optional { "optional" } else { "required" };
            self.add(Step::Major, format!("{at} became {became}"));
        }
        self.text(at, &old.text, &new.text);
        // The same number means another length.
        let unit = |entry: &FieldEntry| entry.unit.clone().unwrap_or_else(|| "none".to_owned());
        self.differs(Step::Major, at, "unit", &unit(old), &unit(new));
    }

    fn error(&mut self, at: &str, old: &ErrorRow, new: &ErrorRow) {
        let resolution =
            |row: &ErrorRow| row.resolution.clone().unwrap_or_else(|| "null".to_owned());
        self.differs(Step::Minor, at, "status", &old.status, &new.status);
        self.differs(
            Step::Minor,
            at,
            "resolution",
            &resolution(old),
            &resolution(new),
        );
        self.differs(Step::Minor, at, "retry", &old.retry, &new.retry);
        self.text(at, &old.text, &new.text);
    }
}
