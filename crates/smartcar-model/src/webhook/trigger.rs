//! What caused a delivery.
//!
//! Invariant: every form that was seen gives the same trigger, and none is an error.

use serde_json::Value;

use crate::generated::webhook::TriggerType;

/// What caused a delivery: a signal that changed, or the vehicle's first delivery.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Trigger {
    /// The kind. A trigger without one, as in the documentation, is an update of
    /// its signal.
    pub kind: TriggerType,
    /// The signal's code in lower case, such as `odometer-traveleddistance`. `None`
    /// if there is none.
    pub code: Option<String>,
    /// The signal's name, such as `TraveledDistance`. `None` if it is not sent.
    pub name: Option<String>,
    /// The signal's group, such as `Odometer`. `None` if it is not sent.
    pub group: Option<String>,
}

impl Trigger {
    /// Reads the triggers: a list, or a single one. Their elements are objects with
    /// the signal inside or beside, or texts.
    pub(super) fn list(text: &str) -> Vec<Self> {
        match serde_json::from_str(text) {
            Ok(Value::Array(list)) => list.iter().filter_map(Self::of).collect(),
            Ok(other) => Self::of(&other).into_iter().collect(),
            Err(_) => Vec::new(),
        }
    }

    fn of(value: &Value) -> Option<Self> {
        let text = |value: &Value, name: &str| {
            let text = value.get(name)?.as_str()?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        if let Value::String(word) = value {
            // Codes have a hyphen, kinds have underscores.
            let is_code = word.contains('-');
            return Some(Self {
                kind: if is_code {
                    TriggerType::SignalUpdated
                } else {
                    kind(word)
                },
                code: is_code.then(|| word.trim().to_ascii_lowercase()),
                name: None,
                group: None,
            });
        }
        if !value.is_object() {
            return None;
        }
        let signal = value.get("signal").filter(|signal| !signal.is_null());
        let code = match signal {
            Some(Value::String(code)) => Some(code.trim().to_owned()),
            signal => text(signal.unwrap_or(value), "code"),
        };
        let about = signal.filter(|it| it.is_object()).unwrap_or(value);
        Some(Self {
            kind: text(value, "type").map_or(TriggerType::SignalUpdated, |word| kind(&word)),
            code: code.map(|code| code.to_ascii_lowercase()),
            name: text(about, "name"),
            group: text(about, "group"),
        })
    }
}

fn kind(word: &str) -> TriggerType {
    TriggerType::from(word.trim().to_ascii_uppercase().as_str())
}
