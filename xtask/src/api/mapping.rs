//! What a body of v2.0 is made of on version 3 (`x-smartcar-v3`).
//!
//! Invariant: every member of the body has one entry, in the order of the
//! mapping, which the lint has checked.

use serde_json::Value;

use super::schema::{Kind, Schema, Type, Unit};
use crate::source::{Data, Key, Node};

/// What a body is made of.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "there is one an endpoint")]
pub enum Body {
    /// Version 3 has nothing of it, for this reason.
    None(String),
    /// An object of these members.
    Object(Vec<Row>),
    /// A list.
    List(Row),
}

/// A member of a body with what is known of its source.
#[derive(Debug, Clone)]
pub struct Row {
    /// The member and its source.
    pub member: Member,
    /// The marks of its certainty; none where it has no source.
    pub certainty: Vec<String>,
    /// What else must be said.
    pub note: Option<String>,
}

/// A member and its source.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name in JSON; empty for a body that is a list.
    pub name: String,
    /// Whether the body can do without it.
    pub need: Need,
    /// Where it comes from.
    pub source: Sourced,
}

/// Whether a body can do without a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It must be there and not be null.
    Required,
    /// It must be there, null will do.
    Nullable,
    /// It may be missing.
    Optional,
}

/// Where a member comes from.
#[derive(Debug, Clone)]
pub enum Sourced {
    /// A value of a signal, or of the element of a list.
    Pick(Pick),
    /// A pointer into the vehicle.
    Vehicle(String),
    /// A pointer into the connection.
    Connection(String),
    /// Always the same.
    Constant(Constant),
    /// Nowhere, for this reason.
    None(String),
    /// The first of these that has a value.
    First(Vec<Sourced>),
    /// An object of these.
    Members(Vec<Member>),
    /// A list of these entries, without those that have no value.
    Entries(Vec<Vec<Member>>),
    /// One entry for each element of a list.
    Each(Pick, Vec<Member>),
}

/// A plain value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constant {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A text.
    Text(String),
}

/// A place in a signal's body, or in the element of a list.
#[derive(Debug, Clone)]
pub struct Pick {
    /// The signal; `None` in the element of a list.
    pub signal: Option<String>,
    /// The powertrains that it holds for; empty: all.
    pub powertrain: Vec<String>,
    /// A pointer to a list of which one element, or each, is taken.
    pub list: Option<String>,
    /// The members by which the one element is known.
    pub filter: Vec<(String, Constant)>,
    /// A pointer to the value.
    pub at: String,
    /// How it is written on v2.0.
    pub form: Form,
}

/// How a value is written on v2.0.
#[derive(Debug, Clone)]
pub enum Form {
    /// As it is.
    Plain,
    /// A number, in the unit of v2.0.
    Number {
        /// The factor where the body names no unit.
        scale: f64,
        /// The unit of v2.0.
        unit: Option<Unit>,
        /// The sizes that a value can have, in the metric unit.
        plausible: Option<(f64, f64)>,
    },
    /// Another word for each value.
    Values(Vec<(String, String)>),
    /// A date-time.
    Time,
    /// Minutes from the time of retrieval, as a date-time.
    Minutes,
}

/// Reads the mapping of a component, if it has one.
pub(super) fn read(node: &Node, schema: &Schema, schemas: &[Schema]) -> Option<Body> {
    let mapping = node.get("x-smartcar-v3")?;
    let reader = Reader { schemas };
    Some(match (mapping.text("none"), &schema.kind) {
        (Some(reason), _) => Body::None(reason.to_owned()),
        (None, Kind::List(element)) => {
            let list = Target::of(element.clone());
            Body::List(reader.row("", mapping, &list))
        }
        (None, _) => {
            let row = |(key, source): &(Key, Node)| {
                reader.row(&key.text, source, &Target::member(Some(schema), &key.text))
            };
            Body::Object(mapping.entries().iter().map(row).collect())
        }
    })
}

/// What v2.0 has at the place that is filled.
struct Target {
    kind: Type,
    need: Need,
    unit: Option<Unit>,
}

impl Target {
    fn of(kind: Type) -> Self {
        Self {
            kind,
            need: Need::Required,
            unit: None,
        }
    }

    fn member(schema: Option<&Schema>, name: &str) -> Self {
        let properties = schema.map_or(&[][..], Schema::properties);
        let Some(property) = properties.iter().find(|p| p.name == name) else {
            return Self::of(Type::Any);
        };
        Self {
            kind: property.kind.clone(),
            need: match (property.required, property.nullable) {
                (true, false) => Need::Required,
                (true, true) => Need::Nullable,
                (false, _) => Need::Optional,
            },
            unit: property.unit.clone(),
        }
    }
}

struct Reader<'a> {
    schemas: &'a [Schema],
}

impl Reader<'_> {
    fn row(&self, name: &str, node: &Node, target: &Target) -> Row {
        Row {
            member: self.member(name, node, target),
            certainty: node.texts("certainty"),
            note: node.text("note").map(|note| note.trim().to_owned()),
        }
    }

    fn member(&self, name: &str, node: &Node, target: &Target) -> Member {
        Member {
            name: name.to_owned(),
            need: target.need,
            source: self.source(node, target),
        }
    }

    fn members(&self, node: &Node, kind: &Type) -> Vec<Member> {
        let inner = kind.component();
        let inner = inner.and_then(|name| self.schemas.iter().find(|it| it.name == name));
        let member = |(key, source): &(Key, Node)| {
            self.member(&key.text, source, &Target::member(inner, &key.text))
        };
        node.entries().iter().map(member).collect()
    }

    fn source(&self, node: &Node, target: &Target) -> Sourced {
        let text = |key| node.text(key).map(str::to_owned);
        let elements = |key| node.get(key).map(|list| list.elements().iter());
        let members = |node: &Node| self.members(node, &target.kind);
        if let Some(reason) = text("none") {
            Sourced::None(reason)
        } else if let Some(at) = text("vehicle") {
            Sourced::Vehicle(at)
        } else if let Some(at) = text("connection") {
            Sourced::Connection(at)
        } else if let Some(value) = node.get("constant") {
            Sourced::Constant(Constant::read(value))
        } else if let Some(sources) = elements("first") {
            Sourced::First(sources.map(|node| self.source(node, target)).collect())
        } else if let Some(found) = node.get("members") {
            Sourced::Members(members(found))
        } else if let Some(entries) = elements("entries") {
            Sourced::Entries(entries.map(members).collect())
        } else if let Some(each) = node.get("each") {
            Sourced::Each(Pick::read(node, target), members(each))
        } else {
            Sourced::Pick(Pick::read(node, target))
        }
    }
}

impl Pick {
    fn read(node: &Node, target: &Target) -> Self {
        let text = |key| node.text(key).map(str::to_owned);
        let filter = node.get("where").map_or(&[][..], Node::entries).iter();
        Self {
            signal: text("signal"),
            powertrain: node.texts("powertrain"),
            list: text("list"),
            filter: filter
                .map(|(key, value)| (key.text.clone(), Constant::read(value)))
                .collect(),
            at: text("at").unwrap_or_else(|| "/value".to_owned()),
            form: Form::read(node, target),
        }
    }
}

impl Form {
    fn read(node: &Node, target: &Target) -> Self {
        if let Some(values) = node.get("values") {
            let word = |node: &Node| node.as_str().unwrap_or_default().to_owned();
            let values = values.entries().iter();
            return Self::Values(
                values
                    .map(|(key, value)| (key.text.clone(), word(value)))
                    .collect(),
            );
        }
        match target.kind {
            _ if node.text("form") == Some("minutes") => Self::Minutes,
            Type::DateTime => Self::Time,
            Type::Number | Type::Integer => Self::Number {
                scale: node.number("scale").unwrap_or(1.0),
                unit: target.unit.clone(),
                plausible: node.get("plausible").and_then(|range| {
                    let [low, high] = range.elements() else {
                        return None;
                    };
                    Some((number(low)?, number(high)?))
                }),
            },
            _ => Self::Plain,
        }
    }
}

fn number(node: &Node) -> Option<f64> {
    match &node.data {
        Data::Scalar(value) => value.as_f64(),
        _ => None,
    }
}

impl Constant {
    fn read(node: &Node) -> Self {
        match node.to_value() {
            Value::Bool(flag) => Self::Flag(flag),
            Value::Number(number) => Self::Whole(number.as_i64().unwrap_or_default()),
            Value::String(text) => Self::Text(text),
            _ => Self::Null,
        }
    }
}

impl Sourced {
    /// The signals that it reads, in order, each once.
    pub fn signals(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'s>(&'s self, found: &mut Vec<&'s str>) {
        let mut add = |pick: &'s Pick| {
            if let Some(signal) = pick.signal.as_deref()
                && !found.contains(&signal)
            {
                found.push(signal);
            }
        };
        match self {
            Self::Pick(pick) | Self::Each(pick, _) => add(pick),
            Self::First(sources) => sources.iter().for_each(|source| source.collect(found)),
            Self::Members(members) => members.iter().for_each(|m| m.source.collect(found)),
            Self::Entries(entries) => {
                let members = entries.iter().flatten();
                members.for_each(|member| member.source.collect(found));
            }
            Self::Vehicle(_) | Self::Connection(_) | Self::Constant(_) | Self::None(_) => {}
        }
    }
}

impl Body {
    /// Its rows; none where version 3 has nothing of it.
    pub fn rows(&self) -> &[Row] {
        match self {
            Self::None(_) => &[],
            Self::Object(rows) => rows,
            Self::List(row) => std::slice::from_ref(row),
        }
    }
}
