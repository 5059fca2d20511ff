//! The nodes of a spec's tree, with their positions in the text.
//!
//! Invariant: every node's span is a byte range of its text.

use std::ops::Range;

use serde_json::Value;

/// A YAML node with its position.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its byte range in the text.
    pub span: Range<usize>,
    /// Its contents.
    pub data: Data,
}

/// The contents of a node.
#[derive(Debug, Clone)]
pub enum Data {
    /// `null`, a boolean, a number or a string.
    Scalar(Value),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<(Key, Node)>),
}

/// A mapping's key with its position.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key as text; `200:` and `'200':` are the same.
    pub text: String,
    /// Its byte range in the text.
    pub span: Range<usize>,
}

impl Node {
    /// The member of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find_map(|(k, node)| (k.text == key).then_some(node))
    }

    /// The entries of a mapping; none for other nodes.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.data {
            Data::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The elements of a sequence; none for other nodes.
    pub fn elements(&self) -> &[Node] {
        match &self.data {
            Data::List(elements) => elements,
            _ => &[],
        }
    }

    /// The entries of a member that is a mapping.
    pub fn members(&self, key: &str) -> &[(Key, Node)] {
        self.get(key).map_or(&[], Node::entries)
    }

    /// The elements of a member that is a sequence.
    pub fn list(&self, key: &str) -> &[Node] {
        self.get(key).map_or(&[], Node::elements)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The text of a mapping's string member.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::as_str)
    }

    /// Whether a mapping's member is `true`.
    pub fn is_true(&self, key: &str) -> bool {
        matches!(
            self.get(key).map(|node| &node.data),
            Some(Data::Scalar(Value::Bool(true)))
        )
    }

    /// The strings of a mapping's member that is a list of them.
    pub fn texts(&self, key: &str) -> Vec<String> {
        self.get(key).map_or_else(Vec::new, |node| {
            node.elements()
                .iter()
                .filter_map(Node::as_str)
                .map(str::to_owned)
                .collect()
        })
    }

    /// A mapping's number member.
    pub fn number(&self, key: &str) -> Option<f64> {
        match &self.get(key)?.data {
            Data::Scalar(value) => value.as_f64(),
            _ => None,
        }
    }

    /// The tree as a JSON value, without positions.
    pub fn to_value(&self) -> Value {
        match &self.data {
            Data::Scalar(value) => value.clone(),
            Data::List(elements) => elements.iter().map(Node::to_value).collect(),
            Data::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.text.clone(), node.to_value()))
                .collect(),
        }
    }

    pub(super) fn step(&self, step: &str) -> Option<(Option<&Key>, &Node)> {
        match &self.data {
            Data::Map(entries) => entries
                .iter()
                .find_map(|(key, node)| (key.text == step).then_some((Some(key), node))),
            Data::List(elements) => Some((None, elements.get(step.parse::<usize>().ok()?)?)),
            Data::Scalar(_) => None,
        }
    }
}

/// Escapes one step of a JSON pointer (RFC 6901).
pub fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

pub(super) fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}
