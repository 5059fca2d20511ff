//! Splits an event into its members in one pass.
//!
//! Invariant: members are extracted without being parsed. A duplicate or a member of
//! the wrong type is an error only for the caller that reads it.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess};
use serde::de::{SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::decode;
use crate::item_error::ItemError;
use crate::malformed::{DUPLICATE, Malformed};
use crate::members::{Member, Members, Name};
use crate::v3::MemberError;

/// The members beside `data` and `payload`.
const OUTER: [&str; 6] = [
    "eventId",
    "eventType",
    "eventName",
    "triggers",
    "vehicleId",
    "meta",
];

/// The members of `data`, or of `payload` in older events.
const INNER: [&str; 7] = [
    "challenge",
    "user",
    "vehicle",
    "vehicleId",
    "signals",
    "triggers",
    "errors",
];

/// The members of an event, as text.
pub(super) struct Parts<'a> {
    outer: Fields<'a, 6>,
    inner: Fields<'a, 7>,
    /// Where the data are: `/data` or `/payload`. `None` if there are none.
    pub(super) data_at: Option<&'static str>,
    /// Whether the data occur more than once, or are not an object.
    pub(super) is_data_odd: bool,
    /// Whether the event is an object.
    is_object: bool,
}

impl<'a> Parts<'a> {
    /// Splits an event. Fails if it is not a JSON object.
    pub(super) fn of(text: &'a str) -> Result<Self, Malformed> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let parts = Parts {
            outer: Fields::new(&OUTER),
            inner: Fields::new(&INNER),
            data_at: None,
            is_data_odd: false,
            is_object: false,
        };
        let parts = deserializer
            .deserialize_any(parts)
            .and_then(|parts| deserializer.end().map(|()| parts))
            .map_err(|error| Malformed::from_json("", &error))?;
        if !parts.is_object {
            return Err(Malformed::new("", "expected an object"));
        }
        Ok(parts)
    }

    /// A member of the event itself.
    pub(super) fn outer(&self, name: &str) -> Member<'a> {
        self.outer.get(name)
    }

    /// A member of the event's data.
    pub(super) fn inner(&self, name: &str) -> Member<'a> {
        self.inner.get(name)
    }

    /// The location of a member of the event's data.
    pub(super) fn place(&self, name: &str) -> String {
        format!("{}/{name}", self.data_at.unwrap_or("/data"))
    }
}

impl<'de> Visitor<'de> for Parts<'de> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        self.is_object = true;
        while let Some(name) = map.next_key::<Name<'_>>()? {
            let at = match name.as_str() {
                "data" => "/data",
                "payload" => "/payload",
                name => {
                    self.outer.member(name, &mut map)?;
                    continue;
                }
            };
            let found = map.next_value_seed(FieldsSeed(Fields::new(&INNER)))?;
            match found.kind {
                Kind::Null => {}
                Kind::Object if self.data_at.is_none() => {
                    self.data_at = Some(at);
                    self.inner = found;
                }
                Kind::Object | Kind::Other => {
                    self.data_at.get_or_insert(at);
                    self.is_data_odd = true;
                }
            }
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self)
    }
    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }
}

/// The known members of one object.
#[derive(Clone, Copy)]
struct Fields<'a, const N: usize> {
    names: &'static [&'static str; N],
    members: [Member<'a>; N],
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Null,
    Object,
    Other,
}

impl<'a, const N: usize> Fields<'a, N> {
    fn new(names: &'static [&'static str; N]) -> Self {
        let members = [Member::default(); N];
        let kind = Kind::Null;
        Self {
            names,
            members,
            kind,
        }
    }

    fn get(&self, name: &str) -> Member<'a> {
        let at = self.names.iter().position(|known| *known == name);
        at.map(|at| self.members[at]).unwrap_or_default()
    }

    fn member<A: MapAccess<'a>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match self.names.iter().position(|known| *known == name) {
            Some(at) => self.members[at].put(map.next_value()?),
            None => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn of_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }
}

struct FieldsSeed<'a, const N: usize>(Fields<'a, N>);

impl<'de, const N: usize> DeserializeSeed<'de> for FieldsSeed<'de, N> {
    type Value = Fields<'de, N>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for FieldsSeed<'de, N> {
    type Value = Fields<'de, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        while let Some(name) = map.next_key::<Name<'_>>()? {
            self.0.member(name.as_str(), &mut map)?;
        }
        Ok(self.0.of_kind(Kind::Object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self.0.of_kind(Kind::Other))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(self.0)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(self.0.of_kind(Kind::Other))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(self.0.of_kind(Kind::Other))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(self.0.of_kind(Kind::Other))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(self.0.of_kind(Kind::Other))
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(self.0.of_kind(Kind::Other))
    }
}

/// A part of an event that could not be decoded.
pub(super) fn unread(malformed: Malformed) -> MemberError {
    let at = malformed.pointer().to_owned();
    MemberError::new("", at, ItemError::Malformed(malformed))
}

/// A member of an event, unless it is null. A duplicate is reported.
pub(super) fn once<'a>(
    member: Member<'a>,
    place: &str,
    faults: &mut Vec<MemberError>,
) -> Option<&'a RawValue> {
    if member.is_duplicate() {
        faults.push(unread(Malformed::new(place, DUPLICATE)));
    }
    member.said()
}

/// Reads an object whose members are all optional. A member that does not fit is
/// left out and reported.
pub(super) fn object<T: DeserializeOwned + Default>(
    raw: &RawValue,
    place: &str,
    faults: &mut Vec<MemberError>,
) -> T {
    let whole = match decode::body(raw) {
        Ok(whole) => return whole,
        Err(error) => error,
    };
    let Some(members) = Members::of(raw.get()) else {
        faults.push(unread(Malformed::new(place, whole.reason())));
        return T::default();
    };
    let mut kept = String::new();
    for (name, value) in members.iter() {
        let (Ok(key), value) = (serde_json::to_string(name), value.get()) else {
            continue;
        };
        let alone = format!("{{{key}:{value}}}");
        let fault = if members.get(name).is_duplicate() {
            Some(DUPLICATE.to_owned())
        } else {
            let read = crate::body::text_as::<T>(&alone).err();
            read.map(|error| error.reason().to_owned())
        };
        match fault {
            None => {
                kept.push(if kept.is_empty() { '{' } else { ',' });
                kept.push_str(&alone[1..alone.len() - 1]);
            }
            Some(why) => {
                let at = format!("{place}/{}", crate::text::clean(name));
                faults.push(unread(Malformed::new(at, why)));
            }
        }
    }
    kept.push_str(if kept.is_empty() { "{}" } else { "}" });
    crate::body::text_as(&kept).unwrap_or_default()
}
