//! Errors of a vehicle, and their end.
//!
//! Invariant: an error that cannot be decoded does not affect the others, and is
//! reported.

use std::ops::Deref;

use serde_json::Value;
use serde_json::value::RawValue;

use super::about::About;
use super::parts::{Parts, code_of, kept, once, unread};
use crate::generated::webhook::VehicleErrorState;
use crate::malformed::Malformed;
use crate::v3::MemberError;

/// Errors of one vehicle. It dereferences to [`About`], which has the IDs.
#[derive(Debug, Clone)]
pub struct VehicleErrors {
    about: About,
    errors: Vec<VehicleError>,
    raw: Option<Box<RawValue>>,
    unread: Vec<MemberError>,
}

/// One error of a vehicle, or its end.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct VehicleError {
    /// The type, as in the API's errors, such as `CONNECTED_SERVICES_ACCOUNT`.
    pub error_type: Option<String>,
    /// The code, such as `AUTHENTICATION_FAILED`.
    pub code: Option<String>,
    /// Whether the error began or ended.
    pub state: Option<VehicleErrorState>,
    /// Description for developers.
    pub description: Option<String>,
    /// Text for the owner.
    pub user_message: Option<String>,
    /// Address of the error's documentation.
    pub doc_url: Option<String>,
    /// What ends the error, such as `REAUTHENTICATE`.
    pub resolution: Option<String>,
    /// The codes of the affected signals. Empty if the event does not say.
    pub signals: Vec<String>,
}

impl VehicleErrors {
    pub(super) fn read(parts: &Parts<'_>) -> Self {
        let mut unread_parts = Vec::new();
        let about = About::read(parts, &mut unread_parts);
        let place = parts.place("errors");
        let raw = once(parts.inner("errors"), &place, &mut unread_parts);
        let list = match raw.map(serde_json::from_str) {
            Some(Ok(Value::Array(list))) => list,
            Some(Ok(single @ Value::Object(_))) => vec![single],
            Some(_) => {
                unread_parts.push(unread(Malformed::new(&place, "expected a list")));
                Vec::new()
            }
            None => {
                unread_parts.push(unread(Malformed::new(&place, "there are no errors")));
                Vec::new()
            }
        };
        let mut errors = Vec::new();
        for (index, value) in list.iter().enumerate() {
            if value.is_object() {
                errors.push(VehicleError::of(value));
            } else {
                let at = format!("{place}/{index}");
                unread_parts.push(unread(Malformed::new(at, "expected an error")));
            }
        }
        Self {
            about,
            errors,
            raw: raw.and_then(kept),
            unread: unread_parts,
        }
    }

    /// The errors.
    pub fn errors(&self) -> &[VehicleError] {
        &self.errors
    }

    /// The errors as received. `None` if the event has none.
    pub fn raw(&self) -> Option<&RawValue> {
        self.raw.as_deref()
    }

    /// Parts of the event that were sent and could not be decoded.
    pub fn unread(&self) -> &[MemberError] {
        &self.unread
    }
}

impl Deref for VehicleErrors {
    type Target = About;

    fn deref(&self) -> &About {
        &self.about
    }
}

impl VehicleError {
    fn of(value: &Value) -> Self {
        let text = |name: &str| word(value.get(name)?);
        let resolution = value.get("resolution");
        let signals = value.get("signals").and_then(Value::as_array);
        Self {
            error_type: text("type"),
            code: text("code"),
            state: text("state")
                .map(|state| VehicleErrorState::from(state.to_ascii_uppercase().as_str())),
            description: text("description"),
            user_message: text("suggestedUserMessage"),
            doc_url: text("docURL"),
            resolution: resolution.and_then(|it| word(it).or_else(|| word(it.get("type")?))),
            signals: signals.into_iter().flatten().filter_map(code).collect(),
        }
    }
}

fn word(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The code of a signal: a text, or an object whose code, or whose group and name,
/// say it.
fn code(value: &Value) -> Option<String> {
    let written = word(value).or_else(|| word(value.get("code")?));
    if let Some(code) = written {
        return Some(code_of(&code));
    }
    let (group, name) = (word(value.get("group")?)?, word(value.get("name")?)?);
    let joined = |a: &str, b: &str| format!("{a}-{b}").to_ascii_lowercase();
    let known = |code: &String| crate::v3::SignalInfo::of(code).is_some();
    // Some samples have group and name swapped.
    let swapped = joined(&name, &group);
    Some(if known(&swapped) {
        swapped
    } else {
        joined(&group, &name)
    })
}
