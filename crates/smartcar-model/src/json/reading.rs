//! Readings and their metadata.
//!
//! Invariant: a reading deserializes to an equal reading.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::generated::UnitSystem;
use crate::reading::{Meta, Reading};

/// The metadata of a body.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct MetaObject {
    data_age: Option<Timestamp>,
    fetched_at: Option<Timestamp>,
    unit_system: Option<UnitSystem>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    last_known: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl MetaObject {
    /// The form within a response, which has the request ID itself.
    pub(super) fn brief(meta: &Meta) -> Self {
        Self {
            data_age: meta.data_age,
            fetched_at: meta.fetched_at,
            unit_system: meta.unit_system.clone(),
            last_known: meta.last_known,
            request_id: None,
        }
    }
}

/// `{"data_age", "fetched_at", "unit_system"}`, with nulls, and `"last_known":
/// true` if it is set. `request_id` is written if it is known; within a response
/// it is next to the items instead.
///
/// ```
/// use smartcar_model::Meta;
///
/// let text = r#"{"data_age":"2026-03-14T09:26:53Z","fetched_at":null,"unit_system":"metric"}"#;
/// let meta: Meta = serde_json::from_str(text)?;
/// assert_eq!(meta.data_age, "2026-03-14T09:26:53Z".parse().ok());
/// assert_eq!(serde_json::to_string(&meta)?, text);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for Meta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let object = MetaObject {
            request_id: self.request_id.clone(),
            ..MetaObject::brief(self)
        };
        object.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Meta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = MetaObject::deserialize(deserializer)?;
        Ok(Self {
            data_age: object.data_age,
            fetched_at: object.fetched_at,
            unit_system: object.unit_system,
            last_known: object.last_known,
            request_id: object.request_id,
        })
    }
}

/// `{"body", "meta"}`.
///
/// ```
/// use smartcar_model::{Meta, Odometer, Reading};
///
/// let body: Odometer = serde_json::from_str(r#"{"distance": 18250.6}"#)?;
/// let reading = Reading::new(body, Meta::default());
/// let text = serde_json::to_string(&reading)?;
/// assert!(text.starts_with(r#"{"body":{"distance":18250.6},"meta":{"#));
/// let back: Reading<Odometer> = serde_json::from_str(&text)?;
/// assert_eq!(back, reading);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl<T: Serialize> Serialize for Reading<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Object<'a, T> {
            body: &'a T,
            meta: &'a Meta,
        }
        let Self { body, meta } = self;
        Object { body, meta }.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Reading<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Object<T> {
            body: T,
            meta: Meta,
        }
        let Object { body, meta } = Object::deserialize(deserializer)?;
        Ok(Self::new(body, meta))
    }
}
