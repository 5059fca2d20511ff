//! Schemas under `components/schemas`: objects, enums, lists, signals.
//!
//! Invariant: what a component says of itself (null, irregular forms, text)
//! holds for each member that refers to it, because a reference has no siblings.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::{component, components, prose};
use crate::source::Node;

/// A schema under `components/schemas`.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Irregular forms that are read too (`x-smartcar-irregular`).
    pub irregular: Vec<String>,
    /// What it is.
    pub kind: Kind,
    /// Why it gets no Rust type of its own, if it does not.
    pub untyped: Option<Untyped>,
    /// The signal whose body it is.
    pub signal: Option<Signal>,
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

type Known<'n> = BTreeMap<&'n str, &'n Node>;

/// Every schema, in the order of the file.
pub(super) fn read(root: &Node) -> Vec<Schema> {
    let components = components(root).iter();
    let known = components
        .clone()
        .map(|(key, node)| (key.text.as_str(), node));
    let known: Known<'_> = known.collect();
    components
        .map(|(key, node)| Schema {
            name: key.text.clone(),
            description: prose(node, "description"),
            irregular: node.texts("x-smartcar-irregular"),
            kind: Kind::read(node, &known),
            untyped: Untyped::read(node),
            signal: Signal::read(node),
        })
        .collect()
}

impl Schema {
    /// The components it names.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        let element = match &self.kind {
            Kind::List(element) => element.component(),
            _ => None,
        };
        let properties = self.properties().iter();
        let members = properties.filter_map(|property| property.kind.component());
        members.chain(element)
    }

    /// The properties of an object; none of anything else.
    pub fn properties(&self) -> &[Property] {
        match &self.kind {
            Kind::Object(properties) => properties,
            _ => &[],
        }
    }

    /// Whether it is an enum; else a struct is made of it.
    pub fn is_enum(&self) -> bool {
        matches!(self.kind, Kind::Enum(_))
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
    fn read(node: &Node) -> Option<Self> {
        Some(Self {
            code: node.text("x-smartcar-signal")?.to_owned(),
            group: prose(node, "x-smartcar-group"),
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

impl Kind {
    fn read(node: &Node, known: &Known<'_>) -> Self {
        match node.text("type") {
            Some("object") => {
                let required = node.texts("required");
                let properties = node.get("properties").map_or(&[][..], Node::entries).iter();
                let property = properties.map(|(key, node)| {
                    Property::read(&key.text, node, required.contains(&key.text), known)
                });
                Self::Object(property.collect())
            }
            Some("string") if node.get("enum").is_some() => {
                let texts = node.get("x-enum-descriptions");
                let described = |value: String| {
                    let text = texts.map_or_else(String::new, |texts| prose(texts, &value));
                    (value, text)
                };
                Self::Enum(node.texts("enum").into_iter().map(described).collect())
            }
            Some("array") => Self::List(node.get("items").map_or(Type::Any, Type::read)),
            _ => Self::Other,
        }
    }
}

impl Property {
    fn read(name: &str, node: &Node, required: bool, known: &Known<'_>) -> Self {
        let kind = Type::read(node);
        let target = match &kind {
            Type::Component(name) => known.get(name.as_str()).copied(),
            _ => None,
        };
        let both = || std::iter::once(node).chain(target);
        let described = both().find(|node| node.text("description").is_some());
        Self {
            name: name.to_owned(),
            required,
            nullable: both().any(|node| node.is_true("nullable")),
            unit: node.get("x-unit").and_then(Unit::read),
            range: (node.number("minimum"), node.number("maximum")),
            description: described.map_or_else(String::new, |node| prose(node, "description")),
            irregular: both()
                .flat_map(|node| node.texts("x-smartcar-irregular"))
                .collect(),
            kind,
        }
    }

    /// A place of this type that is always filled.
    pub(super) fn of(kind: Type) -> Self {
        Self {
            name: String::new(),
            required: true,
            nullable: false,
            unit: None,
            range: (None, None),
            description: String::new(),
            irregular: Vec::new(),
            kind,
        }
    }

    /// Whether its Rust type is an `Option`.
    pub fn is_optional(&self) -> bool {
        !self.required || self.nullable
    }
}

impl Type {
    pub(super) fn read(node: &Node) -> Self {
        if let Some(name) = component(node) {
            return Self::Component(name);
        }
        match node.text("type") {
            Some("boolean") => Self::Boolean,
            Some("integer") => Self::Integer,
            Some("number") => Self::Number,
            Some("string") if node.text("format") == Some("date-time") => Self::DateTime,
            Some("string") => Self::Text,
            Some("array") => Self::List(Box::new(node.get("items").map_or(Self::Any, Self::read))),
            _ => Self::Any,
        }
    }

    /// The component it names, also through a list.
    pub fn component(&self) -> Option<&str> {
        match self {
            Self::Component(name) => Some(name),
            Self::List(inner) => inner.component(),
            _ => None,
        }
    }

    /// Its name in the tables.
    pub fn name(&self) -> String {
        let name = match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Text => "string",
            Self::DateTime => "date-time",
            Self::Component(name) => name,
            Self::List(inner) => return format!("list of {}", inner.name()),
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

    /// For readers: `km / mi`, or the one that both systems have.
    pub fn name(&self) -> String {
        match self {
            Self::Fixed(unit) => unit.clone(),
            Self::System { metric, imperial } => format!("{metric} / {imperial}"),
        }
    }
}
