//! The parts of a response besides its results.
//!
//! Invariant: each name is written as the type's own `name` or `as_str` returns
//! it.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::budget_denied::BudgetDenied;
use crate::decode::{Warning, WarningKind};
use crate::malformed::Malformed;
use crate::plan::Plan;
use crate::response::StopReason;

/// `{"path", "kind"}`. The kind is `second` or `unasked`.
///
/// ```
/// use smartcar_model::decode::WarningKind;
///
/// assert_eq!(serde_json::to_string(&WarningKind::Duplicate)?, r#""second""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Warning", 2)?;
        object.serialize_field("path", &self.path)?;
        object.serialize_field("kind", &self.kind)?;
        object.end()
    }
}

/// The name from [`WarningKind::as_str`].
impl Serialize for WarningKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The name from [`StopReason::name`].
///
/// ```
/// use smartcar_model::StopReason;
///
/// assert_eq!(serde_json::to_string(&StopReason::Attempts)?, r#""attempts""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for StopReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The name from [`Plan::name`].
///
/// ```
/// use smartcar_model::Plan;
///
/// assert_eq!(serde_json::to_string(&Plan::Signals)?, r#""signals""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// `{"kind", "retry_at"}`. The kind is `retry_at`, `application_retry_at`,
/// `never_fits` or `unavailable`. The time is null for the last two.
///
/// ```
/// use smartcar_model::BudgetDenied;
///
/// let json = serde_json::to_string(&BudgetDenied::NeverFits)?;
/// assert_eq!(json, r#"{"kind":"never_fits","retry_at":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for BudgetDenied {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = match self {
            Self::RetryAt(_) => "retry_at",
            Self::ApplicationRetryAt(_) => "application_retry_at",
            Self::NeverFits => "never_fits",
            Self::Unavailable => "unavailable",
        };
        let mut object = serializer.serialize_struct("BudgetDenied", 2)?;
        object.serialize_field("kind", kind)?;
        object.serialize_field("retry_at", &self.retry_at())?;
        object.end()
    }
}

/// `{"pointer", "reason"}`.
///
/// ```
/// use smartcar_model::Malformed;
///
/// fn log(malformed: &Malformed) -> serde_json::Result<String> {
///     serde_json::to_string(malformed) // {"pointer":"/body/range","reason":"expected f64, found a string"}
/// }
/// ```
impl Serialize for Malformed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Malformed", 2)?;
        object.serialize_field("pointer", self.pointer())?;
        object.serialize_field("reason", self.reason())?;
        object.end()
    }
}
