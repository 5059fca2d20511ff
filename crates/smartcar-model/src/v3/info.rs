//! The rows of the table of signals.
//!
//! Invariant: data only, as [`crate::EndpointInfo`] is for v2.0.

use std::fmt;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::body::{Body, Known};
use crate::endpoint::UnitInfo;
use crate::generated::v3::SIGNALS;
use crate::malformed::Malformed;

/// What the API's description says of one signal.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct SignalInfo {
    /// The code, such as `odometer-traveleddistance`.
    pub code: &'static str,
    /// The path in a batch, `/signals/` and the code.
    pub path: &'static str,
    /// The Rust type below this crate, such as `v3::signal::odometer::TraveledDistance`.
    pub type_name: &'static str,
    /// The group, such as `Odometer`.
    pub group: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// The unit of the member `value`, where it has one. The body's own `unit`
    /// decides.
    pub unit: Option<UnitInfo>,
    /// How certain it is that the signal exists: `D` documented, `L` only seen
    /// by third parties.
    pub certainty: &'static str,
    /// The paths of v2.0 whose bodies are made of it.
    pub used_by: &'static [&'static str],
    pub(crate) read: fn(&Body<'_>) -> Result<Arc<dyn Known>, Malformed>,
}

impl SignalInfo {
    /// The signal of a code, in any letter case. `None` for a code that the
    /// description does not know.
    ///
    /// ```
    /// use smartcar_model::v3::SignalInfo;
    ///
    /// let signal = SignalInfo::of("odometer-traveleddistance").unwrap();
    /// assert_eq!(signal.used_by, ["/odometer"]);
    /// let same = SignalInfo::of("Odometer-TraveledDistance").unwrap();
    /// assert_eq!(same.code, "odometer-traveleddistance");
    /// ```
    pub fn of(code: &str) -> Option<&'static Self> {
        SIGNALS
            .iter()
            .find(|info| info.code.eq_ignore_ascii_case(code))
    }

    /// The signal of a path in a batch, if the description knows it.
    pub fn of_path(path: &str) -> Option<&'static Self> {
        Self::of(path.strip_prefix("/signals/")?)
    }

    /// Reads a body into this signal's type and writes it again: members that
    /// the description does not know are gone, irregular forms are regular.
    pub fn normalize(&self, body: &RawValue) -> Result<Box<RawValue>, Malformed> {
        (self.read)(&Body::Text(body.get()))?.write()
    }
}

impl fmt::Debug for SignalInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignalInfo")
            .field("code", &self.code)
            .field("type_name", &self.type_name)
            .field("used_by", &self.used_by)
            .finish_non_exhaustive()
    }
}
