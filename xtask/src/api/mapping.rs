//! What a body of v2.0 is made of on version 3 (`x-smartcar-v3`).
//!
//! Invariant: every member of the body has one entry, in the order of the
//! mapping, which the lint has checked.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Kind, Type, Unit, kind};
use crate::source::{Data, Node};

/// The mapping of one component.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// What the body is made of.
    pub body: Body,
}

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

/// Reads the mapping of a component.
pub(super) fn read(node: &Node, known: &BTreeMap<&str, &Node>) -> Option<Mapping> {
    let mapping = node.get("x-smartcar-v3")?;
    let reader = Reader { known };
    let body = match (mapping.text("none"), kind(node, known)) {
        (Some(reason), _) => Body::None(reason.to_owned()),
        (None, Kind::List(inner)) => Body::List(reader.row("", mapping, &Target::of(inner))),
        (None, kind) => {
            let members = mapping.entries().iter();
            let row = |(key, source): &(crate::source::Key, Node)| {
                let target = Target::member(&kind, &key.text);
                reader.row(&key.text, source, &target)
            };
            Body::Object(members.map(row).collect())
        }
    };
    Some(Mapping { body })
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

    fn member(kind: &Kind, name: &str) -> Self {
        let property = match kind {
            Kind::Object(properties) => properties.iter().find(|p| p.name == name),
            _ => None,
        };
        property.map_or_else(
            || Self::of(Type::Any),
            |property| Self {
                kind: property.kind.clone(),
                need: match (property.required, property.nullable) {
                    (true, false) => Need::Required,
                    (true, true) => Need::Nullable,
                    (false, _) => Need::Optional,
                },
                unit: property.unit.clone(),
            },
        )
    }
}

struct Reader<'a> {
    known: &'a BTreeMap<&'a str, &'a Node>,
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
        let inner = kind.component().and_then(|name| self.known.get(name));
        let inner = inner.map_or(Kind::Other, |node| super::kind(node, self.known));
        let members = node.entries().iter();
        members
            .map(|(key, source)| self.member(&key.text, source, &Target::member(&inner, &key.text)))
            .collect()
    }

    fn source(&self, node: &Node, target: &Target) -> Sourced {
        if let Some(reason) = node.text("none") {
            return Sourced::None(reason.to_owned());
        }
        if let Some(at) = node.text("vehicle") {
            return Sourced::Vehicle(at.to_owned());
        }
        if let Some(at) = node.text("connection") {
            return Sourced::Connection(at.to_owned());
        }
        if let Some(value) = node.get("constant") {
            return Sourced::Constant(constant(value));
        }
        if let Some(list) = node.get("first") {
            let sources = list.elements().iter();
            return Sourced::First(sources.map(|node| self.source(node, target)).collect());
        }
        if let Some(members) = node.get("members") {
            return Sourced::Members(self.members(members, &target.kind));
        }
        if let Some(entries) = node.get("entries") {
            let entries = entries.elements().iter();
            let entries = entries.map(|entry| self.members(entry, &target.kind));
            return Sourced::Entries(entries.collect());
        }
        let pick = pick(node, target);
        match node.get("each") {
            Some(each) => Sourced::Each(pick, self.members(each, &target.kind)),
            None => Sourced::Pick(pick),
        }
    }
}

fn pick(node: &Node, target: &Target) -> Pick {
    let filter = node.get("where").map_or(&[][..], Node::entries);
    Pick {
        signal: node.text("signal").map(str::to_owned),
        powertrain: node.texts("powertrain"),
        list: node.text("list").map(str::to_owned),
        filter: filter
            .iter()
            .map(|(key, value)| (key.text.clone(), constant(value)))
            .collect(),
        at: node.text("at").unwrap_or("/value").to_owned(),
        form: form(node, target),
    }
}

fn form(node: &Node, target: &Target) -> Form {
    if let Some(values) = node.get("values") {
        let pair = |(key, value): &(crate::source::Key, Node)| {
            (
                key.text.clone(),
                value.as_str().unwrap_or_default().to_owned(),
            )
        };
        return Form::Values(values.entries().iter().map(pair).collect());
    }
    match target.kind {
        _ if node.text("form") == Some("minutes") => Form::Minutes,
        Type::DateTime => Form::Time,
        Type::Number | Type::Integer => Form::Number {
            scale: node.number("scale").unwrap_or(1.0),
            unit: target.unit.clone(),
            plausible: node.get("plausible").and_then(|range| {
                let [low, high] = range.elements() else {
                    return None;
                };
                Some((number(low)?, number(high)?))
            }),
        },
        _ => Form::Plain,
    }
}

fn number(node: &Node) -> Option<f64> {
    match &node.data {
        Data::Scalar(value) => value.as_f64(),
        _ => None,
    }
}

fn constant(node: &Node) -> Constant {
    match node.to_value() {
        Value::Bool(flag) => Constant::Flag(flag),
        Value::Number(number) => Constant::Whole(number.as_i64().unwrap_or_default()),
        Value::String(text) => Constant::Text(text),
        _ => Constant::Null,
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
