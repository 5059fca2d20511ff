//! Access to the OpenAPI document: operations, references, bodies.
//!
//! Invariant: works on specs with faults too, because the lint uses it.

use crate::source::{Key, Node};

/// The prefix of every URL that names a vehicle.
pub const VEHICLE_PREFIX: &str = "/vehicles/{id}";

/// The methods of a path item.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// An operation with its position in the document.
#[derive(Debug)]
pub struct RawOperation<'a> {
    /// URL template.
    pub url: &'a str,
    /// Method in lower case.
    pub method: &'a str,
    /// The operation's key, for its position.
    pub key: &'a Key,
    /// The path item.
    pub item: &'a Node,
    /// The operation.
    pub node: &'a Node,
}

/// Every operation, in the order of the file.
pub fn operations(root: &Node) -> impl Iterator<Item = RawOperation<'_>> {
    let paths = root.get("paths").map_or(&[][..], Node::entries).iter();
    paths.flat_map(|(url, item)| {
        let operations = item.entries().iter();
        operations
            .filter(|(key, _)| METHODS.contains(&key.text.as_str()))
            .map(move |(key, node)| RawOperation {
                url: &url.text,
                method: &key.text,
                key,
                item,
                node,
            })
    })
}

impl<'n> RawOperation<'n> {
    /// The path in a batch, if the operation is batchable.
    pub fn batch_path(&self, root: &'n Node) -> Option<String> {
        let rest = self.url.strip_prefix(VEHICLE_PREFIX)?;
        let get = self.method == "get";
        let refused = self.node.get("x-smartcar-batchable").is_some()
            && !self.node.is_true("x-smartcar-batchable");
        let required_query = self
            .parameters(root)
            .any(|p| p.text("in") == Some("query") && p.is_true("required"));
        if !get || refused || required_query {
            return None;
        }
        match rest {
            "" => Some("/".to_owned()),
            rest if rest.starts_with('/') => Some(rest.to_owned()),
            _ => None,
        }
    }

    /// Whether it has its own server.
    pub fn elsewhere(&self) -> bool {
        [self.item, self.node]
            .iter()
            .any(|node| node.get("servers").is_some())
    }

    /// Its parameters and those of the path item, with references resolved.
    pub fn parameters(&self, root: &'n Node) -> impl Iterator<Item = &'n Node> + use<'n> {
        [self.item, self.node]
            .into_iter()
            .filter_map(|node| node.get("parameters"))
            .flat_map(Node::elements)
            .filter_map(move |parameter| resolve(root, parameter))
    }

    /// The 200 response, with references resolved.
    pub fn success(&self, root: &'n Node) -> Option<&'n Node> {
        resolve(root, self.node.get("responses")?.get("200")?)
    }
}

/// The named schemas, in the order of the file.
pub(super) fn components(root: &Node) -> &[(Key, Node)] {
    root.get("components")
        .and_then(|components| components.get("schemas"))
        .map_or(&[], Node::entries)
}

/// Resolves a local `$ref`. A node without one is returned unchanged.
pub fn resolve<'a>(root: &'a Node, node: &'a Node) -> Option<&'a Node> {
    let mut node = node;
    for _ in 0..16 {
        let Some(reference) = node.text("$ref") else {
            return Some(node);
        };
        node = reference
            .strip_prefix("#/")?
            .split('/')
            .try_fold(root, |node, step| {
                node.get(&step.replace("~1", "/").replace("~0", "~"))
            })?;
    }
    None
}

/// The JSON media type of a response or request body.
pub fn json_content(node: &Node) -> Option<&Node> {
    node.get("content")?.get("application/json")
}

/// The component that a schema refers to.
pub fn component(schema: &Node) -> Option<String> {
    schema
        .text("$ref")?
        .strip_prefix("#/components/schemas/")
        .map(str::to_owned)
}

/// A member's trimmed text; empty if it is missing.
pub(super) fn prose(node: &Node, key: &str) -> String {
    node.text(key).unwrap_or_default().trim().to_owned()
}
