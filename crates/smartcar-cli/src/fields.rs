//! Splits a body into its fields.
//!
//! Invariant: fields have the order of the endpoint table, and numbers keep their
//! original digits.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use smartcar_batch::{EndpointInfo, UnitSystem};

use crate::age::UNKNOWN;

/// A field of a body that is neither an object nor a list of objects.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its path in the body, such as `doors[0].status`.
    pub(crate) name: String,
    /// Its name in the endpoint table, such as `doors[].status`.
    pub(crate) pattern: String,
    /// Its value; `None` for null.
    pub(crate) value: Option<String>,
    /// Whether the value is a single number.
    pub(crate) is_number: bool,
}

/// The fields of an endpoint's body; nested ones are named by their path.
pub(crate) fn of(info: &EndpointInfo, body: &RawValue) -> Vec<Field> {
    let mut fields = Vec::new();
    visit(info, body, String::new(), String::new(), &mut fields);
    fields
}

fn visit(
    info: &EndpointInfo,
    value: &RawValue,
    name: String,
    pattern: String,
    fields: &mut Vec<Field>,
) {
    let members: Result<BTreeMap<String, &RawValue>, _> = serde_json::from_str(value.get());
    if let Ok(members) = members
        && !members.is_empty()
    {
        let dot = if name.is_empty() { "" } else { "." };
        let mut members: Vec<_> = members
            .into_iter()
            .map(|(member, value)| (format!("{pattern}{dot}{member}"), member, value))
            .collect();
        members.sort_by_key(|(pattern, ..)| place(info, pattern));
        for (pattern, member, value) in members {
            visit(info, value, format!("{name}{dot}{member}"), pattern, fields);
        }
        return;
    }
    let is_number = value
        .get()
        .starts_with(|letter: char| letter == '-' || letter.is_ascii_digit());
    let list: Result<Vec<&RawValue>, _> = serde_json::from_str(value.get());
    let value = match list {
        Ok(elements) if elements.is_empty() => Some("none".to_owned()),
        Ok(elements) if elements.iter().any(|element| is_nested(element)) => {
            for (index, element) in elements.iter().enumerate() {
                let (name, pattern) = (format!("{name}[{index}]"), format!("{pattern}[]"));
                visit(info, element, name, pattern, fields);
            }
            return;
        }
        // A list of plain values is one field.
        Ok(elements) => {
            let shown = |element| plain(element).unwrap_or_else(|| UNKNOWN.to_owned());
            let values: Vec<_> = elements.into_iter().map(shown).collect();
            Some(values.join(", "))
        }
        Err(_) => plain(value),
    };
    let name = if name.is_empty() {
        "body".to_owned()
    } else {
        name
    };
    fields.push(Field {
        name,
        pattern,
        value,
        is_number,
    });
}

/// A field's position in the endpoint table; unknown fields come last.
fn place(info: &EndpointInfo, pattern: &str) -> usize {
    let mut fields = info.fields.iter();
    fields
        .position(|field| field.name == pattern)
        .unwrap_or(usize::MAX)
}

fn is_nested(value: &RawValue) -> bool {
    value.get().starts_with(['{', '['])
}

/// A value without its quotes; `None` for null.
fn plain(value: &RawValue) -> Option<String> {
    match value.get() {
        "null" => None,
        "{}" => Some("none".to_owned()),
        text => Some(serde_json::from_str(text).unwrap_or_else(|_| text.to_owned())),
    }
}

/// A field's unit in the item's unit system. If the item does not name a system and
/// the units differ, both are given, because a guess could be far off.
pub(crate) fn unit(
    info: &EndpointInfo,
    pattern: &str,
    system: Option<&UnitSystem>,
) -> Option<String> {
    let (metric, imperial) = (info.unit(pattern, false), info.unit(pattern, true));
    match (metric, imperial, system) {
        (Some(metric), _, Some(UnitSystem::Metric)) => Some(metric.to_owned()),
        (_, Some(imperial), Some(UnitSystem::Imperial)) => Some(imperial.to_owned()),
        (Some(metric), Some(imperial), _) => Some(both(metric, imperial)),
        _ => None,
    }
}

/// A field's unit in both systems.
pub(crate) fn both(metric: &str, imperial: &str) -> String {
    if metric == imperial {
        metric.to_owned()
    } else {
        format!("{metric} / {imperial}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(path: &str, json: &str) -> Vec<[String; 3]> {
        let info = EndpointInfo::of(path).unwrap();
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        of(info, &raw)
            .into_iter()
            .map(|field| {
                [
                    field.name,
                    field.pattern,
                    field.value.unwrap_or_else(|| "-".to_owned()),
                ]
            })
            .collect()
    }

    #[test]
    fn fields_have_the_order_of_the_table_and_keep_their_digits() {
        let json =
            r#"{"backLeft":1.50,"a":{"b":null,"e":{}},"frontLeft":"x","l":["p","q"],"n":[]}"#;
        assert_eq!(
            rows("/tires/pressure", json),
            [
                ["frontLeft", "frontLeft", "x"],
                ["backLeft", "backLeft", "1.50"],
                ["a.b", "a.b", "-"],
                ["a.e", "a.e", "none"],
                ["l", "l", "p, q"],
                ["n", "n", "none"],
            ]
        );
    }

    #[test]
    fn lists_of_objects_are_numbered() {
        let json = r#"{"doors":[{"status":"OPEN","type":"frontLeft"},{"status":"CLOSED"}]}"#;
        assert_eq!(
            rows("/security", json),
            [
                ["doors[0].type", "doors[].type", "frontLeft"],
                ["doors[0].status", "doors[].status", "OPEN"],
                ["doors[1].status", "doors[].status", "CLOSED"],
            ]
        );
        let history = rows("/service/history", r#"[{"serviceId":"1"}]"#);
        assert_eq!(history, [["[0].serviceId", "[].serviceId", "1"]]);
        assert_eq!(rows("/service/history", "[]"), [["body", "", "none"]]);
    }
}
