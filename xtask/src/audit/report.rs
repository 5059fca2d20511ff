//! What an audit found, counted, for a person and for a machine.
//!
//! Invariant: constant memory per kind of deviation, and sorted, so that the
//! same recordings give the same bytes.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::shape::Shape;

/// Most deviations of one kind that are told apart at one place, most unknown
/// paths, and most unreadable places that are listed.
pub const CAP: usize = 64;

/// The group of what concerns a whole answer.
pub const ANSWER: &str = "(answer)";

/// A place in the recordings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file as it was named.
    pub file: String,
    /// Line, counted from one.
    pub line: usize,
    /// Which part of the answer, such as `responses[2]`.
    pub item: String,
}

/// One change of the spec.
#[derive(Debug, Clone, Serialize)]
pub struct Suggestion {
    /// The spec's file.
    pub spec: String,
    /// Line of the node that gets the lines, or that they replace.
    pub line: usize,
    /// JSON pointer to it.
    pub pointer: String,
    /// `add` or `replace by`.
    pub action: &'static str,
    /// The YAML; its place gives the indentation.
    pub lines: Vec<String>,
}

/// One deviation.
#[derive(Debug, Serialize)]
pub struct Deviation {
    /// Stable word for the kind.
    pub kind: &'static str,
    /// Where in the item.
    pub place: String,
    /// In words.
    pub message: String,
    /// Items with it.
    pub items: u64,
    /// Times in all.
    pub times: u64,
    /// The first.
    pub first: Place,
    /// What to change in the spec.
    pub suggestions: Vec<Suggestion>,
    /// What was seen, for what the spec does not know.
    #[serde(skip)]
    pub shape: Shape,
    /// The last place where it was counted.
    #[serde(skip)]
    pub last: Place,
}

/// The deviations of one path.
#[derive(Debug, Default, Serialize)]
pub struct Group {
    /// Its items; of whole answers, the answers.
    pub items: u64,
    /// By place, kind and message.
    #[serde(serialize_with = "values")]
    pub deviations: BTreeMap<(String, &'static str, String), Deviation>,
}

/// What could not be read for one reason.
#[derive(Debug, Default, Serialize)]
pub struct Unreadable {
    /// How many lines or files.
    pub count: u64,
    /// The first of them.
    pub places: Vec<Place>,
}

/// The outcome of an audit.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Files that were opened.
    pub files: u64,
    /// Answers that were read.
    pub answers: u64,
    /// Items that were read.
    pub items: u64,
    /// By path.
    pub paths: BTreeMap<String, Group>,
    /// By reason.
    pub unreadable: BTreeMap<&'static str, Unreadable>,
}

fn values<K, V: Serialize, S: Serializer>(map: &BTreeMap<K, V>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(map.values())
}

impl Report {
    /// Every deviation with its path.
    pub fn deviations(&self) -> impl Iterator<Item = (&str, &Deviation)> {
        let groups = self.paths.iter();
        groups.flat_map(|(path, group)| {
            group
                .deviations
                .values()
                .map(|found| (path.as_str(), found))
        })
    }

    /// Whether everything was read and nothing differs.
    pub fn is_clean(&self) -> bool {
        self.deviations().next().is_none() && self.unreadable.is_empty()
    }

    /// The report for a person.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (path, group) in &self.paths {
            let of = count(group.items, if path == ANSWER { "answer" } else { "item" });
            if !group.deviations.is_empty() {
                text.push_str(&format!("{path}: {of}\n"));
            }
            for found in group.deviations.values() {
                let (items, first) = (found.items, found.first.text());
                text.push_str(&format!(
                    "  {}\n    {items} of {of}, first {first}\n",
                    found.message
                ));
                for suggestion in &found.suggestions {
                    suggestion.write(&mut text);
                }
            }
            if !group.deviations.is_empty() {
                text.push('\n');
            }
        }
        for (reason, unreadable) in &self.unreadable {
            text.push_str(&format!("{reason}: {}\n", count(unreadable.count, "time")));
            for place in &unreadable.places {
                text.push_str(&format!("  {}\n", place.text()));
            }
            text.push('\n');
        }
        text.push_str(&format!(
            "{}, {}, {} read: {}\n",
            count(self.files, "file"),
            count(self.answers, "answer"),
            count(self.items, "item"),
            count(self.deviations().count() as u64, "deviation"),
        ));
        text
    }
}

impl Suggestion {
    fn write(&self, text: &mut String) {
        let under = self.pointer.trim_start_matches('/').replace("~1", "/");
        text.push_str(&format!(
            "    {}:{}, {under}: {}\n",
            self.spec, self.line, self.action
        ));
        for line in &self.lines {
            text.push_str(&format!("        {line}\n"));
        }
    }
}

impl Place {
    fn text(&self) -> String {
        match self.item.as_str() {
            "" => format!("{}:{}", self.file, self.line),
            item => format!("{}:{} ({item})", self.file, self.line),
        }
    }
}

fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
