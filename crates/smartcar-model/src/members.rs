//! The members of a JSON object, extracted without being parsed.
//!
//! Invariant: a member with an unreadable name does not affect the others, and a
//! duplicate is an error only for the caller that reads it.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::lexer::{Key, Lexer};
use crate::malformed::{DUPLICATE, Malformed};

/// The name of a member. `None` if it is unreadable, such as one with half of a
/// surrogate pair.
pub(crate) struct Name<'a>(pub(crate) Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let quoted = <&RawValue>::deserialize(deserializer)?.get();
        let text = quoted.get(1..quoted.len().saturating_sub(1));
        let text = text.unwrap_or_default();
        Ok(Self::of(Key {
            text,
            has_escapes: text.contains('\\'),
        }))
    }
}

impl<'a> Name<'a> {
    /// A name from its JSON text.
    pub(crate) fn of(key: Key<'a>) -> Self {
        Self(if key.has_escapes {
            let read = serde_json::from_str(&format!("\"{}\"", key.text));
            read.ok().map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(key.text))
        })
    }

    /// The name. An unreadable name is empty, which matches no known member.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

/// One member: absent, present, or duplicate.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Member<'a> {
    text: Option<&'a str>,
    twice: bool,
}

impl<'a> Member<'a> {
    /// Records one occurrence: the JSON text of its value.
    pub(crate) fn put(&mut self, text: &'a str) {
        self.twice |= self.text.replace(text).is_some();
    }

    /// Whether it occurs more than once.
    pub(crate) fn is_duplicate(self) -> bool {
        self.twice
    }

    /// Its value. `None` if it is null or a duplicate.
    pub(crate) fn said(self) -> Option<&'a str> {
        self.once().filter(|text| *text != "null")
    }

    /// Its value, which may be null. `None` for a duplicate.
    pub(crate) fn once(self) -> Option<&'a str> {
        self.text.filter(|_| !self.twice)
    }
}

/// The members of an object, in their order.
pub(crate) struct Members<'a> {
    known: Vec<(Cow<'a, str>, &'a str)>,
    /// Whether the object has members with unreadable names.
    nameless: bool,
}

impl<'a> Members<'a> {
    /// The members of a JSON object. `None` for any other text.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let mut lexer = Lexer::new(text);
        let (mut known, mut nameless) = (Vec::new(), false);
        lexer.members(|key, lexer| {
            let value = lexer.value()?;
            match Name::of(key).0 {
                Some(name) => known.push((name, value)),
                None => nameless = true,
            }
            Some(())
        })?;
        lexer.is_at_end().then_some(Self { known, nameless })
    }

    /// A member by its name.
    pub(crate) fn get(&self, name: &str) -> Member<'a> {
        let mut member = Member::default();
        let own = self.known.iter().filter(|(known, _)| known == name);
        own.for_each(|(_, text)| member.put(text));
        member
    }

    /// A member's value, unless it is null. A duplicate is an error at `place`.
    pub(crate) fn once(&self, name: &str, place: &str) -> Result<Option<&'a str>, Malformed> {
        let member = self.get(name);
        if member.is_duplicate() {
            return Err(Malformed::new(format!("{place}/{name}"), DUPLICATE));
        }
        Ok(member.said())
    }

    /// All members, including duplicates.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.known.iter().map(|(name, text)| (name.as_ref(), *text))
    }

    /// Whether all members are null.
    pub(crate) fn is_nothing(&self) -> bool {
        !self.nameless && self.known.iter().all(|(_, text)| *text == "null")
    }
}
