//! Lint findings as data, and their two renderings: drawn in the source, and JSON.
//!
//! Invariant: a finding has a position, a message and advice.

mod rule;

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::json;

pub use rule::Rule;

/// One fault of a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The violated rule.
    pub rule: Rule,
    /// JSON pointer to the node; empty for the whole document.
    pub pointer: String,
    /// Byte range in the source.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// How to fix it.
    pub help: String,
    /// The position of the other node, if two conflict.
    pub first: Option<Range<usize>>,
}

impl Finding {
    /// A finding at a position.
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
            first: None,
        }
    }

    /// The same, with the position of the first of two conflicting nodes.
    #[must_use]
    pub fn with_first(mut self, first: Range<usize>) -> Self {
        self.first = Some(first);
        self
    }
}

/// The findings of one spec file, with its text.
#[derive(Debug)]
pub struct Findings {
    /// Path from the workspace root.
    pub file: String,
    /// The file's text.
    pub text: String,
    /// In the order of the text.
    pub list: Vec<Finding>,
}

impl Findings {
    /// Sorted by position, so that a maintainer can fix them from the top.
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

    /// Draws the findings in the source, each under `file:line: pointer: message`.
    pub fn draw(&self, renderer: &Renderer) -> String {
        let mut drawn = String::new();
        for finding in &self.list {
            let (line, _) = self.position(finding.span.start);
            drawn.push_str(&format!("{}:{line}: ", self.file));
            // In RFC 6901 the empty pointer is the whole document.
            if !finding.pointer.is_empty() {
                drawn.push_str(&format!("{}: ", finding.pointer));
            }
            drawn.push_str(&format!("{}\n", finding.message));
            drawn.push_str(&self.drawing(finding, renderer));
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

    /// Only the lines from the first to the last mark are passed on, because the library
    /// processes the whole text for each drawing.
    fn drawing(&self, finding: &Finding, renderer: &Renderer) -> String {
        let span = self.first_line(finding.span.clone());
        let first = finding.first.clone().map(|first| self.first_line(first));
        let other = first.clone().unwrap_or_else(|| span.clone());
        let (from, to) = (span.start.min(other.start), span.end.max(other.end));
        let start = self.text[..from].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[to..]
            .find('\n')
            .map_or(self.text.len(), |at| to + at);
        let (line, _) = self.position(start);
        let shift = |span: Range<usize>| span.start - start..span.end - start;
        let mut snippet = Snippet::source(&self.text[start..end])
            .line_start(line)
            .path(self.file.as_str())
            .annotation(
                AnnotationKind::Primary
                    .span(shift(span))
                    .label(finding.message.as_str()),
            );
        if let Some(first) = first {
            snippet = snippet.annotation(
                AnnotationKind::Context
                    .span(shift(first))
                    .label("first here"),
            );
        }
        let code = finding.rule.code();
        let group = Level::ERROR
            .primary_title(finding.rule.name())
            .id(code.as_str())
            .element(snippet)
            .element(Level::HELP.message(wrap(&finding.help)));
        renderer.render(&[group])
    }

    /// One JSON object, for CI.
    pub fn json(&self) -> serde_json::Value {
        json(std::slice::from_ref(self))
    }

    fn places(&self) -> impl Iterator<Item = serde_json::Value> {
        self.list.iter().map(|finding| {
            let (line, column) = self.position(finding.span.start);
            json!({
                "file": self.file,
                "line": line,
                "column": column,
                "pointer": finding.pointer,
                "code": finding.rule.code(),
                "rule": finding.rule.name(),
                "message": finding.message,
                "help": finding.help,
            })
        })
    }

    /// Line and column of a byte offset, both counted from one.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..offset.min(self.text.len())];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before[start..].chars().count() + 1)
    }

    /// A node can span hundreds of lines, so only the first is marked.
    fn first_line(&self, span: Range<usize>) -> Range<usize> {
        let start = span.start.min(self.text.len());
        let end = span.end.clamp(start, self.text.len());
        let line = self.text[start..end]
            .find('\n')
            .map_or(end, |at| start + at);
        start..line.max(start)
    }
}

/// The findings of several files as one JSON object, for CI.
pub fn json(files: &[Findings]) -> serde_json::Value {
    let findings: Vec<_> = files.iter().flat_map(Findings::places).collect();
    json!({ "findings": findings })
}

/// Wraps the text, because the library does not.
fn wrap(text: &str) -> String {
    const WIDTH: usize = 86;
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.pop().unwrap_or_default();
        if line.is_empty() {
            lines.push(word.to_owned());
        } else if line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.extend([line, word.to_owned()]);
        } else {
            lines.push(format!("{line} {word}"));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_generator_is_drawn_as_any_other_finding() {
        let finding = Finding::new(
            Rule::Generator,
            "",
            0..0,
            "the generator of types.rs failed: not yet implemented",
            "please report this bug with the spec",
        );
        let findings = Findings::new("spec/a.yaml", "openapi: 3.0.3\n", vec![finding]);
        let drawn = findings.draw(&Renderer::plain());
        assert!(
            drawn.starts_with(
                "spec/a.yaml:1: the generator of types.rs failed: not yet implemented\n\
                 error[S24]: generator failed\n"
            ),
            "{drawn}"
        );
        assert!(
            drawn.contains("= help: please report this bug with the spec"),
            "{drawn}"
        );
        assert!(drawn.ends_with("spec/a.yaml: 1 finding; xtask/RULES.md explains each code\n"));
    }

    #[test]
    fn a_code_is_the_place_in_the_list() {
        for (index, rule) in Rule::ALL.iter().enumerate() {
            assert_eq!(rule.code(), format!("S{:02}", index + 1));
        }
        assert_eq!(Rule::Generator.code(), "S24", "codes are stable");
        assert_eq!(Rule::MissingType.code(), "S31", "codes are stable");
        assert_eq!(Rule::Simulated.code(), "S32", "codes are stable");
    }
}
