//! What the spec says, as the generators see it: endpoints, schemas, errors.
//!
//! Invariant: built only from a spec that the lint found no fault in, and in
//! the order of the file, so that tables read as the spec does.

mod mapping;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::source::{Node, Source};

pub use mapping::{Body, Constant, Form, Mapping, Member, Need, Pick, Row, Sourced};

/// The prefix of every URL that names a vehicle.
pub const VEHICLE_PREFIX: &str = "/vehicles/{id}";

/// One version of the API.
#[derive(Debug, Clone)]
pub struct Api {
    /// The spec file's name, for banners.
    pub file: String,
    /// `info.version`.
    pub version: String,
    /// The endpoints that can be batched.
    pub endpoints: Vec<Endpoint>,
    /// Every operation of the file, in its order.
    pub operations: Vec<Operation>,
    /// The schemas of `components`, in the order of the file.
    pub schemas: Vec<Schema>,
    /// The catalogue of API errors (`x-smartcar-errors`).
    pub errors: Vec<ErrorEntry>,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `operationId`.
    pub id: String,
    /// Method in lower case.
    pub method: String,
    /// URL template.
    pub url: String,
    /// Component of the success body, where it is a reference.
    pub body: Option<String>,
    /// Component of the request's body.
    pub request: Option<String>,
    /// One line.
    pub summary: String,
    /// More lines.
    pub description: String,
    /// Path, query and header parameters.
    pub parameters: Vec<Parameter>,
    /// Whether it has servers of its own: no request is generated for it.
    pub elsewhere: bool,
}

/// A parameter of an operation.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    /// Whether it must be given.
    pub required: bool,
    /// Its type.
    pub kind: Type,
    /// Its description.
    pub description: String,
}

/// A GET that can stand in a batch.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// `operationId`.
    pub id: String,
    /// The component's name, and the Rust type's.
    pub type_name: String,
    /// The path in a batch.
    pub path: String,
    /// `vehicle` or the make.
    pub tag: String,
    /// One line.
    pub summary: String,
    /// More lines.
    pub description: String,
    /// The permission, or `None` where none is needed.
    pub permission: Option<String>,
    /// The makes that have it; empty: not restricted to named makes.
    pub makes: Vec<String>,
    /// Names of the query parameters.
    pub query: Vec<String>,
    /// Names of the response headers, lower case.
    pub headers: Vec<String>,
    /// The example body.
    pub example: Value,
}

/// A schema under `components/schemas`.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Whether JSON null may stand for it.
    pub nullable: bool,
    /// Irregular forms that are read too (`x-smartcar-irregular`).
    pub irregular: Vec<String>,
    /// What it is.
    pub kind: Kind,
    /// What gets no Rust type of its own, and why.
    pub untyped: Option<Untyped>,
    /// The signal whose body it is.
    pub signal: Option<Signal>,
    /// What this body is made of on version 3.
    pub mapping: Option<Mapping>,
}

/// Why a component gets no Rust type of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untyped {
    /// The reader takes it apart by hand (`x-smartcar-envelope`).
    Envelope,
    /// It is the type of v2.0 of the same name (`x-smartcar-shared`).
    Shared,
}

/// A signal of version 3.
#[derive(Debug, Clone)]
pub struct Signal {
    /// The code, such as `odometer-traveleddistance`.
    pub code: String,
    /// The group, such as `Odometer`.
    pub group: String,
    /// Its name for people.
    pub title: String,
    /// How certain it is that it exists.
    pub certainty: String,
    /// An example of the body.
    pub example: Value,
}

/// What a schema is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// An object with these properties.
    Object(Vec<Property>),
    /// A string with these known values and what they mean.
    Enum(Vec<(String, String)>),
    /// A list.
    List(Type),
    /// Anything else: it gets no type.
    Other,
}

/// A property of an object.
#[derive(Debug, Clone)]
pub struct Property {
    /// Its name in JSON.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// Whether it is always there.
    pub required: bool,
    /// Whether it can be null.
    pub nullable: bool,
    /// Its unit.
    pub unit: Option<Unit>,
    /// Smallest and largest value.
    pub range: (Option<f64>, Option<f64>),
    /// Its description.
    pub description: String,
    /// Irregular forms that are read too.
    pub irregular: Vec<String>,
}

/// The type of a property or of a list's elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `boolean`.
    Boolean,
    /// `integer`.
    Integer,
    /// `number`.
    Number,
    /// `string`.
    Text,
    /// `string`, `date-time`.
    DateTime,
    /// A component.
    Component(String),
    /// A list of them.
    List(Box<Type>),
    /// Anything.
    Any,
}

/// A unit of measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// The same in both systems.
    Fixed(String),
    /// Converted by the unit system.
    System {
        /// In the metric system.
        metric: String,
        /// In the imperial system.
        imperial: String,
    },
}

/// A row of the error catalogue.
#[derive(Debug, Clone)]
pub struct ErrorEntry {
    /// `type`.
    pub kind: String,
    /// `code`.
    pub code: Option<String>,
    /// HTTP status.
    pub status: u16,
    /// `resolution.type`.
    pub resolution: Option<String>,
    /// `auto`, `wait`, `later` or `no`.
    pub retry: String,
    /// What it means.
    pub description: String,
}

impl Api {
    /// Reads a linted spec.
    pub fn read(source: &Source) -> Self {
        let root = &source.root;
        let operations: Vec<_> = operations(root).collect();
        Self {
            file: source.name.clone(),
            version: root
                .get("info")
                .and_then(|info| info.text("version"))
                .unwrap_or_default()
                .to_owned(),
            endpoints: operations
                .iter()
                .filter_map(|op| endpoint(root, op))
                .collect(),
            operations: operations.iter().map(|op| operation(root, op)).collect(),
            schemas: schemas(root),
            errors: errors(root),
        }
    }

    /// The schema of a name.
    pub fn schema(&self, name: &str) -> Option<&Schema> {
        self.schemas.iter().find(|schema| schema.name == name)
    }

    /// Names of the schemas that get a Rust type: those that a GET's success
    /// body, a request's body or a parameter reaches. (The answer of a batch is
    /// read by the decoder, the error object by a lenient type; both by hand.)
    /// Neither do envelopes and what is v2.0's own get one.
    pub fn typed(&self) -> BTreeSet<String> {
        let mut waiting: Vec<String> = self
            .operations
            .iter()
            .filter(|op| !op.elsewhere)
            .flat_map(|op| {
                let body = (op.method == "get").then(|| op.body.clone()).flatten();
                let parameters = op.parameters.iter();
                let parameters = parameters.filter_map(|parameter| parameter.kind.component());
                body.into_iter()
                    .chain(op.request.clone())
                    .chain(parameters.map(str::to_owned))
            })
            .collect();
        // The façade offers the unit system even if no operation takes it.
        waiting.extend(self.schema("UnitSystem").map(|schema| schema.name.clone()));
        // Which signal a body is follows from its code, not from a reference.
        waiting.extend(self.signals().map(|(name, _)| name.to_owned()));
        self.reached(waiting)
    }

    fn reached(&self, mut waiting: Vec<String>) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            if let Some(schema) = self.schema(&name)
                && reached.insert(name)
            {
                waiting.extend(schema.references());
            }
        }
        reached.retain(|name| {
            self.schema(name)
                .is_some_and(|schema| schema.untyped.is_none())
        });
        reached
    }

    /// The signals with the names of their types, in the order of the file.
    pub fn signals(&self) -> impl Iterator<Item = (&str, &Signal)> {
        self.schemas
            .iter()
            .filter_map(|schema| Some((schema.name.as_str(), schema.signal.as_ref()?)))
    }

    /// Names of the types that signals are made of, themselves among them.
    pub fn signal_types(&self) -> BTreeSet<String> {
        self.reached(self.signals().map(|(name, _)| name.to_owned()).collect())
    }

    /// The make a type belongs to, if its name begins with one.
    pub fn make_of(&self, type_name: &str) -> Option<&str> {
        self.endpoints
            .iter()
            .map(|endpoint| endpoint.tag.as_str())
            .filter(|tag| *tag != "vehicle")
            .find(|tag| {
                type_name
                    .strip_prefix(pascal(tag).as_str())
                    .is_some_and(|rest| rest.starts_with(char::is_uppercase))
            })
    }

    /// Whether any member of the body changes with the unit system.
    pub fn has_units(&self, type_name: &str) -> bool {
        let mut waiting = vec![type_name.to_owned()];
        let mut seen = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            let Some(schema) = self.schema(&name) else {
                continue;
            };
            if !seen.insert(name) {
                continue;
            }
            if let Kind::Object(properties) = &schema.kind
                && properties
                    .iter()
                    .any(|property| matches!(property.unit, Some(Unit::System { .. })))
            {
                return true;
            }
            waiting.extend(schema.references());
        }
        false
    }
}

impl Schema {
    /// The components it names.
    pub fn references(&self) -> Vec<String> {
        match &self.kind {
            Kind::Object(properties) => properties
                .iter()
                .filter_map(|property| property.kind.component())
                .map(str::to_owned)
                .collect(),
            Kind::List(kind) => kind.component().map(str::to_owned).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

impl Type {
    /// The component it names, also through a list.
    pub fn component(&self) -> Option<&str> {
        match self {
            Type::Component(name) => Some(name),
            Type::List(inner) => inner.component(),
            _ => None,
        }
    }
}

/// An operation of the document with its place.
#[derive(Debug)]
pub struct RawOperation<'a> {
    /// URL template.
    pub url: &'a str,
    /// Method in lower case.
    pub method: &'a str,
    /// The operation's key, for its place.
    pub key: &'a crate::source::Key,
    /// The path item.
    pub item: &'a Node,
    /// The operation.
    pub node: &'a Node,
}

/// The methods of a path item.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Every operation, in the order of the file.
pub fn operations(root: &Node) -> impl Iterator<Item = RawOperation<'_>> {
    root.get("paths")
        .map_or(&[][..], Node::entries)
        .iter()
        .flat_map(|(url, item)| {
            item.entries()
                .iter()
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
    /// The path in a batch, if this operation can stand in one.
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

    /// Whether it is asked on a server of its own.
    pub fn elsewhere(&self) -> bool {
        [self.item, self.node]
            .iter()
            .any(|node| node.get("servers").is_some())
    }

    /// Its parameters and those of the path item, references followed.
    pub fn parameters(&self, root: &'n Node) -> impl Iterator<Item = &'n Node> + use<'n> {
        [self.item, self.node]
            .into_iter()
            .filter_map(|node| node.get("parameters"))
            .flat_map(Node::elements)
            .filter_map(move |parameter| resolve(root, parameter))
    }

    /// The 200 response, references followed.
    pub fn success(&self, root: &'n Node) -> Option<&'n Node> {
        resolve(root, self.node.get("responses")?.get("200")?)
    }
}

/// Follows a local `$ref`; a node without one is itself.
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

/// `tesla_charge` as `TeslaCharge`.
pub fn pascal(snake: &str) -> String {
    snake
        .split(['_', '-'])
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        })
        .collect()
}

/// `percentRemaining` as `percent_remaining`.
pub fn snake(camel: &str) -> String {
    let mut snake = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn operation<'n>(root: &'n Node, op: &RawOperation<'n>) -> Operation {
    let body = |node: Option<&Node>| {
        node.and_then(json_content)
            .and_then(|content| content.get("schema"))
            .and_then(component)
    };
    Operation {
        id: op.node.text("operationId").unwrap_or_default().to_owned(),
        method: op.method.to_owned(),
        url: op.url.to_owned(),
        body: body(op.success(root)),
        request: body(op.node.get("requestBody")),
        summary: op.node.text("summary").unwrap_or_default().to_owned(),
        description: op
            .node
            .text("description")
            .unwrap_or_default()
            .trim()
            .to_owned(),
        elsewhere: op.elsewhere(),
        parameters: op
            .parameters(root)
            .filter_map(|parameter| {
                Some(Parameter {
                    name: parameter.text("name")?.to_owned(),
                    place: parameter.text("in")?.to_owned(),
                    required: parameter.is_true("required"),
                    kind: parameter.get("schema").map_or(Type::Any, read_type),
                    description: parameter
                        .text("description")
                        .unwrap_or_default()
                        .trim()
                        .to_owned(),
                })
            })
            .collect(),
    }
}

fn endpoint<'n>(root: &'n Node, op: &RawOperation<'n>) -> Option<Endpoint> {
    let path = op.batch_path(root)?;
    let success = op.success(root)?;
    let content = json_content(success)?;
    let permission = op.node.text("x-smartcar-permission").unwrap_or("none");
    Some(Endpoint {
        id: op.node.text("operationId")?.to_owned(),
        type_name: component(content.get("schema")?)?,
        path,
        tag: op.node.texts("tags").into_iter().next()?,
        summary: op.node.text("summary").unwrap_or_default().to_owned(),
        description: op
            .node
            .text("description")
            .unwrap_or_default()
            .trim()
            .to_owned(),
        permission: (permission != "none").then(|| permission.to_owned()),
        makes: op.node.texts("x-smartcar-makes"),
        query: op
            .parameters(root)
            .filter(|p| p.text("in") == Some("query"))
            .filter_map(|p| p.text("name"))
            .map(str::to_owned)
            .collect(),
        headers: success.get("headers").map_or_else(Vec::new, |headers| {
            headers
                .entries()
                .iter()
                .map(|(key, _)| key.text.to_ascii_lowercase())
                .collect()
        }),
        example: content
            .get("example")
            .map(Node::to_value)
            .unwrap_or_default(),
    })
}

fn schemas(root: &Node) -> Vec<Schema> {
    let components = root
        .get("components")
        .and_then(|components| components.get("schemas"));
    let known: BTreeMap<&str, &Node> = components
        .map_or(&[][..], Node::entries)
        .iter()
        .map(|(key, node)| (key.text.as_str(), node))
        .collect();
    components
        .map_or(&[][..], Node::entries)
        .iter()
        .map(|(key, node)| Schema {
            name: key.text.clone(),
            description: node
                .text("description")
                .unwrap_or_default()
                .trim()
                .to_owned(),
            nullable: node.is_true("nullable"),
            irregular: node.texts("x-smartcar-irregular"),
            kind: kind(node, &known),
            untyped: if node.is_true("x-smartcar-envelope") {
                Some(Untyped::Envelope)
            } else {
                let shared = node.is_true("x-smartcar-shared");
                shared.then_some(Untyped::Shared)
            },
            signal: signal(node),
            mapping: mapping::read(node, &known),
        })
        .collect()
}

fn signal(node: &Node) -> Option<Signal> {
    let text = |key: &str| node.text(key).map(str::to_owned);
    Some(Signal {
        code: text("x-smartcar-signal")?,
        group: text("x-smartcar-group").unwrap_or_default(),
        title: text("title").unwrap_or_default(),
        certainty: text("x-smartcar-certainty").unwrap_or_else(|| "D".to_owned()),
        example: node.get("example").map(Node::to_value).unwrap_or_default(),
    })
}

fn kind(node: &Node, known: &BTreeMap<&str, &Node>) -> Kind {
    match node.text("type") {
        Some("object") => {
            let required = node.texts("required");
            Kind::Object(
                node.get("properties")
                    .map_or(&[][..], Node::entries)
                    .iter()
                    .map(|(key, node)| property(&key.text, node, &required, known))
                    .collect(),
            )
        }
        Some("string") if node.get("enum").is_some() => {
            let texts = node.get("x-enum-descriptions");
            Kind::Enum(
                node.texts("enum")
                    .into_iter()
                    .map(|value| {
                        let text = texts
                            .and_then(|texts| texts.text(&value))
                            .unwrap_or_default();
                        (value.clone(), text.trim().to_owned())
                    })
                    .collect(),
            )
        }
        Some("array") => Kind::List(node.get("items").map_or(Type::Any, read_type)),
        _ => Kind::Other,
    }
}

fn property(
    name: &str,
    node: &Node,
    required: &[String],
    known: &BTreeMap<&str, &Node>,
) -> Property {
    let kind = read_type(node);
    // A reference has no siblings in 3.0: its component speaks for it.
    let target = match &kind {
        Type::Component(name) => known.get(name.as_str()).copied(),
        _ => None,
    };
    let mut irregular = node.texts("x-smartcar-irregular");
    irregular.extend(target.map_or_else(Vec::new, |node| node.texts("x-smartcar-irregular")));
    let description = node
        .text("description")
        .or_else(|| target?.text("description"));
    Property {
        name: name.to_owned(),
        required: required.iter().any(|r| r == name),
        nullable: node.is_true("nullable") || target.is_some_and(|node| node.is_true("nullable")),
        unit: node.get("x-unit").and_then(unit),
        range: (node.number("minimum"), node.number("maximum")),
        description: description.unwrap_or_default().trim().to_owned(),
        irregular,
        kind,
    }
}

fn read_type(node: &Node) -> Type {
    if let Some(name) = component(node) {
        return Type::Component(name);
    }
    match node.text("type") {
        Some("boolean") => Type::Boolean,
        Some("integer") => Type::Integer,
        Some("number") => Type::Number,
        Some("string") if node.text("format") == Some("date-time") => Type::DateTime,
        Some("string") => Type::Text,
        Some("array") => Type::List(Box::new(node.get("items").map_or(Type::Any, read_type))),
        _ => Type::Any,
    }
}

fn unit(node: &Node) -> Option<Unit> {
    if let Some(fixed) = node.as_str() {
        return Some(Unit::Fixed(fixed.to_owned()));
    }
    Some(Unit::System {
        metric: node.text("metric")?.to_owned(),
        imperial: node.text("imperial")?.to_owned(),
    })
}

fn errors(root: &Node) -> Vec<ErrorEntry> {
    let rows = root
        .get("components")
        .and_then(|node| node.get("schemas"))
        .and_then(|node| node.get("Error"))
        .and_then(|node| node.get("x-smartcar-errors"));
    rows.map_or(&[][..], Node::elements)
        .iter()
        .filter_map(|row| {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the lint admits only 100 to 599"
            )]
            let status = row.number("status")? as u16;
            Some(ErrorEntry {
                kind: row.text("type")?.to_owned(),
                code: row.text("code").map(str::to_owned),
                status,
                resolution: row.text("resolution").map(str::to_owned),
                retry: row.text("retry")?.to_owned(),
                description: row
                    .text("description")
                    .unwrap_or_default()
                    .trim()
                    .to_owned(),
            })
        })
        .collect()
}
