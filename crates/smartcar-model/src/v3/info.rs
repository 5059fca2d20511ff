//! The rows of the signal table.
//!
//! Invariant: data only, like [`crate::EndpointInfo`] for v2.0.

use std::fmt;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::body::Known;
use crate::endpoint::UnitInfo;
use crate::generated::v3::{SIGNALS, signal_position};
use crate::malformed::Malformed;

/// One signal of the spec.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct SignalInfo {
    /// The code, such as `odometer-traveleddistance`.
    pub code: &'static str,
    /// The path in a batch: `/signals/` and the code.
    pub path: &'static str,
    /// The Rust type's path within this crate, such as
    /// `v3::signal::odometer::TraveledDistance`.
    pub type_name: &'static str,
    /// The group, such as `Odometer`.
    pub group: &'static str,
    /// The display name.
    pub name: &'static str,
    /// The documented unit of the member `value`. `None` if it has none. The
    /// `unit` in a body takes precedence.
    pub unit: Option<UnitInfo>,
    /// How certain it is that the signal exists: `D` if it is documented, `L` if
    /// only third parties have seen it.
    pub certainty: &'static str,
    /// The v2.0 paths whose bodies use it.
    pub used_by: &'static [&'static str],
    pub(crate) read: fn(&str) -> Result<Arc<dyn Known>, Malformed>,
}

impl SignalInfo {
    /// Looks up a signal by its code, in any letter case, or by its name in the
    /// dashboard, `TractionBattery.StateOfCharge`. `None` if it is not in the spec.
    ///
    /// ```
    /// use smartcar_model::v3::SignalInfo;
    ///
    /// let signal = SignalInfo::of("odometer-traveleddistance").unwrap();
    /// assert_eq!(signal.used_by, ["/odometer"]);
    /// let same = SignalInfo::of("Odometer-TraveledDistance").unwrap();
    /// assert_eq!(same.code, "odometer-traveleddistance");
    /// let same = SignalInfo::of("Odometer.TraveledDistance").unwrap();
    /// assert_eq!(same.code, "odometer-traveleddistance");
    /// ```
    pub fn of(code: &str) -> Option<&'static Self> {
        SIGNALS.get(position(code)?)
    }

    /// Looks up a signal by its batch path. `None` if the path is not in the
    /// spec.
    pub fn of_path(path: &str) -> Option<&'static Self> {
        Self::of(path.strip_prefix("/signals/")?)
    }

    /// Reads a body as this signal's type and serializes it again. The result has
    /// no unknown members, and irregular forms are normalized. Fails with the
    /// JSON pointer of the first value that does not fit.
    pub fn normalize(&self, body: &RawValue) -> Result<Box<RawValue>, Malformed> {
        (self.read)(body.get())?.write()
    }
}

/// The position of a code in the table of signals, in any letter case or in the
/// dashboard's spelling.
pub(super) fn position(code: &str) -> Option<usize> {
    let lower = || code.to_ascii_lowercase();
    signal_position(code)
        .or_else(|| signal_position(&lower()))
        .or_else(|| signal_position(&lower().replace('.', "-")))
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
