//! A body with its metadata.
//!
//! Invariant: metadata belongs to one item. Only the request ID is taken from the
//! outer response, because items do not have one.

use std::fmt;
use std::ops::Deref;

use jiff::Timestamp;
use serde::Serialize;

use crate::generated::UnitSystem;
use crate::headers::ResponseHeaders;
use crate::personal::{Redacted, is_raw};

/// The result of one endpoint: its body and metadata. It dereferences to the
/// body.
///
/// `Debug` prints `[redacted]` for personal data, such as a location or a VIN,
/// and for a raw body. [`Reading::show_personal`] prints everything.
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
    /// The body's age, unit system and origin.
    pub meta: Meta,
}

impl<T> Reading<T> {
    /// Creates a reading, for tests and for your own storage.
    pub fn new(body: T, meta: Meta) -> Self {
        Self { body, meta }
    }

    /// Returns the body without its metadata.
    pub fn into_body(self) -> T {
        self.body
    }

    /// Replaces the body and keeps the metadata.
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

/// Personal members of the body, and raw bodies as a whole, are printed as
/// `[redacted]`. A body type of your own is printed by its own `Debug`.
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
    /// Prints everything with `{:?}`, including personal data: the body as JSON,
    /// and its metadata. The reading's own `Debug` prints `[redacted]` for
    /// personal data.
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
    /// assert_eq!(reading.vin, "KNAC381AZP5000042"); // the value as received
    /// # Ok(())
    /// # }
    /// ```
    pub fn show_personal(&self) -> impl fmt::Debug + '_ {
        Shown(self)
    }
}

/// A reading whose `Debug` prints everything.
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

/// The metadata of one body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meta {
    /// When the vehicle recorded the data (`sc-data-age`). `None` if the header
    /// is absent or unreadable.
    pub data_age: Option<Timestamp>,
    /// When Smartcar fetched the data from the car maker (`sc-fetched-at`).
    /// `None` if the header is absent or unreadable.
    pub fetched_at: Option<Timestamp>,
    /// The unit system of the body (`sc-unit-system`). `None` for bodies without
    /// units, and if the response does not say.
    pub unit_system: Option<UnitSystem>,
    /// The request ID of the response (`SC-Request-Id`), for the API's support.
    /// `None` if the response has none.
    pub request_id: Option<String>,
    /// Whether the body is the last known value of a signal that failed. Only
    /// version 3 returns such values, and only if they are requested.
    pub last_known: bool,
}

impl Meta {
    /// Reads the metadata from the headers of a response or an item.
    pub fn from_headers(headers: &ResponseHeaders, request_id: Option<&str>) -> Self {
        Self {
            data_age: headers.data_age,
            fetched_at: headers.fetched_at,
            unit_system: headers.unit_system.clone(),
            request_id: request_id.map(str::to_owned),
            last_known: false,
        }
    }

    /// Age of the data at a given time. Zero if its date is in the future, `None`
    /// if its date is unknown.
    pub fn age_at(&self, now: Timestamp) -> Option<std::time::Duration> {
        let age = now.duration_since(self.data_age?);
        Some(std::time::Duration::try_from(age).unwrap_or_default())
    }
}
