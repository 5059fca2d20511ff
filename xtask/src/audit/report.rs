//! What an audit says, for a person and for a machine.
//!
//! Invariant: sorted, so that the same recordings give the same bytes.

use serde::Serialize;

use super::book::Book;
use super::message::{advice, message};
use super::suggest::{Suggestion, suggest};
use super::tally::{At, BATCH, Count, Tally};

/// A place in a recording.
#[derive(Debug, Serialize)]
pub struct Place {
    /// The file as it was named.
    pub file: String,
    /// Line, counted from one.
    pub line: usize,
    /// Index in `responses`.
    pub item: Option<usize>,
}

/// One deviation.
#[derive(Debug, Serialize)]
pub struct Deviation {
    /// Stable word for the kind.
    pub kind: &'static str,
    /// Where in the answer.
    pub place: String,
    /// In words.
    pub message: String,
    /// Items with it.
    pub items: u64,
    /// Items of the path.
    pub of: u64,
    /// Times in all.
    pub times: u64,
    /// The first.
    pub first: Place,
    /// What to change in the spec.
    pub suggestions: Vec<Suggestion>,
    /// What to do where there is no such line.
    pub advice: Option<&'static str>,
}

/// The deviations of one path.
#[derive(Debug, Serialize)]
pub struct PathReport {
    /// The batch path, or a name in brackets.
    pub path: String,
    /// Its items; of the batch, its answers.
    pub items: u64,
    /// Those with 200.
    pub good: u64,
    /// Sorted by place.
    pub deviations: Vec<Deviation>,
}

/// A documented irregular form.
#[derive(Debug, Serialize)]
pub struct Irregular {
    /// The batch path.
    pub path: String,
    /// Where in the answer.
    pub place: String,
    /// The form's name.
    pub form: String,
    /// Items with it.
    pub items: u64,
    /// The first.
    pub first: Place,
}

/// What could not be read for one reason.
#[derive(Debug, Serialize)]
pub struct Unreadable {
    /// Why.
    pub reason: &'static str,
    /// How many lines or files.
    pub count: u64,
    /// The first of them.
    pub places: Vec<Place>,
}

/// The outcome of an audit.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The spec's file.
    pub spec: String,
    /// Files that were opened.
    pub files: usize,
    /// Answers that were read.
    pub answers: u64,
    /// Items that were read.
    pub items: u64,
    /// Kinds of deviations.
    pub deviations: usize,
    /// Those that have any, sorted by path.
    pub paths: Vec<PathReport>,
    /// Forms that the spec names.
    pub irregular: Vec<Irregular>,
    /// What could not be read.
    pub unreadable: Vec<Unreadable>,
}

/// Makes a report.
pub fn report(book: &Book<'_>, tally: &Tally) -> Report {
    let place = |at: At| Place {
        file: tally.files.get(at.file).cloned().unwrap_or_default(),
        line: at.line,
        item: at.item,
    };
    let paths: Vec<_> = tally
        .groups
        .iter()
        .filter(|(_, group)| !group.found.is_empty())
        .map(|(path, group)| PathReport {
            path: path.clone(),
            items: group.items,
            good: group.good,
            deviations: group
                .found
                .iter()
                .map(|((at, kind), found)| {
                    let suggestions = suggest(book, path, kind, found);
                    let Count {
                        items,
                        times,
                        first,
                        ..
                    } = found.count;
                    Deviation {
                        kind: kind.code(),
                        place: at.clone(),
                        message: message(at, kind, found),
                        items,
                        of: group.items,
                        times,
                        first: place(first),
                        advice: suggestions.is_empty().then(|| advice(kind)),
                        suggestions,
                    }
                })
                .collect(),
        })
        .collect();
    Report {
        spec: book.source.name.clone(),
        files: tally.files.len(),
        answers: tally.answers,
        items: tally.items,
        deviations: paths.iter().map(|path| path.deviations.len()).sum(),
        paths,
        irregular: tally
            .irregular
            .iter()
            .map(|((path, at, form), count)| Irregular {
                path: path.clone(),
                place: at.clone(),
                form: form.clone(),
                items: count.items,
                first: place(count.first),
            })
            .collect(),
        unreadable: tally
            .lost
            .iter()
            .map(|(reason, lost)| Unreadable {
                reason,
                count: lost.count,
                places: lost.places.iter().map(|at| place(*at)).collect(),
            })
            .collect(),
    }
}

impl Report {
    /// Whether everything was read and nothing differs.
    pub fn is_clean(&self) -> bool {
        self.paths.is_empty() && self.unreadable.is_empty()
    }

    /// The report for a person; `verbose` lists the known irregular forms too.
    pub fn text(&self, verbose: bool) -> String {
        let mut text = String::new();
        for path in &self.paths {
            text.push_str(&format!(
                "{}: {}, {} good\n",
                path.path,
                count(path.items, noun(&path.path)),
                path.good
            ));
            for deviation in &path.deviations {
                self.deviation(deviation, noun(&path.path), &mut text);
            }
            text.push('\n');
        }
        if verbose && !self.irregular.is_empty() {
            text.push_str("known irregular forms, as x-smartcar-irregular names them:\n");
            for form in &self.irregular {
                text.push_str(&format!(
                    "  {} {}: {}, {}, first {}\n",
                    form.path,
                    form.place,
                    form.form,
                    count(form.items, "item"),
                    form.first.text()
                ));
            }
            text.push('\n');
        }
        for unreadable in &self.unreadable {
            text.push_str(&format!(
                "{}: {}\n",
                unreadable.reason,
                count(unreadable.count, "time")
            ));
            for place in &unreadable.places {
                text.push_str(&format!("  {}\n", place.text()));
            }
            if unreadable.count > unreadable.places.len() as u64 {
                text.push_str("  …\n");
            }
            text.push('\n');
        }
        let hint = if verbose {
            ""
        } else {
            " (--verbose lists them)"
        };
        text.push_str(&format!(
            "{}, {}, {} read: {}, {}{}\n",
            count(self.files as u64, "file"),
            count(self.answers, "answer"),
            count(self.items, "item"),
            count(self.deviations as u64, "deviation"),
            count(self.irregular.len() as u64, "known irregular form"),
            if self.irregular.is_empty() { "" } else { hint },
        ));
        text
    }

    fn deviation(&self, deviation: &Deviation, noun: &str, text: &mut String) {
        text.push_str(&format!(
            "  {}\n    {} of {}, first {}\n",
            deviation.message,
            deviation.items,
            count(deviation.of, noun),
            deviation.first.text()
        ));
        if let Some(advice) = deviation.advice {
            text.push_str(&format!("    {advice}\n"));
        }
        for suggestion in &deviation.suggestions {
            let word = match suggestion.action {
                "replace" => "replace by",
                other => other,
            };
            let under = suggestion
                .pointer
                .trim_start_matches('/')
                .replace("~1", "/");
            text.push_str(&format!(
                "    {}:{}, {under}: {word}\n",
                self.spec, suggestion.line
            ));
            for line in &suggestion.lines {
                text.push_str(&format!("        {line}\n"));
            }
        }
    }
}

impl Place {
    fn text(&self) -> String {
        let item = self
            .item
            .map_or_else(String::new, |item| format!(" (responses[{item}])"));
        format!("{}:{}{item}", self.file, self.line)
    }
}

fn noun(path: &str) -> &'static str {
    if path == BATCH { "answer" } else { "item" }
}

fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
