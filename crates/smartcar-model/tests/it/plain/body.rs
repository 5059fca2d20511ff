//! Reads bodies from a table of their members.
//!
//! Invariant: an unreadable known member fails its body.

use serde_json::{Map, Value, json};

use super::{has_broken_name, is_broken, is_twice, number, object};

/// The members of an object: name, alternative spelling, kind, and whether it is
/// required.
pub(crate) type Table = &'static [(&'static str, &'static str, Kind, bool)];

#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Number,
    /// A number, which may be text.
    Loose,
    Text,
    /// A text, which may be a number.
    LooseText,
    Flag,
    /// A flag, which may be unknown.
    LooseFlag,
    Whole,
    List(Table),
    /// A list of texts.
    Texts,
    /// A list of texts, which may be a single one.
    LooseTexts,
    Nested(Table),
}
use Kind::{
    Flag, List, Loose, LooseFlag, LooseText, LooseTexts, Nested, Number, Text, Texts, Whole,
};

const STATES: Table = &[("type", "", Text, true), ("status", "", Text, true)];
const PLACES: Table = &[
    ("row", "", Whole, false),
    ("column", "", Whole, false),
    ("isOpen", "", Flag, false),
    ("isLocked", "", Flag, false),
];
const WINDOWS: Table = &[("start", "", Text, true), ("end", "", Text, true)];
const VALUE: Table = &[("value", "", Loose, false), ("unit", "", Text, false)];

/// The bodies that the plain decoder reads, by path.
pub(crate) const BODIES: &[(&str, Table)] = &[
    ("/odometer", &[("distance", "", Number, true)]),
    (
        "/location",
        &[
            ("latitude", "", Number, true),
            ("longitude", "", Number, true),
        ],
    ),
    (
        "/fuel",
        &[
            ("percentRemaining", "", Number, false),
            ("amountRemaining", "", Number, false),
            ("range", "", Number, false),
        ],
    ),
    (
        "/battery",
        &[
            ("percentRemaining", "", Number, true),
            ("range", "", Number, true),
        ],
    ),
    (
        "/charge",
        &[("isPluggedIn", "", Flag, true), ("state", "", Text, true)],
    ),
    (
        "/",
        &[
            ("id", "", Text, true),
            ("make", "", Text, true),
            ("model", "", Text, true),
            ("year", "", Whole, true),
        ],
    ),
    (
        "/security",
        &[
            ("isLocked", "", Flag, true),
            ("doors", "", List(STATES), true),
            ("windows", "", List(STATES), true),
            ("sunroof", "", List(STATES), true),
            ("storage", "", List(STATES), true),
            ("chargingPort", "", List(STATES), true),
        ],
    ),
    (
        "/diagnostics/system_status",
        &[(
            "systems",
            "",
            List(&[
                ("systemId", "systemID", Text, true),
                ("status", "", Text, true),
                ("description", "", Text, false),
            ]),
            true,
        )],
    ),
    (
        "/tesla/charge",
        &[
            ("amperage", "", Loose, false),
            ("chargePortColor", "", LooseText, false),
            ("chargePortOpen", "", LooseFlag, false),
            ("connector", "", LooseText, false),
            ("fastChargerPresent", "", LooseFlag, false),
            ("socLimit", "", Loose, false),
        ],
    ),
    (
        "/tesla/charge/records/billing",
        &[
            ("hasMoreData", "", Flag, true),
            (
                "records",
                "",
                List(&[
                    ("chargeStart", "", Text, false),
                    ("energyConsumed", "", Number, false),
                    ("location", "", Text, false),
                    (
                        "cost",
                        "",
                        Nested(&[
                            ("currency", "", Text, false),
                            ("energy", "", Loose, false),
                            ("other", "", Loose, false),
                        ]),
                        false,
                    ),
                ]),
                true,
            ),
        ],
    ),
    (
        "/tesla/alerts",
        &[(
            "alerts",
            "",
            List(&[
                ("name", "", Text, false),
                ("audience", "", Texts, false),
                ("userText", "", LooseTexts, false),
            ]),
            false,
        )],
    ),
    (
        "/ford/charge/schedule_by_location",
        &[(
            "chargingLocations",
            "chargingLocation",
            List(&[
                ("chargeLimit", "", Number, true),
                (
                    "location",
                    "",
                    Nested(&[
                        ("latitude", "", Number, true),
                        ("longitude", "", Number, true),
                    ]),
                    true,
                ),
                (
                    "chargingSchedules",
                    "",
                    Nested(&[
                        ("weekday", "", List(WINDOWS), true),
                        ("weekend", "", List(WINDOWS), true),
                    ]),
                    true,
                ),
            ]),
            true,
        )],
    ),
    (
        "/nissan/charge/schedule",
        &[(
            "chargeSchedules",
            "",
            List(&[
                ("start", "", Text, true),
                ("end", "", Text, true),
                ("days", "", Texts, true),
            ]),
            true,
        )],
    ),
    ("/signals/odometer-traveleddistance", VALUE),
    ("/signals/internalcombustionengine-range", VALUE),
    (
        "/signals/closure-doors",
        &[
            ("values", "doors", List(PLACES), false),
            ("rowCount", "", Whole, false),
            ("columnCount", "", Whole, false),
        ],
    ),
];

pub(crate) fn table(path: &str) -> Table {
    BODIES.iter().find(|(known, _)| *known == path).unwrap().1
}

/// A body as its type serializes it. `None` if it cannot be read.
pub(crate) fn read(value: &Value, table: Table) -> Option<Value> {
    let members = object(value)?;
    if has_broken_name(members) {
        return None;
    }
    let mut read = Map::new();
    for (name, other, kind, required) in table {
        let value = match (members.get(*name), members.get(*other)) {
            (Some(_), Some(_)) => return None,
            _ if is_twice(members, name) || is_twice(members, other) => return None,
            (found, spelled) => found.or(spelled).unwrap_or(&Value::Null),
        };
        let unknown = value == "<invalid>" && !matches!(kind, Number | Text | Flag | Texts);
        if !required && (value.is_null() || unknown) {
            continue;
        }
        let value = match kind {
            List(table) if value.get(*other).is_some() => wrapped(value, other, table)?,
            kind => member(value, *kind)?,
        };
        read.insert((*name).to_owned(), value);
    }
    Some(read.into())
}

/// A list in an object, under the list's other name. What else the object has must be
/// readable as one of the list's elements.
fn wrapped(value: &Value, name: &str, table: Table) -> Option<Value> {
    let mut members = object(value)?.clone();
    if is_broken(value) || is_twice(&members, name) {
        return None;
    }
    let list = members.remove(name)?;
    read(&members.into(), table)?;
    member(&list, List(table))
}

fn member(value: &Value, kind: Kind) -> Option<Value> {
    if is_broken(value) {
        return None;
    }
    match kind {
        Number => value.as_f64().map(Value::from),
        Loose => number(value).map(Value::from),
        Text => value.as_str().map(Value::from),
        LooseText => loose_text(value),
        Flag | LooseFlag => value.as_bool().map(Value::from),
        Texts => value
            .as_array()?
            .iter()
            .map(|it| member(it, Text))
            .collect(),
        LooseTexts => match value {
            Value::Array(list) => list.iter().map(loose_text).collect(),
            one => Some(json!([one.as_str()?])),
        },
        Nested(table) => self::read(value, table),
        Whole => whole(value).map(Value::from),
        List(table) => {
            let list: Option<Vec<_>> = match value {
                Value::Array(list) => list.iter().map(|it| self::read(it, table)).collect(),
                one => {
                    let members = object(one)?;
                    let known = |name: &str| !name.is_empty() && members.contains_key(name);
                    let mut names = table.iter();
                    if !names.any(|(name, other, ..)| known(name) || known(other)) {
                        return None;
                    }
                    Some(vec![self::read(one, table)?])
                }
            };
            Some(json!(list?))
        }
    }
}

fn loose_text(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) if number.is_f64() => Some(number.as_f64()?.to_string().into()),
        Value::Number(number) => Some(number.to_string().into()),
        other => other.as_str().map(Value::from),
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) if number.is_f64() => {
            let double = number.as_f64()?;
            let exact = double.fract() == 0.0 && double.abs() < 4_503_599_627_370_496.0;
            #[allow(clippy::cast_possible_truncation, reason = "it is whole and small")]
            exact.then_some(double as i64)
        }
        other => other.as_i64(),
    }
}
