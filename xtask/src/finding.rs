//! What is wrong with a spec, as data, and its two renderings: drawn in the
//! source for a person, JSON for a machine.
//!
//! Invariant: a finding names the place, the fault and the cure.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;
use serde_json::json;

/// A rule of the lint: its code is stable and has a section in `xtask/RULES.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each variant is described in RULES.md under its code")]
pub enum Rule {
    Syntax,
    Version,
    Shape,
    DanglingRef,
    MissingOperationId,
    DuplicateOperationId,
    SuccessBody,
    ErrorBody,
    MissingExample,
    ExampleMismatch,
    MissingPermission,
    SharedBody,
    InlineEnum,
    InlineObject,
    NumberFormat,
    BodyName,
    Unsupported,
    PathParameter,
    Tag,
    Unit,
    Irregular,
    Documentation,
    NameCollision,
    Generator,
}

impl Rule {
    /// Every rule, in the order of its code.
    pub const ALL: &'static [Rule] = &[
        Rule::Syntax,
        Rule::Version,
        Rule::Shape,
        Rule::DanglingRef,
        Rule::MissingOperationId,
        Rule::DuplicateOperationId,
        Rule::SuccessBody,
        Rule::ErrorBody,
        Rule::MissingExample,
        Rule::ExampleMismatch,
        Rule::MissingPermission,
        Rule::SharedBody,
        Rule::InlineEnum,
        Rule::InlineObject,
        Rule::NumberFormat,
        Rule::BodyName,
        Rule::Unsupported,
        Rule::PathParameter,
        Rule::Tag,
        Rule::Unit,
        Rule::Irregular,
        Rule::Documentation,
        Rule::NameCollision,
        Rule::Generator,
    ];

    /// The stable code, `S01` onwards.
    pub fn code(self) -> String {
        format!("S{:02}", self as usize + 1)
    }
}

/// One fault of a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule it breaks.
    pub rule: Rule,
    /// JSON pointer to the node; empty for the whole document.
    pub pointer: String,
    /// Byte range in the source.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

impl Finding {
    /// A finding at a place.
    pub fn new(
        rule: Rule,
        pointer: impl Into<String>,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            pointer: pointer.into(),
            span,
            message: message.into(),
            help: help.into(),
        }
    }
}

/// The findings of one spec file with the text they were found in.
#[derive(Debug)]
pub struct Findings {
    /// Path from the workspace root.
    pub file: String,
    /// The file's text.
    pub text: String,
    /// In the order of the text.
    pub list: Vec<Finding>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    pointer: &'a str,
    code: String,
    message: &'a str,
    help: &'a str,
}

impl Findings {
    /// Sorted by place, so that a maintainer mends from the top.
    pub fn new(file: &str, text: &str, mut list: Vec<Finding>) -> Self {
        list.sort_by(|a, b| {
            (a.span.start, a.rule, &a.pointer).cmp(&(b.span.start, b.rule, &b.pointer))
        });
        Self {
            file: file.to_owned(),
            text: text.to_owned(),
            list,
        }
    }

    /// Drawn in the source, each headed by `file:line: pointer: message`.
    pub fn draw(&self, renderer: &Renderer) -> String {
        let mut drawn = String::new();
        for finding in &self.list {
            let (line, _) = self.position(finding.span.start);
            let pointer = if finding.pointer.is_empty() {
                "/"
            } else {
                &finding.pointer
            };
            let code = finding.rule.code();
            let title = Level::ERROR
                .primary_title(finding.message.as_str())
                .id(code.as_str());
            let group = title
                .element(
                    Snippet::source(self.text.as_str())
                        .path(self.file.as_str())
                        .annotation(
                            AnnotationKind::Primary
                                .span(self.first_line(finding.span.clone()))
                                .label(pointer),
                        ),
                )
                .element(Level::HELP.message(finding.help.as_str()));
            drawn.push_str(&format!(
                "{}:{line}: {pointer}: {}\n",
                self.file, finding.message
            ));
            drawn.push_str(&renderer.render(&[group]));
            drawn.push_str("\n\n");
        }
        let count = self.list.len();
        let noun = if count == 1 { "finding" } else { "findings" };
        drawn.push_str(&format!(
            "{}: {count} {noun}; xtask/RULES.md explains each code\n",
            self.file
        ));
        drawn
    }

    /// One JSON object, for CI.
    pub fn json(&self) -> serde_json::Value {
        let findings: Vec<_> = self
            .list
            .iter()
            .map(|finding| {
                let (line, column) = self.position(finding.span.start);
                Place {
                    file: &self.file,
                    line,
                    column,
                    pointer: &finding.pointer,
                    code: finding.rule.code(),
                    message: &finding.message,
                    help: &finding.help,
                }
            })
            .collect();
        json!({ "findings": findings })
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..offset.min(self.text.len())];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before[start..].chars().count() + 1)
    }

    /// A node may span a hundred lines: its first is where the eye must go.
    fn first_line(&self, span: Range<usize>) -> Range<usize> {
        let start = span.start.min(self.text.len());
        let end = span.end.clamp(start, self.text.len());
        let line = self.text[start..end].find('\n').map_or(end, |at| start + at);
        start..line.max(start)
    }
}
