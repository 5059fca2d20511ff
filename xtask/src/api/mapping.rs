//! What a body of v2.0 is made of on version 3 (`x-smartcar-v3`).
//!
//! Invariant: every member of the body has one entry, in the order of the
//! mapping, which the lint has checked.

use serde_json::Value;

use super::schema::{Schema, Type, Unit};
use crate::source::{Data, Key, Node};

/// A member and its source. A whole body is one too, without a name.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name in JSON.
    pub name: String,
    /// Whether the body can do without it.
    pub need: Need,
    /// Where it comes from.
    pub source: Sourced,
    /// The marks of its certainty; none where it has no source, or is nested.
    pub certainty: Vec<String>,
    /// What else must be said.
    pub note: Option<String>,
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
pub(super) fn read(node: &Node, schema: &Schema, schemas: &[Schema]) -> Option<Member> {
    let mapping = node.get("x-smartcar-v3")?;
    let reader = Reader { schemas };
    let body = match &schema.kind {
        Type::List(element) => Schema::new("", (**element).clone()),
        _ => Schema::new("", Type::Component(schema.name.clone())),
    };
    let mut read = reader.member(mapping, &body);
    if matches!(schema.kind, Type::Object(_)) && mapping.get("none").is_none() {
        read.source = Sourced::Members(reader.members(mapping, &body.kind));
    }
    Some(read)
}

struct Reader<'a> {
    schemas: &'a [Schema],
}

/// Each fills a place of v2.0: a property of a body.
impl Reader<'_> {
    fn member(&self, node: &Node, place: &Schema) -> Member {
        Member {
            name: place.name.clone(),
            need: match (place.required, place.nullable) {
                (true, false) => Need::Required,
                (true, true) => Need::Nullable,
                (false, _) => Need::Optional,
            },
            source: self.source(node, place),
            certainty: node.texts("certainty"),
            note: node.text("note").map(|note| note.trim().to_owned()),
        }
    }

    fn members(&self, node: &Node, kind: &Type) -> Vec<Member> {
        let inner = kind.component();
        let inner = inner.and_then(|name| self.schemas.iter().find(|it| it.name == name));
        let properties = inner.map_or(&[][..], Schema::properties);
        let member = |(key, source): &(Key, Node)| {
            let place = properties.iter().find(|place| place.name == key.text)?;
            Some(self.member(source, place))
        };
        node.entries().iter().filter_map(member).collect()
    }

    fn source(&self, node: &Node, place: &Schema) -> Sourced {
        let text = |key| node.text(key).map(str::to_owned);
        let elements = |key| node.get(key).map(|list| list.elements().iter());
        let members = |node: &Node| self.members(node, &place.kind);
        if let Some(reason) = text("none") {
            Sourced::None(reason)
        } else if let Some(at) = text("vehicle") {
            Sourced::Vehicle(at)
        } else if let Some(at) = text("connection") {
            Sourced::Connection(at)
        } else if let Some(value) = node.get("constant") {
            Sourced::Constant(Constant::read(value))
        } else if let Some(sources) = elements("first") {
            Sourced::First(sources.map(|node| self.source(node, place)).collect())
        } else if let Some(found) = node.get("members") {
            Sourced::Members(members(found))
        } else if let Some(entries) = elements("entries") {
            Sourced::Entries(entries.map(members).collect())
        } else if let Some(each) = node.get("each") {
            Sourced::Each(Pick::read(node, place), members(each))
        } else {
            Sourced::Pick(Pick::read(node, place))
        }
    }
}

impl Pick {
    fn read(node: &Node, place: &Schema) -> Self {
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
            form: Form::read(node, place),
        }
    }
}

impl Form {
    fn read(node: &Node, place: &Schema) -> Self {
        if let Some(values) = node.get("values") {
            let word = |node: &Node| node.as_str().unwrap_or_default().to_owned();
            let values = values.entries().iter();
            return Self::Values(
                values
                    .map(|(key, value)| (key.text.clone(), word(value)))
                    .collect(),
            );
        }
        match place.kind {
            _ if node.text("form") == Some("minutes") => Self::Minutes,
            Type::DateTime => Self::Time,
            Type::Number | Type::Integer => Self::Number {
                scale: node.number("scale").unwrap_or(1.0),
                unit: place.unit.clone(),
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

impl Member {
    /// What a body has of each of its members; none where version 3 has nothing
    /// of it, and a list itself.
    pub fn rows(&self) -> &[Member] {
        match &self.source {
            Sourced::None(_) => &[],
            Sourced::Members(rows) => rows,
            _ => std::slice::from_ref(self),
        }
    }
}
