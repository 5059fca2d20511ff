//! A body with what the API says about it.
//!
//! Invariant: an item's metadata is its own; nothing is inherited from the
//! outer answer but the request id, which only the outer answer has.

use std::fmt;
use std::ops::Deref;

use jiff::Timestamp;
use serde::Serialize;

use crate::generated::UnitSystem;
use crate::headers::ResponseHeaders;
use crate::personal::{Redacted, is_raw};

/// What one endpoint answered: the body and its metadata. Derefs to the body.
///
/// `Debug` prints `[redacted]` for personal data, such as a place or a VIN, and for
/// a raw body; [`Reading::show_personal`] prints all of it.
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
#[derive(Clone, PartialEq)]
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

/// Personal members of the body are `[redacted]`, and so is all of a raw body. A
/// body type of your own is printed by its own `Debug`.
/// [`Reading::show_personal`] prints everything.
impl<T: fmt::Debug + 'static> fmt::Debug for Reading<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body: &dyn fmt::Debug = if is_raw::<T>() { &Redacted } else { &self.body };
        f.debug_struct("Reading")
            .field("body", body)
            .field("meta", &self.meta)
            .finish()
    }
}

impl<T: Serialize> Reading<T> {
    /// Prints everything with `{:?}`, personal data too: the body as JSON, and its
    /// metadata. `Debug` of the reading itself prints `[redacted]` for what is
    /// personal.
    ///
    /// ```
    /// use smartcar_model::{Meta, Reading, Vin};
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let body: Vin = serde_json::from_str(r#"{"vin": "KNAC381AZP5000042"}"#)?;
    /// let reading = Reading::new(body, Meta::default());
    ///
    /// assert!(format!("{reading:?}").contains("vin: [redacted]"));
    /// let shown = format!("{:?}", reading.show_personal());
    /// assert!(shown.contains(r#"{"vin":"KNAC381AZP5000042"}"#));
    /// assert_eq!(reading.vin, "KNAC381AZP5000042"); // the member as it came
    /// # Ok(())
    /// # }
    /// ```
    pub fn show_personal(&self) -> impl fmt::Debug + '_ {
        Shown(self)
    }
}

/// A reading of which everything is printed.
struct Shown<'r, T>(&'r Reading<T>);

impl<T: Serialize> fmt::Debug for Shown<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = if f.alternate() {
            serde_json::to_string_pretty(&self.0.body)
        } else {
            serde_json::to_string(&self.0.body)
        };
        let body = body.map_err(|_| fmt::Error)?;
        f.debug_struct("Reading")
            .field("body", &format_args!("{body}"))
            .field("meta", &self.0.meta)
            .finish()
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
