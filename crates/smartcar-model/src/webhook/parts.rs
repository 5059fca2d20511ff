//! Splits an event into its members in one pass.
//!
//! Invariant: members are extracted without being parsed. A duplicate or a member of
//! the wrong type is an error only for the caller that reads it.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::body::text_as;
use crate::item_error::ItemError;
use crate::lexer::Lexer;
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
#[derive(Default)]
pub(super) struct Parts<'a> {
    outer: [Member<'a>; 6],
    inner: [Member<'a>; 7],
    /// Where the data are: `/data` or `/payload`. `None` if there are none.
    pub(super) data_at: Option<&'static str>,
    /// Whether the data occur more than once, or are not an object.
    pub(super) is_data_odd: bool,
}

impl<'a> Parts<'a> {
    /// Splits an event. Fails if it is not a JSON object.
    pub(super) fn of(text: &'a str) -> Result<Self, Malformed> {
        let mut parts = Self::default();
        let mut lexer = Lexer::new(text);
        let is_object = lexer.peek() == Some(b'{');
        let read = is_object.then(|| {
            lexer.members(|key, lexer| parts.member(Name::of(key).as_str(), lexer))?;
            lexer.is_at_end().then_some(())
        });
        match read {
            Some(Some(())) => Ok(parts),
            _ => Err(match serde_json::from_str::<&RawValue>(text) {
                Err(error) => Malformed::from_json("", &error),
                Ok(_) => Malformed::new("", "expected an object"),
            }),
        }
    }

    fn member(&mut self, name: &str, lexer: &mut Lexer<'a>) -> Option<()> {
        let at = match name {
            "data" => "/data",
            "payload" => "/payload",
            name => return put(&OUTER, &mut self.outer, name, lexer),
        };
        if lexer.peek()? != b'{' {
            if lexer.value()? != "null" {
                self.data_at.get_or_insert(at);
                self.is_data_odd = true;
            }
            return Some(());
        }
        let mut inner = [Member::default(); 7];
        lexer.members(|key, lexer| put(&INNER, &mut inner, Name::of(key).as_str(), lexer))?;
        // Of two objects the first is used, and the other is reported.
        if self.data_at.is_some() {
            self.is_data_odd = true;
        } else {
            self.data_at = Some(at);
            self.inner = inner;
        }
        Some(())
    }

    /// A member of the event itself.
    pub(super) fn outer(&self, name: &str) -> Member<'a> {
        get(&OUTER, &self.outer, name)
    }

    /// A member of the event's data.
    pub(super) fn inner(&self, name: &str) -> Member<'a> {
        get(&INNER, &self.inner, name)
    }

    /// The location of a member of the event's data.
    pub(super) fn place(&self, name: &str) -> String {
        format!("{}/{name}", self.data_at.unwrap_or("/data"))
    }
}

fn get<'a>(names: &[&str], members: &[Member<'a>], name: &str) -> Member<'a> {
    let at = names.iter().position(|known| *known == name);
    at.map(|at| members[at]).unwrap_or_default()
}

fn put<'a>(
    names: &[&str],
    members: &mut [Member<'a>],
    name: &str,
    lexer: &mut Lexer<'a>,
) -> Option<()> {
    let value = lexer.value()?;
    if let Some(at) = names.iter().position(|known| *known == name) {
        members[at].put(value);
    }
    Some(())
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
) -> Option<&'a str> {
    if member.is_duplicate() {
        faults.push(unread(Malformed::new(place, DUPLICATE)));
    }
    member.said()
}

/// A signal's code from its name: `TractionBattery.StateOfCharge` is
/// `tractionbattery-stateofcharge`.
pub(super) fn code_of(name: &str) -> String {
    name.replace('.', "-").to_ascii_lowercase()
}

/// A part as received.
pub(super) fn kept(text: &str) -> Option<Box<RawValue>> {
    RawValue::from_string(text.to_owned()).ok()
}

/// Reads an object whose members are all optional. A member that does not fit is
/// left out and reported.
pub(super) fn object<T: DeserializeOwned + Default>(
    text: &str,
    place: &str,
    faults: &mut Vec<MemberError>,
) -> T {
    let whole = match text_as(text) {
        Ok(whole) => return whole,
        Err(error) => error,
    };
    let Some(members) = Members::of(text) else {
        faults.push(unread(Malformed::new(place, whole.reason())));
        return T::default();
    };
    let mut counts = BTreeMap::new();
    for (name, _) in members.iter() {
        *counts.entry(name).or_insert(0) += 1;
    }
    let mut kept = String::new();
    for (name, value) in members.iter() {
        let Ok(key) = serde_json::to_string(name) else {
            continue;
        };
        let alone = format!("{{{key}:{value}}}");
        let fault = if counts.get(name).is_some_and(|count| *count > 1) {
            Some(DUPLICATE.to_owned())
        } else {
            let read = text_as::<T>(&alone).err();
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
    text_as(&kept).unwrap_or_default()
}
