//! An event: which one it is.
//!
//! Invariant: an event of an unknown type is kept, not rejected.

use std::ops::Deref;

use serde_json::value::RawValue;

use super::about::About;
use super::errors::VehicleErrors;
use super::parts::Parts;
use super::state::VehicleState;
use crate::generated::webhook::EventType;
use crate::malformed::{DUPLICATE, Malformed};
use crate::text::Text;
use crate::v3::MemberError;

/// One event of a webhook.
#[derive(Debug, Clone)]
pub enum Event {
    /// A verification of the callback URI.
    Verify(Verify),
    /// The selected signals of a vehicle.
    State(Box<VehicleState>),
    /// Errors of a vehicle, or their end.
    Error(Box<VehicleErrors>),
    /// An event of a type that is not in the spec.
    Other(Box<Other>),
}

/// A verification of the callback URI.
#[derive(Debug, Clone)]
pub struct Verify {
    challenge: Option<String>,
}

impl Verify {
    /// Reads a verification, which is not signed. `None` for any other text, of which
    /// nothing else is read.
    pub fn read(text: &str) -> Option<Self> {
        let parts = Parts::of(text).ok()?;
        let event_type = event_type(&parts).ok()?;
        let is_verify = EventType::of(&event_type) == EventType::Verify;
        is_verify.then(|| Self::of(&parts))
    }

    fn of(parts: &Parts<'_>) -> Self {
        let challenge = parts.inner("challenge").said();
        Self {
            // Not lenient: a number is not a challenge.
            challenge: challenge.and_then(|raw| serde_json::from_str(raw).ok()),
        }
    }

    /// The text to be signed. `None` if it is absent or not a text.
    pub fn challenge(&self) -> Option<&str> {
        self.challenge.as_deref()
    }
}

/// An event of a type that is not in the spec. It dereferences to [`About`].
#[derive(Clone)]
pub struct Other {
    about: About,
    event_type: String,
    raw: Box<RawValue>,
    unread: Vec<MemberError>,
}

impl Other {
    /// The type of the event, as received.
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// The event as received.
    pub fn raw(&self) -> &RawValue {
        &self.raw
    }

    /// Parts of the event that were sent and could not be decoded.
    pub fn unread(&self) -> &[MemberError] {
        &self.unread
    }
}

impl Deref for Other {
    type Target = About;

    fn deref(&self) -> &About {
        &self.about
    }
}

impl std::fmt::Debug for Other {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Other")
            .field("event_type", &crate::text::clean(&self.event_type))
            .finish_non_exhaustive()
    }
}

impl Event {
    /// Decodes an event from the bytes of a body. The signature is not checked here.
    ///
    /// Fails if they are not UTF-8, or as [`Event::read`] does.
    pub fn from_bytes(body: &[u8]) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(body);
        Self::read(text.map_err(|_| Malformed::new("", "expected UTF-8"))?)
    }

    /// Decodes an event. The signature is not checked here.
    ///
    /// Fails if the text is not a JSON object with the type of an event.
    pub fn read(text: &str) -> Result<Self, Malformed> {
        let parts = Parts::of(text)?;
        let event_type = event_type(&parts)?;
        Ok(match EventType::of(&event_type) {
            EventType::Verify => Self::Verify(Verify::of(&parts)),
            EventType::VehicleState => Self::State(Box::new(VehicleState::read(&parts))),
            EventType::VehicleError => Self::Error(Box::new(VehicleErrors::read(&parts))),
            EventType::Unrecognized(_) => {
                let mut faults = Vec::new();
                let about = About::read(&parts, &mut faults);
                let raw = RawValue::from_string(text.to_owned());
                let raw = raw.map_err(|error| Malformed::from_json("", &error))?;
                Self::Other(Box::new(Other {
                    about,
                    event_type,
                    raw,
                    unread: faults,
                }))
            }
        })
    }
}

/// The type: `eventType`, or `eventName` of older events.
fn event_type(parts: &Parts<'_>) -> Result<String, Malformed> {
    for name in ["eventType", "eventName"] {
        let at = format!("/{name}");
        let member = parts.outer(name);
        if member.is_duplicate() {
            return Err(Malformed::new(at, DUPLICATE));
        }
        if let Some(raw) = member.said() {
            let Ok(Text(word)) = serde_json::from_str(raw) else {
                return Err(Malformed::new(at, "expected a string"));
            };
            let word = word.trim();
            if !word.is_empty() {
                return Ok(word.to_owned());
            }
        }
    }
    Err(Malformed::new("/eventType", "there is no type of an event"))
}

impl EventType {
    /// The type of a word in either case.
    fn of(word: &str) -> Self {
        Self::from(word.to_ascii_uppercase().as_str())
    }
}
