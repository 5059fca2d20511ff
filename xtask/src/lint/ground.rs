//! The state shared by all checks: the spec, the findings so far, and JSON pointers.
//!
//! Invariant: every finding is drawn at an existing node, and duplicates are dropped.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::finding::{Finding, Rule};
use crate::source::{Data, Key, Node, Source, escape};

/// A spec and its findings so far.
pub(super) struct Lint<'a> {
    pub(super) source: &'a Source,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Lint<'a> {
    pub(super) fn root(&self) -> &'a Node {
        &self.source.root
    }

    pub(super) fn schemas(&self) -> &'a [(Key, Node)] {
        self.source
            .at("/components/schemas")
            .map_or(&[], Node::entries)
    }

    /// Reports a node. A scalar is marked directly, any other node at its key.
    pub(super) fn at(&mut self, rule: Rule, pointer: &str) -> Fault<'_, 'a> {
        self.fault(rule, self.place(pointer, false))
    }

    /// Reports a member at its key.
    pub(super) fn at_key(&mut self, rule: Rule, pointer: &str) -> Fault<'_, 'a> {
        self.fault(rule, self.place(pointer, true))
    }

    /// Reports the second of two conflicting nodes.
    pub(super) fn clash(&mut self, rule: Rule, pointer: &str, first: &str) -> Fault<'_, 'a> {
        let (_, first) = self.place(first, false);
        let mut fault = self.at(rule, pointer);
        fault.finding.first = Some(first);
        fault
    }

    /// Reports a node whose key conflicts with another.
    pub(super) fn unique<K: Ord>(
        &mut self,
        rule: Rule,
        seen: &mut BTreeMap<K, String>,
        key: K,
        pointer: &str,
    ) -> Fault<'_, 'a> {
        if let Some(first) = seen.get(&key) {
            return self.clash(rule, pointer, first);
        }
        seen.insert(key, pointer.to_owned());
        self.at(rule, pointer).only_if(false)
    }

    /// Reports a missing member, unless a fault at its position was reported.
    pub(super) fn missing(&mut self, rule: Rule, pointer: &str, member: &str) -> Fault<'_, 'a> {
        let unsaid = !self.is_faulty(&step(pointer, member));
        self.at(rule, pointer).only_if(unsaid)
    }

    fn fault(&mut self, rule: Rule, (pointer, span): (&str, Range<usize>)) -> Fault<'_, 'a> {
        let finding = Finding::new(rule, pointer, span, "", "");
        let (lint, holds) = (self, true);
        Fault {
            lint,
            finding,
            holds,
        }
    }

    pub(super) fn is_faulty(&self, pointer: &str) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.pointer == pointer && finding.rule.spoils())
    }

    /// Whether a finding at or below a node makes it unusable for other rules.
    pub(super) fn is_spoilt(&self, pointer: &str) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.rule.spoils() && is_below(&finding.pointer, pointer))
    }

    /// Follows the references at a pointer; without any, returns it unchanged.
    pub(super) fn follow(&self, pointer: &str) -> String {
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

    /// Where a finding is drawn; for a missing node, its nearest existing ancestor.
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
            // An element of a list has no key, so its first line is marked.
            _ => &node.span,
        };
        (pointer, span.clone())
    }
}

/// A finding without its text. `.says(…).help(…)` reports it.
#[must_use = "it is reported by `help`"]
pub(super) struct Fault<'l, 'a> {
    lint: &'l mut Lint<'a>,
    finding: Finding,
    holds: bool,
}

impl Fault<'_, '_> {
    /// Reports nothing if the condition is false.
    pub(super) fn only_if(mut self, holds: bool) -> Self {
        self.holds &= holds;
        self
    }

    /// What is wrong.
    pub(super) fn says(mut self, message: impl Into<String>) -> Self {
        self.finding.message = message.into();
        self
    }

    /// Reports it with advice. Duplicates are dropped: a component that several
    /// operations use is checked several times.
    pub(super) fn help(mut self, help: impl Into<String>) {
        self.finding.help = help.into();
        if self.holds && !self.lint.findings.contains(&self.finding) {
            self.lint.findings.push(self.finding);
        }
    }
}

impl Rule {
    /// Whether the fault makes the node unusable for other rules.
    pub(super) fn spoils(self) -> bool {
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

/// Whether a pointer equals another one or is below it.
pub(super) fn is_below(pointer: &str, above: &str) -> bool {
    pointer
        .strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A pointer extended by one step.
pub(super) fn step(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", escape(key))
}

/// The strings of a list member, each with its pointer.
pub(super) fn texts<'n>(pointer: &str, node: &'n Node, key: &str) -> Vec<(String, &'n str)> {
    let list = step(pointer, key);
    let elements = node.list(key).iter().enumerate();
    elements
        .filter_map(|(index, it)| Some((format!("{list}/{index}"), it.as_str()?)))
        .collect()
}

/// Whether a word has lower-case letters and digits only.
pub(super) fn is_lower(word: &str) -> bool {
    let lower = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    !word.is_empty() && word.chars().all(lower)
}

/// Whether a name begins with a letter and has letters, digits, `_` and `-` only.
pub(super) fn is_plain(name: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    name.starts_with(|letter: char| letter.is_ascii_alphabetic()) && name.chars().all(plain)
}

/// A question with the nearest name, or other help if no name is close.
pub(super) fn did_you_mean<'n>(
    name: &str,
    known: impl Iterator<Item = &'n str>,
    otherwise: impl Into<String>,
) -> String {
    match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => otherwise.into(),
    }
}

/// The nearest name, if one is close.
pub(super) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
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
