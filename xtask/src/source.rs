//! The spec as text and as a tree that remembers where each node stands.
//!
//! Invariant: every node's span is a byte range of the text it was read from,
//! so that a finding can always be drawn in the source.

mod node;
mod reader;

use crate::finding::{Finding, Rule};
use node::unescape;
pub use node::{Data, Key, Node, escape};
use reader::Reader;

/// One spec file: its name as it is shown, its text and its tree.
#[derive(Debug)]
pub struct Source {
    /// Path from the workspace root, with forward slashes.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// The document's root.
    pub root: Node,
    /// What the syntax has against it although it can be read.
    pub faults: Vec<Finding>,
}

impl Source {
    /// Reads a spec. Where its syntax ends the reading, the findings say so;
    /// other faults of the syntax are kept with what could be read.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Finding>> {
        let mut reader = Reader::new(text);
        match reader.document() {
            Ok(root) => Ok(Self {
                name: name.to_owned(),
                text: text.to_owned(),
                root,
                faults: reader.findings,
            }),
            Err(error) => {
                let at = reader.offset(error.marker());
                reader.findings.push(Finding::new(
                    Rule::Syntax,
                    "",
                    at..at,
                    format!("not YAML: {}", error.info()),
                    "mend the syntax at or just above this place; what follows was not read",
                ));
                Err(reader.findings)
            }
        }
    }

    /// The node at a JSON pointer, if there is one.
    pub fn at(&self, pointer: &str) -> Option<&Node> {
        self.entry(pointer).map(|(_, node)| node)
    }

    /// The node at a JSON pointer with its key, where it is a mapping's member.
    pub fn entry(&self, pointer: &str) -> Option<(Option<&Key>, &Node)> {
        pointer
            .split('/')
            .skip(1)
            .map(unescape)
            .try_fold((None, &self.root), |(_, node), step| node.step(&step))
    }

    /// The line of a byte offset, counted from one.
    pub fn line(&self, offset: usize) -> usize {
        self.text[..offset.min(self.text.len())]
            .matches('\n')
            .count()
            + 1
    }
}
