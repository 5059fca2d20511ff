//! Operations, and the batchable ones: endpoints.
//!
//! Invariant: an endpoint is an operation with a batch path.

use serde_json::Value;

use super::document::{RawOperation, component, json_content, prose};
use super::schema::Type;
use crate::source::Node;

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `operationId`.
    pub id: String,
    /// Method in lower case.
    pub method: String,
    /// URL template.
    pub url: String,
    /// Component of the success body, if it is a reference.
    pub body: Option<String>,
    /// Component of the request body.
    pub request: Option<String>,
    /// One-line summary.
    pub summary: String,
    /// Longer description.
    pub description: String,
    /// Path, query and header parameters.
    pub parameters: Vec<Parameter>,
    /// Whether it has its own servers. No request is generated for it then.
    pub elsewhere: bool,
}

/// A parameter of an operation.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    /// Whether it is required.
    pub required: bool,
    /// Its type.
    pub kind: Type,
    /// Its description.
    pub description: String,
}

/// A batchable GET.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The operation.
    pub operation: Operation,
    /// The name of the component and of the Rust type.
    pub type_name: String,
    /// The path in a batch.
    pub path: String,
    /// `vehicle` or the make.
    pub tag: String,
    /// The permission; `None` if none is needed.
    pub permission: Option<String>,
    /// The makes that support it; empty if it is not limited to certain makes.
    pub makes: Vec<String>,
    /// Names of the response headers, in lower case.
    pub headers: Vec<String>,
    /// The example body.
    pub example: Value,
}

impl Operation {
    pub(super) fn read<'n>(root: &'n Node, op: &RawOperation<'n>) -> Self {
        let body = |node: Option<&Node>| component(json_content(node?)?.get("schema")?);
        let parameter = |node: &Node| {
            Some(Parameter {
                name: node.text("name")?.to_owned(),
                place: node.text("in")?.to_owned(),
                required: node.is_true("required"),
                kind: node.get("schema").map_or(Type::Any, Type::read),
                description: prose(node, "description"),
            })
        };
        Self {
            id: prose(op.node, "operationId"),
            method: op.method.to_owned(),
            url: op.url.to_owned(),
            body: body(op.success(root)),
            request: body(op.node.get("requestBody")),
            summary: prose(op.node, "summary"),
            description: prose(op.node, "description"),
            parameters: op.parameters(root).filter_map(parameter).collect(),
            elsewhere: op.elsewhere(),
        }
    }

    /// The number of parameters in a location.
    pub fn parameters_in(&self, place: &str) -> usize {
        let parameters = self.parameters.iter();
        parameters
            .filter(|parameter| parameter.place == place)
            .count()
    }
}

impl Endpoint {
    pub(super) fn read<'n>(root: &'n Node, op: &RawOperation<'n>) -> Option<Self> {
        let success = op.success(root)?;
        let content = json_content(success)?;
        let headers = success.get("headers").map_or(&[][..], Node::entries).iter();
        let permission = op.node.text("x-smartcar-permission").unwrap_or("none");
        Some(Self {
            type_name: component(content.get("schema")?)?,
            path: op.batch_path(root)?,
            tag: op.node.texts("tags").into_iter().next()?,
            permission: (permission != "none").then(|| permission.to_owned()),
            makes: op.node.texts("x-smartcar-makes"),
            headers: headers
                .map(|(key, _)| key.text.to_ascii_lowercase())
                .collect(),
            example: content
                .get("example")
                .map(Node::to_value)
                .unwrap_or_default(),
            operation: Operation::read(root, op),
        })
    }
}
