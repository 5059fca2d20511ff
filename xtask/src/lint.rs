//! Every fault of a spec, found in one run, before a generator sees it.
//!
//! Invariant: a spec without findings cannot make progenitor panic, and every
//! generator may rely on what is checked here. Each check passes over what
//! another one reports, so that one fault is one finding.

mod bodies;
mod document;
mod errors;
mod examples;
mod mapping;
mod members;
mod operations;
mod parameters;
mod paths;
mod reach;
mod schemas;
mod shape;
mod shared;
mod signals;
mod simulated;
mod values;
pub(crate) mod vocabulary;

use std::ops::Range;

use crate::finding::{Finding, Rule};
use crate::source::{Data, Key, Node, Source, escape};

/// Lints a spec by itself.
pub fn lint(source: &Source) -> Vec<Finding> {
    lint_beside(source, None)
}

/// Lints a spec and what it says of the other version's: where bodies come from
/// there, and what the two share.
pub fn lint_beside(source: &Source, other: Option<&Source>) -> Vec<Finding> {
    let mut lint = Lint {
        source,
        findings: source.faults.clone(),
    };
    document::version(&mut lint);
    shape::check(&mut lint);
    paths::check(&mut lint);
    operations::check(&mut lint);
    schemas::check(&mut lint);
    errors::check(&mut lint);
    signals::check(&mut lint);
    if let Some(other) = other {
        mapping::check(&mut lint, other);
        shared::check(&mut lint, other);
    }
    reach::check(&mut lint);
    examples::check(&mut lint);
    document::types(&mut lint);
    lint.findings
}

struct Lint<'a> {
    source: &'a Source,
    findings: Vec<Finding>,
}

impl<'a> Lint<'a> {
    fn root(&self) -> &'a Node {
        &self.source.root
    }

    fn schemas(&self) -> &'a [(Key, Node)] {
        self.source
            .at("/components/schemas")
            .map_or(&[], Node::entries)
    }

    /// Reports a node: a scalar is marked itself, anything else by its key.
    fn at(
        &mut self,
        rule: Rule,
        pointer: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (pointer, span) = self.place(pointer, false);
        self.add(Finding::new(rule, pointer, span, message, help));
    }

    /// Reports a member, not what it holds.
    fn at_key(
        &mut self,
        rule: Rule,
        pointer: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (pointer, span) = self.place(pointer, true);
        self.add(Finding::new(rule, pointer, span, message, help));
    }

    /// Reports the second of two nodes that clash.
    fn clash(
        &mut self,
        rule: Rule,
        pointer: &str,
        first: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (pointer, span) = self.place(pointer, false);
        let (_, first) = self.place(first, false);
        self.add(Finding::new(rule, pointer, span, message, help).with_first(first));
    }

    /// Reports that a member is missing, unless what stands there was reported.
    fn missing(
        &mut self,
        rule: Rule,
        pointer: &str,
        member: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if !self.is_faulty(&step(pointer, member)) {
            self.at(rule, pointer, message, help);
        }
    }

    /// A component that many operations name is walked many times.
    fn add(&mut self, finding: Finding) {
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn is_faulty(&self, pointer: &str) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.pointer == pointer && finding.rule.spoils())
    }

    /// Whether anything at or below a node keeps it from being understood.
    fn is_spoilt(&self, pointer: &str) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.rule.spoils() && is_below(&finding.pointer, pointer))
    }

    /// Where the references at a pointer lead; itself where there are none.
    fn follow(&self, pointer: &str) -> String {
        let mut pointer = pointer.to_owned();
        for _ in 0..16 {
            let target = self.source.at(&pointer).and_then(|node| node.text("$ref"));
            let Some(target) = target.and_then(|target| target.strip_prefix('#')) else {
                break;
            };
            target.clone_into(&mut pointer);
        }
        pointer
    }

    /// Where a finding is drawn; of what is not there, the nearest that is.
    fn place<'p>(&self, pointer: &'p str, key: bool) -> (&'p str, Range<usize>) {
        let Some((name, node)) = self.source.entry(pointer) else {
            return pointer
                .rsplit_once('/')
                .map_or(("", 0..0), |(above, _)| self.place(above, key));
        };
        let small = matches!(node.data, Data::Scalar(_))
            && !node.span.is_empty()
            && !self.source.text[node.span.clone()].contains('\n');
        let span = match name {
            Some(name) if key || !small => &name.span,
            // An element of a list has no key: it is marked by its first line.
            _ => &node.span,
        };
        (pointer, span.clone())
    }
}

impl Rule {
    /// Whether what it reports keeps other rules from understanding the node.
    fn spoils(self) -> bool {
        matches!(
            self,
            Rule::Syntax
                | Rule::Shape
                | Rule::DanglingRef
                | Rule::Unsupported
                | Rule::UnknownMember
                | Rule::RefSibling
        )
    }
}

/// Whether a pointer is another one or leads below it.
fn is_below(pointer: &str, above: &str) -> bool {
    pointer
        .strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A pointer one step further.
fn step(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", escape(key))
}

/// The nearest of some names, if one is near.
fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let lower = name.to_lowercase();
    known
        .map(|other| {
            let ratio = similar::TextDiff::from_chars(&lower, other.to_lowercase()).ratio();
            (other, ratio)
        })
        .filter(|(_, ratio)| *ratio > 0.7)
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .map(|(other, _)| other)
}
