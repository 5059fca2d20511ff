//! The signals of a delivery, read by the code that reads a store's.
//!
//! Invariant: each element is a signal, a duplicate, or reported with its place.

use serde_json::value::RawValue;

use super::parts::{code_of, unread};
use crate::decode::{Warning, WarningKind};
use crate::malformed::Malformed;
use crate::members::Members;
use crate::text;
use crate::v3::{MemberError, Signals};

/// The signals of one delivery.
pub(super) struct Delivered {
    pub(super) signals: Signals,
    pub(super) warnings: Vec<Warning>,
    /// The signals as a JSON list.
    pub(super) list: String,
}

impl Delivered {
    /// Reads the signals: a list, a map from their names, or a single one. `place` is
    /// their JSON pointer.
    pub(super) fn read(text: Option<&str>, place: &str, faults: &mut Vec<MemberError>) -> Self {
        let mut keys = None;
        let list = match text {
            Some(list) if list.starts_with('[') => list.to_owned(),
            Some(map) if map.starts_with('{') => match Members::of(map) {
                Some(members) if members.get("code").said().is_some() => format!("[{map}]"),
                Some(members) => {
                    let (list, names) = listed(&members);
                    keys = Some(names);
                    list
                }
                None => "[]".to_owned(),
            },
            Some(_) => {
                faults.push(unread(Malformed::new(place, "expected a list")));
                "[]".to_owned()
            }
            None => {
                faults.push(unread(Malformed::new(place, "there are no signals")));
                "[]".to_owned()
            }
        };
        let mut signals = Signals::new().delivered(true);
        let mut warnings = match signals.read_list(list.clone(), None) {
            Ok((_, warnings)) => warnings,
            Err(malformed) => {
                faults.push(unread(Malformed::new(place, malformed.reason())));
                Vec::new()
            }
        };
        let count = warnings.len();
        warnings.retain(|warning| warning.kind != WarningKind::Unrequested);
        if warnings.len() < count {
            faults.extend(nameless(&list, place, keys.as_deref()));
        }
        Self {
            signals,
            warnings,
            list,
        }
    }
}

/// The elements of a map as a list. An element without a code gets the one that its
/// key says.
fn listed(members: &Members<'_>) -> (String, Vec<String>) {
    let mut list = String::from("[");
    let mut names = Vec::new();
    for (name, raw) in members.iter() {
        if list.len() > 1 {
            list.push(',');
        }
        let own = Members::of(raw);
        let is_nameless = own
            .as_ref()
            .is_some_and(|own| own.get("code").said().is_none() && !own.get("code").is_duplicate());
        let code = code_of(name);
        match serde_json::to_string(&code) {
            Ok(code) if is_nameless && !name.is_empty() => {
                let others = own.iter().flat_map(Members::iter);
                let others = others.filter(|(name, _)| *name != "code");
                list.push_str(&format!("{{\"code\":{code}"));
                for (name, value) in others {
                    if let Ok(name) = serde_json::to_string(name) {
                        list.push_str(&format!(",{name}:{value}"));
                    }
                }
                list.push('}');
            }
            _ => list.push_str(raw),
        }
        names.push(text::clean(name));
    }
    list.push(']');
    (list, names)
}

/// The elements that are not signals, because they have no code.
fn nameless(list: &str, place: &str, keys: Option<&[String]>) -> Vec<MemberError> {
    let elements: Vec<&RawValue> = serde_json::from_str(list).unwrap_or_default();
    let is_nameless = |raw: &RawValue| {
        let read = Signals::new().read_list(format!("[{raw}]"), None);
        read.is_ok_and(|(_, warnings)| !warnings.is_empty())
    };
    let mut faults = Vec::new();
    for (index, raw) in elements.into_iter().enumerate() {
        if is_nameless(raw) {
            let at = match keys.and_then(|keys| keys.get(index)) {
                Some(key) => format!("{place}/{key}"),
                None => format!("{place}/{index}"),
            };
            let why = if raw.get().starts_with('{') {
                "a signal without a readable code"
            } else {
                "expected a signal"
            };
            faults.push(unread(Malformed::new(at, why)));
        }
    }
    faults
}
