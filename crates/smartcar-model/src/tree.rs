//! A parsed JSON value that borrows its texts.
//!
//! Invariant: no object has duplicate members, because a tree can hold only one of
//! them. A type reads from a tree what it reads from the same JSON text.

mod typed;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::malformed::DUPLICATE;
use crate::text::Text;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree<'a> {
    Null,
    Flag(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Tree<'a>>),
    Object(Members<'a>),
}

/// The members of an object.
pub(crate) type Members<'a> = BTreeMap<Cow<'a, str>, Tree<'a>>;

impl<'a> Tree<'a> {
    /// Parses JSON text. Fails if an object has duplicate members.
    pub(crate) fn of(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The value at a JSON pointer, which passes objects only.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Self> {
        let mut names = pointer.split('/').skip(1);
        names.try_fold(self, Self::member)
    }

    /// A member. `None` if it is missing or this is not an object.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The same without borrowing.
    pub(crate) fn into_owned(self) -> Tree<'static> {
        let owned = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Null => Tree::Null,
            Self::Flag(flag) => Tree::Flag(flag),
            Self::Number(number) => Tree::Number(number),
            Self::Text(text) => Tree::Text(owned(text)),
            Self::List(list) => Tree::List(list.into_iter().map(Self::into_owned).collect()),
            Self::Object(members) => {
                let members = members.into_iter();
                let members = members.map(|(name, value)| (owned(name), value.into_owned()));
                Tree::Object(members.collect())
            }
        }
    }

    /// The same as a value of serde_json.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Flag(flag) => Value::Bool(*flag),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.to_string()),
            Self::List(list) => list.iter().map(Self::to_value).collect(),
            Self::Object(members) => {
                let members = members.iter();
                let members = members.map(|(name, value)| (name.to_string(), value.to_value()));
                Value::Object(members.collect())
            }
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Tree<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Tree<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<Tree<'de>, E> {
                Ok(Tree::Null)
            }
            fn visit_bool<E>(self, flag: bool) -> Result<Tree<'de>, E> {
                Ok(Tree::Flag(flag))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Tree<'de>, E> {
                Ok(Tree::Number(number.into()))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Tree<'de>, E> {
                Ok(Tree::Number(number.into()))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Tree<'de>, E> {
                Ok(Number::from_f64(number).map_or(Tree::Null, Tree::Number))
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Tree<'de>, E> {
                Ok(Tree::Text(text.into()))
            }
            fn visit_str<E>(self, text: &str) -> Result<Tree<'de>, E> {
                Ok(Tree::Text(text.to_owned().into()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree<'de>, A::Error> {
                let mut list = Vec::new();
                while let Some(value) = seq.next_element()? {
                    list.push(value);
                }
                Ok(Tree::List(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree<'de>, A::Error> {
                let mut members = Members::new();
                while let Some((Text(name), value)) = map.next_entry()? {
                    if members.insert(name, value).is_some() {
                        return Err(de::Error::custom(DUPLICATE));
                    }
                }
                Ok(Tree::Object(members))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_borrowed_and_pointers_found() {
        let tree = Tree::of(r#"{"a": {"b": "c", "d\u0065": "\u0065"}, "l": [1]}"#).unwrap();
        let text = tree.at("/a/b").unwrap();
        assert!(matches!(text, Tree::Text(Cow::Borrowed("c"))), "{text:?}");
        assert_eq!(tree.at("/a/de").and_then(Tree::as_str), Some("e"));
        assert_eq!(tree.at(""), Some(&tree));
        for nowhere in ["/b", "/a/b/c", "/l/0"] {
            assert_eq!(tree.at(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn it_holds_what_a_value_holds() {
        for text in [
            r#"{"b": [null, true, -1, 18446744073709551615, 1.0, 1e2, "x\n"], "a": {}}"#,
            "123456789012345678901234567890",
            "-0.0",
        ] {
            let tree = Tree::of(text).unwrap();
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(tree.to_value().to_string(), value.to_string());
            assert_eq!(tree.clone().into_owned(), tree);
        }
        let error = Tree::of(r#"[{"a": 1, "\u0061": 2}]"#).unwrap_err();
        assert!(error.to_string().starts_with(DUPLICATE), "{error}");
    }
}
