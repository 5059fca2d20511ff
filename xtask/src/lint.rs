//! Every fault of a spec, found in one run, before a generator sees it.
//!
//! Invariant: a spec without findings cannot make progenitor panic, and every
//! generator may rely on what is checked here.

mod document;
mod examples;
mod operations;
mod schemas;

use crate::finding::{Finding, Rule};
use crate::source::{Key, Node, Source, escape};

/// Lints a spec.
pub fn lint(source: &Source) -> Vec<Finding> {
    let mut lint = Lint {
        source,
        findings: Vec::new(),
    };
    if !document::check(&mut lint) {
        return lint.findings;
    }
    operations::check(&mut lint);
    schemas::check(&mut lint);
    // A schema that is wrong makes its examples' findings noise.
    if lint.findings.is_empty() {
        examples::check(&mut lint);
    }
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

    fn at_key(&mut self, rule: Rule, pointer: &str, key: &Key, message: String, help: &str) {
        let finding = Finding::new(rule, pointer, key.span.clone(), message, help);
        self.findings.push(finding);
    }

    fn at_node(&mut self, rule: Rule, pointer: &str, node: &Node, message: String, help: &str) {
        let finding = Finding::new(rule, pointer, node.span.clone(), message, help);
        self.findings.push(finding);
    }
}

/// A pointer one step further.
fn step(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", escape(key))
}
