//! The body of one result, before and after its type is known.
//!
//! Invariant: a body is deserialized directly from the received text, once per
//! requested type. It is serialized and parsed again only to locate an error.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

use crate::lenient::Object;
use crate::malformed::Malformed;
use crate::personal::Redacted;
use crate::tree::Tree;

/// A body that has not been read yet.
#[derive(Clone)]
pub(crate) enum Body<'a> {
    /// Valid JSON text from the response.
    Text(&'a str),
    /// A v2.0 body that was converted from signals.
    Made(Tree<'a>),
}

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Redacted.fmt(f)
    }
}

impl Body<'_> {
    /// Reads the body as a type. An array is rejected where an object is
    /// expected; an error carries its JSON pointer.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Malformed> {
        match self {
            Self::Text(text) => text_as(text),
            // Located by its text: a reader more for each type would take long to build.
            Self::Made(tree) => T::deserialize(Object(tree)).or_else(|_| located(&self.text())),
        }
    }

    /// Keeps the body as received.
    pub(crate) fn to_raw(&self) -> Result<Box<RawValue>, Malformed> {
        RawValue::from_string(self.text().into_owned())
            .map_err(|error| Malformed::from_json("/body", &error))
    }

    /// Its JSON text.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Made(tree) => Cow::Owned(tree.to_value().to_string()),
        }
    }
}

/// Reads JSON text as a type.
pub(crate) fn text_as<T: DeserializeOwned>(text: &str) -> Result<T, Malformed> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    if let Ok(body) = T::deserialize(Object(&mut deserializer)) {
        return Ok(body);
    }
    located(text)
}

/// The value at the start of a text, and where it ends. `None` for what cannot be
/// read.
pub(crate) fn at_start<'a, T: Deserialize<'a>>(text: &'a str) -> Option<(T, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    let value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}

/// A body, read from text as [`Body::read`] does.
pub(crate) struct Whole<T>(pub(crate) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(Object(deserializer)).map(Self)
    }
}

/// Parse again with path tracking, which is slower, to locate the error.
fn located<T: DeserializeOwned>(text: &str) -> Result<T, Malformed> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut deserializer, &mut track);
    T::deserialize(Object(tracked)).map_err(|error| {
        let error = serde_path_to_error::Error::new(track.path(), error);
        Malformed::from_serde("/body", &error)
    })
}

/// A body of one of the types in the spec, with the type erased.
pub(crate) trait Known: fmt::Debug + Send + Sync {
    /// Puts a copy into an `Option` of the same type. Any other target is left
    /// unchanged.
    fn copy_into(&self, place: &mut dyn Any);

    /// Serializes the body without unknown members and with irregular forms
    /// normalized.
    fn write(&self) -> Result<Box<RawValue>, Malformed>;
}

impl<T: Clone + Serialize + fmt::Debug + Send + Sync + 'static> Known for T {
    fn copy_into(&self, place: &mut dyn Any) {
        if let Some(place) = place.downcast_mut::<Option<T>>() {
            *place = Some(self.clone());
        }
    }

    fn write(&self) -> Result<Box<RawValue>, Malformed> {
        serde_json::value::to_raw_value(self).map_err(|error| Malformed::from_json("/body", &error))
    }
}

/// Reads a body as the type of an endpoint. The table of endpoints holds this function
/// for each row.
pub(crate) fn known<T>(body: &Body<'_>) -> Result<Arc<dyn Known>, Malformed>
where
    T: Known + DeserializeOwned + 'static,
{
    Ok(Arc::new(body.read::<T>()?))
}

/// Reads text as the type of a signal, whose body is never made of others. The table of
/// signals holds this function for each row.
pub(crate) fn known_text<T>(text: &str) -> Result<Arc<dyn Known>, Malformed>
where
    T: Known + DeserializeOwned + 'static,
{
    Ok(Arc::new(text_as::<T>(text)?))
}
