//! The report of an audit, as text and JSON.
//!
//! Invariant: memory is constant per kind of deviation, and the output is sorted, so
//! that the same recordings give the same bytes.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use super::shape::Shape;

/// Maximum number of distinct deviations per path, and of paths.
pub const CAP: usize = 256;

/// The path of deviations of a whole response.
pub const ANSWER: &str = "(response)";

/// A place in the recordings: a file, a line, and an item such as `responses[2]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the struct's doc describes the fields")]
pub struct Place {
    pub file: String,
    pub line: usize,
    pub item: String,
}

/// A suggested change of the spec: YAML lines for the node at a JSON pointer, which
/// gives the indentation. Without lines, it only points to the node.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "the struct's doc describes the fields")]
pub struct Suggestion {
    pub spec: String,
    pub line: usize,
    pub pointer: String,
    pub action: &'static str,
    pub lines: Vec<String>,
}

/// One deviation: what it is, its count, its first position, and suggested changes
/// of the spec.
#[derive(Debug, Default, Serialize)]
#[allow(missing_docs, reason = "the struct's doc describes the fields")]
pub struct Deviation {
    pub kind: &'static str,
    pub message: String,
    pub items: u64,
    pub times: u64,
    pub first: Place,
    pub suggestions: Vec<Suggestion>,
    /// The observed values, for undeclared members.
    #[serde(skip)]
    pub shape: Shape,
    /// Position of the last count.
    #[serde(skip)]
    pub last: Place,
}

/// The deviations of one path.
#[derive(Debug, Default, Serialize)]
pub struct Group {
    /// Number of items, or of whole responses.
    pub items: u64,
    /// By position, kind and message.
    #[serde(serialize_with = "values")]
    pub deviations: BTreeMap<(String, &'static str, String), Deviation>,
}

/// The outcome of an audit.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Number of files opened.
    pub files: u64,
    /// By path.
    pub paths: BTreeMap<String, Group>,
    /// Unreadable parts: count and first position per reason.
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

    /// The number of responses read, and of their items.
    pub fn read(&self) -> (u64, u64) {
        let answers = self.paths.get(ANSWER).map_or(0, |group| group.items);
        let all: u64 = self.paths.values().map(|group| group.items).sum();
        (answers, all - answers)
    }

    /// Whether everything was readable and nothing deviates.
    pub fn is_clean(&self) -> bool {
        self.deviations().next().is_none() && self.unreadable.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = self.paths.iter();
        for (path, group) in paths.filter(|(_, group)| !group.deviations.is_empty()) {
            let of = count(
                group.items,
                if path == ANSWER { "response" } else { "item" },
            );
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
        let read = [(self.files, "file"), (answers, "response"), (items, "item")];
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
