//! Schemas: components, and the properties of objects.
//!
//! Invariant: a property that refers to a component takes over its nullability,
//! irregular forms and description, because a reference has no siblings.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::{component, components, prose};
use super::names;
use crate::source::{Key, Node};

/// A component under `components/schemas`, or a property of one.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Its name; for a property, the name in JSON.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// Whether it is always present.
    pub required: bool,
    /// Whether it can be null.
    pub nullable: bool,
    /// Its unit.
    pub unit: Option<Unit>,
    /// Smallest and largest value.
    pub range: (Option<f64>, Option<f64>),
    /// Its description.
    pub description: String,
    /// Irregular forms that are also decoded (`x-smartcar-irregular`).
    pub irregular: Vec<String>,
    /// Why a component gets no Rust type, if so.
    pub untyped: Option<Untyped>,
    /// The signal that has this body.
    pub signal: Option<Signal>,
    /// Whether it is personal data (`x-smartcar-personal`).
    pub personal: bool,
}

/// The type of a schema.
#[derive(Debug, Clone)]
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
    /// A string with these known values and their meanings.
    Enum(Vec<(String, String)>),
    /// An object with these properties.
    Object(Vec<Schema>),
    /// A list.
    List(Box<Type>),
    /// A reference to a component.
    Component(String),
    /// Anything.
    Any,
}

/// Why a component gets no Rust type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untyped {
    /// Hand-written code decodes it (`x-smartcar-envelope`).
    Envelope,
    /// It uses the v2.0 type of the same name (`x-smartcar-shared`).
    Shared,
}

/// A signal of version 3.
#[derive(Debug, Clone)]
pub struct Signal {
    /// The code, such as `odometer-traveleddistance`.
    pub code: String,
    /// The group, such as `Odometer`.
    pub group: String,
    /// The group's Rust module, such as `odometer`.
    pub module: String,
    /// The name of its Rust type in that module, such as `TraveledDistance`.
    pub name: String,
    /// Its display name.
    pub title: String,
    /// The certainty that it exists.
    pub certainty: String,
    /// An example of the body.
    pub example: Value,
}

/// A unit of measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// The same in both unit systems.
    Fixed(String),
    /// Depends on the unit system.
    System {
        /// In the metric system.
        metric: String,
        /// In the imperial system.
        imperial: String,
    },
}

type Known<'n> = BTreeMap<&'n str, &'n Node>;

/// Every component, in the order of the file.
pub(super) fn read(root: &Node) -> Vec<Schema> {
    let components = components(root).iter();
    let known = components
        .clone()
        .map(|(key, node)| (key.text.as_str(), node));
    let known = known.collect();
    components
        .map(|(key, node)| Schema::read(&key.text, node, true, &known))
        .collect()
}

impl Schema {
    fn read(name: &str, node: &Node, required: bool, known: &Known<'_>) -> Self {
        let kind = Type::of(node, known);
        let target = match &kind {
            Type::Component(name) => known.get(name.as_str()).copied(),
            _ => None,
        };
        let both = || std::iter::once(node).chain(target);
        let described = both().find(|node| node.text("description").is_some());
        let irregular = both().flat_map(|node| node.texts("x-smartcar-irregular"));
        Self {
            required,
            nullable: both().any(|node| node.is_true("nullable")),
            unit: node.get("x-unit").and_then(Unit::read),
            range: (node.number("minimum"), node.number("maximum")),
            description: described.map_or_else(String::new, |node| prose(node, "description")),
            irregular: irregular.collect(),
            untyped: Untyped::read(node),
            signal: Signal::read(name, node),
            personal: node.is_true("x-smartcar-personal"),
            ..Self::new(name, kind)
        }
    }

    /// A required schema without other attributes.
    pub fn new(name: &str, kind: Type) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            required: true,
            nullable: false,
            unit: None,
            range: (None, None),
            description: String::new(),
            irregular: Vec::new(),
            untyped: None,
            signal: None,
            personal: false,
        }
    }

    /// The components that its properties or elements refer to.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        let members = self.properties().iter();
        let members = members.filter_map(|property| property.kind.component());
        members.chain(self.kind.component())
    }

    /// The properties of an object; none for other types.
    pub fn properties(&self) -> &[Schema] {
        match &self.kind {
            Type::Object(properties) => properties,
            _ => &[],
        }
    }

    /// Whether it becomes an enum; otherwise a struct.
    pub fn is_enum(&self) -> bool {
        matches!(self.kind, Type::Enum(_))
    }

    /// Whether the Rust type of a property is an `Option`.
    pub fn is_optional(&self) -> bool {
        !self.required || self.nullable
    }
}

impl Untyped {
    fn read(node: &Node) -> Option<Self> {
        if node.is_true("x-smartcar-envelope") {
            return Some(Self::Envelope);
        }
        node.is_true("x-smartcar-shared").then_some(Self::Shared)
    }
}

impl Signal {
    fn read(component: &str, node: &Node) -> Option<Self> {
        let code = node.text("x-smartcar-signal")?.to_owned();
        let group = prose(node, "x-smartcar-group");
        let prefix = names::group(&group);
        let name = component.strip_prefix(&prefix).unwrap_or(component);
        Some(Self {
            code,
            group,
            module: names::snake(&prefix),
            name: name.to_owned(),
            title: prose(node, "title"),
            certainty: node.text("x-smartcar-certainty").unwrap_or("D").to_owned(),
            example: node.get("example").map(Node::to_value).unwrap_or_default(),
        })
    }

    /// Its path in a batch.
    pub fn path(&self) -> String {
        format!("/signals/{}", self.code)
    }
}

impl Type {
    /// The type of a schema that is not an object.
    pub(super) fn read(node: &Node) -> Self {
        Self::of(node, &Known::new())
    }

    fn of(node: &Node, known: &Known<'_>) -> Self {
        if let Some(name) = component(node) {
            return Self::Component(name);
        }
        match node.text("type") {
            Some("boolean") => Self::Boolean,
            Some("integer") => Self::Integer,
            Some("number") => Self::Number,
            Some("string") if node.text("format") == Some("date-time") => Self::DateTime,
            Some("string") if node.get("enum").is_some() => {
                let texts = node.get("x-enum-descriptions");
                let described = |value: String| {
                    let text = texts.map_or_else(String::new, |texts| prose(texts, &value));
                    (value, text)
                };
                Self::Enum(node.texts("enum").into_iter().map(described).collect())
            }
            Some("string") => Self::Text,
            Some("array") => {
                let element = node.get("items").map(|items| Self::of(items, known));
                Self::List(Box::new(element.unwrap_or(Self::Any)))
            }
            Some("object") => {
                let required = node.texts("required");
                let properties = node.get("properties").map_or(&[][..], Node::entries).iter();
                let property = |(key, node): &(Key, Node)| {
                    Schema::read(&key.text, node, required.contains(&key.text), known)
                };
                Self::Object(properties.map(property).collect())
            }
            _ => Self::Any,
        }
    }

    /// The component it refers to, directly or through a list.
    pub fn component(&self) -> Option<&str> {
        match self {
            Self::Component(name) => Some(name),
            Self::List(element) => element.component(),
            _ => None,
        }
    }

    /// Its name in the tables.
    pub fn name(&self) -> String {
        let name = match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Text | Self::Enum(_) => "string",
            Self::DateTime => "date-time",
            Self::Object(_) => "object",
            Self::List(element) => return format!("list of {}", element.name()),
            Self::Component(name) => name,
            Self::Any => "any",
        };
        name.to_owned()
    }
}

impl Unit {
    fn read(node: &Node) -> Option<Self> {
        if let Some(fixed) = node.as_str() {
            return Some(Self::Fixed(fixed.to_owned()));
        }
        Some(Self::System {
            metric: node.text("metric")?.to_owned(),
            imperial: node.text("imperial")?.to_owned(),
        })
    }

    /// For readers: `km / mi`, or the common unit.
    pub fn name(&self) -> String {
        match self {
            Self::Fixed(unit) => unit.clone(),
            Self::System { metric, imperial } => format!("{metric} / {imperial}"),
        }
    }
}
