//! What a person can do about an error of the API.
//!
//! Invariant: where waiting helps, that is the advice, whatever the API's own
//! resolution says; "retry later" is said of what the JSON calls `retryable`, and
//! of nothing else.

use smartcar_batch::ApiError;
use smartcar_batch::model::Retry;

const OWNER: &str = "the owner must act, in the car or its maker's app";

/// What a person can do about an error of the API.
pub(crate) fn hint(error: &ApiError) -> Option<&'static str> {
    match (error.retry(), error.resolution_type()) {
        (_, Some("REAUTHENTICATE")) => Some("reauthenticate"),
        // Before the resolution's own advice: the API advises to retry even
        // where a quota is used up for the month.
        (Retry::Auto | Retry::Wait, _) => Some("retry later"),
        (Retry::Later, _) => Some("not now"),
        (_, Some("CONTACT_SUPPORT")) => Some("contact Smartcar's support"),
        (_, Some("FINANCE")) => Some("settle the bill of the Smartcar account"),
        (_, Some("ACTION_REQUIRED")) => Some(OWNER),
        // Some say nothing, and mean it.
        _ => match (error.error_type.as_deref()?, error.code.as_deref()) {
            ("COMPATIBILITY", _) => Some("this vehicle does not have it"),
            ("CONNECTED_SERVICES_ACCOUNT", _) | (_, Some("REMOTE_ACCESS_DISABLED")) => Some(OWNER),
            ("PERMISSION", _) => Some("reauthenticate"),
            _ => None,
        },
    }
}
