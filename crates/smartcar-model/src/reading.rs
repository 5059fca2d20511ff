//! A body with what the API says about it.
//!
//! Invariant: an item's metadata is its own; nothing is inherited from the
//! outer answer but the request id, which only the outer answer has.

use std::ops::Deref;

use jiff::Timestamp;

use crate::generated::UnitSystem;
use crate::headers::ResponseHeaders;

/// What one endpoint answered: the body and its metadata. Derefs to the body.
///
/// ```
/// use smartcar_model::{Meta, Odometer, Reading};
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let body: Odometer = serde_json::from_str(r#"{"distance": 18250.6}"#)?;
/// let reading = Reading::new(body, Meta::default());
/// assert_eq!(reading.distance, 18250.6);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Reading<T> {
    /// The endpoint's body.
    pub body: T,
    /// Its age, unit system and origin.
    pub meta: Meta,
}

impl<T> Reading<T> {
    /// A reading of a body, for tests and for stores of one's own.
    pub fn new(body: T, meta: Meta) -> Self {
        Self { body, meta }
    }

    /// The body alone.
    pub fn into_body(self) -> T {
        self.body
    }

    /// The same metadata over another body.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Reading<U> {
        Reading {
            body: change(self.body),
            meta: self.meta,
        }
    }
}

impl<T> Deref for Reading<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.body
    }
}

/// What the API says about one body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meta {
    /// When the vehicle recorded the datum (`sc-data-age`). `None` where the
    /// answer does not say, or not in a readable form.
    pub data_age: Option<Timestamp>,
    /// When Smartcar fetched it from the car maker (`sc-fetched-at`). `None`
    /// where the answer does not say, or not in a readable form.
    pub fetched_at: Option<Timestamp>,
    /// The unit system of the body's values (`sc-unit-system`). `None` on
    /// bodies without units.
    pub unit_system: Option<UnitSystem>,
    /// The id of the answer this came in (`SC-Request-Id`), for the API's support.
    pub request_id: Option<String>,
    /// Whether it is the last value of a signal that failed, which version 3
    /// gives where it is asked to. False otherwise, and on v2.0.
    pub last_known: bool,
}

impl Meta {
    /// Reads it from an answer's or an item's headers.
    pub fn from_headers(headers: &ResponseHeaders, request_id: Option<&str>) -> Self {
        Self {
            data_age: headers.data_age,
            fetched_at: headers.fetched_at,
            unit_system: headers.unit_system.clone(),
            request_id: request_id.map(str::to_owned),
            last_known: false,
        }
    }

    /// How old the datum is at a moment; zero for a date in the future, `None`
    /// where the age is not known.
    pub fn age_at(&self, now: Timestamp) -> Option<std::time::Duration> {
        let age = now.duration_since(self.data_age?);
        Some(std::time::Duration::try_from(age).unwrap_or_default())
    }
}
