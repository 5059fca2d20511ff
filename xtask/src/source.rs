//! A spec as text and as a tree with the position of each node.
//!
//! Invariant: every node's span is a byte range of its text, so that findings can always
//! be drawn in the source.

mod node;
mod reader;

use crate::finding::{Finding, Rule};
use node::unescape;
pub use node::{Data, Key, Node, escape};
use reader::Reader;

/// One spec file: its displayed name, its text and its tree.
#[derive(Debug)]
pub struct Source {
    /// Path from the workspace root, with forward slashes.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// The document's root.
    pub root: Node,
    /// Syntax findings that did not stop the parser.
    pub faults: Vec<Finding>,
}

impl Source {
    /// Reads a spec. Fails with findings if the YAML cannot be parsed. Other syntax faults
    /// are kept with the tree.
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
                    "fix the syntax here or just above; the rest of the file was not read",
                ));
                Err(reader.findings)
            }
        }
    }

    /// The node at a JSON pointer, if there is one.
    pub fn at(&self, pointer: &str) -> Option<&Node> {
        self.entry(pointer).map(|(_, node)| node)
    }

    /// The node at a JSON pointer, with its key if it is a member of a mapping.
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
