//! Advice on API errors for people.
//!
//! Invariant: "retry later" is the advice exactly for the errors that the JSON
//! calls `retryable`, whatever the API's resolution says.

use smartcar_batch::ApiError;
use smartcar_batch::model::Retry;

const OWNER: &str = "the owner must act, in the car or its maker's app";

/// Advice on an API error, if there is any.
pub(crate) fn hint(error: &ApiError) -> Option<&'static str> {
    match (error.retry(), error.resolution_type()) {
        (_, Some("REAUTHENTICATE")) => Some("reauthenticate"),
        // Checked before the API's resolution, which advises to retry even when
        // the monthly quota is exhausted.
        (Retry::Auto | Retry::Wait, _) => Some("retry later"),
        (Retry::Later, _) => Some("not now"),
        (_, Some("CONTACT_SUPPORT")) => Some("contact Smartcar's support"),
        (_, Some("FINANCE")) => Some("pay the bill of the Smartcar account"),
        (_, Some("ACTION_REQUIRED")) => Some(OWNER),
        // Some errors have no resolution.
        _ => match (error.error_type.as_deref()?, error.code.as_deref()) {
            ("COMPATIBILITY", _) => Some("not supported by this vehicle"),
            ("CONNECTED_SERVICES_ACCOUNT", _) | (_, Some("REMOTE_ACCESS_DISABLED")) => Some(OWNER),
            ("PERMISSION", _) => Some("reauthenticate"),
            _ => None,
        },
    }
}
