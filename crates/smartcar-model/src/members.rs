//! The members of a JSON object, extracted without being parsed.
//!
//! Invariant: a member with an unreadable name does not affect the others, and a
//! duplicate is an error only for the caller that reads it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::malformed::{DUPLICATE, Malformed};

/// The name of a member. `None` if it is unreadable, such as one with half of a
/// surrogate pair.
pub(crate) struct Name<'a>(pub(crate) Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        Ok(Self(if inner.contains('\\') {
            serde_json::from_str(raw).ok().map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(inner))
        }))
    }
}

impl Name<'_> {
    /// The name. An unreadable name is empty, which matches no known member.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

/// One member: absent, present, or duplicate.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Member<'a> {
    raw: Option<&'a RawValue>,
    twice: bool,
}

impl<'a> Member<'a> {
    /// Records one occurrence.
    pub(crate) fn put(&mut self, raw: &'a RawValue) {
        self.twice |= self.raw.replace(raw).is_some();
    }

    /// Whether it occurs more than once.
    pub(crate) fn is_duplicate(self) -> bool {
        self.twice
    }

    /// Its value. `None` if it is null or a duplicate.
    pub(crate) fn said(self) -> Option<&'a RawValue> {
        self.raw.filter(|raw| !self.twice && raw.get() != "null")
    }

    /// Its value, which may be null. `None` for a duplicate.
    pub(crate) fn once(self) -> Option<&'a RawValue> {
        self.raw.filter(|_| !self.twice)
    }
}

/// The members of an object, in their order.
pub(crate) struct Members<'a> {
    known: Vec<(Cow<'a, str>, &'a RawValue)>,
    /// Whether the object has members with unreadable names.
    nameless: bool,
}

impl<'a> Members<'a> {
    /// The members of a JSON object. `None` for any other text.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// A member by its name.
    pub(crate) fn get(&self, name: &str) -> Member<'a> {
        let mut member = Member::default();
        let own = self.known.iter().filter(|(known, _)| known == name);
        own.for_each(|(_, raw)| member.put(raw));
        member
    }

    /// A member's value, unless it is null. A duplicate is an error at `place`.
    pub(crate) fn once(&self, name: &str, place: &str) -> Result<Option<&'a RawValue>, Malformed> {
        let member = self.get(name);
        if member.is_duplicate() {
            return Err(Malformed::new(format!("{place}/{name}"), DUPLICATE));
        }
        Ok(member.said())
    }

    /// All members, including duplicates.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.known.iter().map(|(name, raw)| (name.as_ref(), *raw))
    }

    /// Whether all members are null.
    pub(crate) fn is_nothing(&self) -> bool {
        !self.nameless && self.known.iter().all(|(_, raw)| raw.get() == "null")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let (mut known, mut nameless) = (Vec::new(), false);
                while let Some((Name(name), raw)) = map.next_entry()? {
                    match name {
                        Some(name) => known.push((name, raw)),
                        None => nameless = true,
                    }
                }
                Ok(Members { known, nameless })
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// Parses JSON text into a tree. Unlike [`Value`]'s own reader it rejects
/// duplicate members, because a tree can hold only one of them.
pub(crate) fn tree(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text).map(|Tree(value)| value)
}

struct Tree(Value);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Tree;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree(Value::Null))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
                Ok(Tree(value.into()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
                Ok(Tree(value.into()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
                Ok(Tree(value.into()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
                Ok(Tree(
                    Number::from_f64(value).map_or(Value::Null, Value::Number),
                ))
            }
            fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
                Ok(Tree(text.into()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
                let mut list = Vec::new();
                while let Some(Tree(value)) = seq.next_element()? {
                    list.push(value);
                }
                Ok(Tree(list.into()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
                let mut members = Map::new();
                while let Some((name, Tree(value))) = map.next_entry::<String, _>()? {
                    if members.insert(name, value).is_some() {
                        return Err(de::Error::custom(DUPLICATE));
                    }
                }
                Ok(Tree(members.into()))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
