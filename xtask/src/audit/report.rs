//! What an audit found, counted, for a person and for a machine.
//!
//! Invariant: constant memory per kind of deviation, and sorted, so that the
//! same recordings give the same bytes.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use super::shape::Shape;

/// Most deviations of one path that are told apart, and most paths.
pub const CAP: usize = 256;

/// The path of what concerns a whole answer.
pub const ANSWER: &str = "(answer)";

/// A place in the recordings: a file, a line, and an item such as `responses[2]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "one line says it")]
pub struct Place {
    pub file: String,
    pub line: usize,
    pub item: String,
}

/// One change of the spec: the lines of YAML for the node at a JSON pointer,
/// whose place gives the indentation. Without lines it is only to be looked at.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "one line says it")]
pub struct Suggestion {
    pub spec: String,
    pub line: usize,
    pub pointer: String,
    pub action: &'static str,
    pub lines: Vec<String>,
}

/// One deviation: what it is, how often it was seen, where first, and what to
/// change in the spec.
#[derive(Debug, Default, Serialize)]
#[allow(missing_docs, reason = "one line says it")]
pub struct Deviation {
    pub kind: &'static str,
    pub message: String,
    pub items: u64,
    pub times: u64,
    pub first: Place,
    pub suggestions: Vec<Suggestion>,
    /// What was seen, for what the spec does not know.
    #[serde(skip)]
    pub shape: Shape,
    /// Where it was counted last.
    #[serde(skip)]
    pub last: Place,
}

/// What concerns one path.
#[derive(Debug, Default, Serialize)]
pub struct Group {
    /// Its items; of whole answers, the answers.
    pub items: u64,
    /// By place, kind and message.
    #[serde(serialize_with = "values")]
    pub deviations: BTreeMap<(String, &'static str, String), Deviation>,
}

/// The outcome of an audit.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Files that were opened.
    pub files: u64,
    /// By path.
    pub paths: BTreeMap<String, Group>,
    /// What could not be read: how often for each reason, and where first.
    pub unreadable: BTreeMap<&'static str, (u64, Place)>,
}

fn values<K, V: Serialize, S: Serializer>(map: &BTreeMap<K, V>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(map.values())
}

impl Report {
    /// Every deviation.
    pub fn deviations(&self) -> impl Iterator<Item = &Deviation> {
        let groups = self.paths.values();
        groups.flat_map(|group| group.deviations.values())
    }

    /// The number of answers that were read, and of items in them.
    pub fn read(&self) -> (u64, u64) {
        let answers = self.paths.get(ANSWER).map_or(0, |group| group.items);
        let all: u64 = self.paths.values().map(|group| group.items).sum();
        (answers, all - answers)
    }

    /// Whether everything was read and nothing differs.
    pub fn is_clean(&self) -> bool {
        self.deviations().next().is_none() && self.unreadable.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = self.paths.iter();
        for (path, group) in paths.filter(|(_, group)| !group.deviations.is_empty()) {
            let of = count(group.items, if path == ANSWER { "answer" } else { "item" });
            writeln!(f, "{path}: {of}")?;
            for it in group.deviations.values() {
                writeln!(f, "  {}", it.message)?;
                writeln!(f, "    {} of {of}, first {}", it.items, it.first)?;
                for change in &it.suggestions {
                    let under = change.pointer.trim_start_matches('/').replace("~1", "/");
                    let Suggestion {
                        spec,
                        line,
                        action,
                        lines,
                        ..
                    } = change;
                    writeln!(f, "    {spec}:{line}, {under}: {action}")?;
                    for line in lines {
                        writeln!(f, "        {line}")?;
                    }
                }
            }
            writeln!(f)?;
        }
        for (reason, (times, first)) in &self.unreadable {
            writeln!(f, "{reason}: {}, first {first}\n", count(*times, "time"))?;
        }
        let (answers, items) = self.read();
        let read = [(self.files, "file"), (answers, "answer"), (items, "item")];
        let read = read.map(|(number, noun)| count(number, noun)).join(", ");
        let found = count(self.deviations().count() as u64, "deviation");
        writeln!(f, "{read} read: {found}")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        match self.item.as_str() {
            "" => Ok(()),
            item => write!(f, " ({item})"),
        }
    }
}

fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
