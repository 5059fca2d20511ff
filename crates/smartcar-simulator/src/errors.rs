//! Why the server rejects a request, or one path of a batch.
//!
//! Invariant: every refusal uses one of a few type and code pairs of the catalogue,
//! which are checked at start-up. [`Catalogue`](crate::catalogue::Catalogue) builds
//! the body.

use http::header::{ALLOW, RETRY_AFTER};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;

/// More details than this would only make the response longer.
pub(crate) const MAX_DETAILS: usize = 20;

/// Type and code, which together identify an error.
pub(crate) type Pair = (&'static str, Option<&'static str>);
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Detail {
    /// The location: member names and positions, outermost first.
    pub(crate) field: Vec<Value>,
    pub(crate) message: String,
}

impl Detail {
    pub(crate) fn new<S: Into<Value>>(
        field: impl IntoIterator<Item = S>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into_iter().map(Into::into).collect(),
            message: message.into(),
        }
    }
}

/// Why a request, or one path of a batch, is rejected.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) kind: Box<str>,
    pub(crate) code: Option<Box<str>>,
    /// Overrides the catalogue's status, for HTTP errors that the API does not
    /// have.
    pub(crate) status: Option<StatusCode>,
    pub(crate) description: String,
    pub(crate) detail: Vec<Detail>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// Creates one function per refusal, and the list of the pairs that they use.
macro_rules! refusals {
    ($(#[$docs:meta])* $used:ident:
     $( $name:ident($($argument:ident: $type:ty),*) $kind:literal, $code:expr => $text:literal
        $(with $status:ident)?; )*) => {
        $(#[$docs])*
        pub(crate) const $used: &[Pair] = &[$( ($kind, $code), )*];

        impl Refusal {
            $( pub(crate) fn $name($($argument: $type),*) -> Self {
                Self {
                    $( status: Some(StatusCode::$status), )?
                    ..Self::named($kind, $code, format!($text))
                }
            } )*
        }
    };
}

refusals! {
    /// The pairs that the server itself uses; each must be in the catalogue.
    USED:
    authentication() "AUTHENTICATION", None =>
        "The authorization header is missing or malformed, or its token is unknown.";
    permission(name: &str) "PERMISSION", None => "The access token lacks the permission {name}.";
    // The token has the permission, but the vehicle's owner has not granted it.
    not_granted(name: &str) "PERMISSION", None =>
        "The vehicle's owner has not granted the permission {name}.";
    // The text does not reveal whether a vehicle with this id exists.
    unknown_vehicle() "PERMISSION", None => "The access token does not reach this vehicle.";
    path() "RESOURCE_NOT_FOUND", Some("PATH") => "The path does not exist.";
    no_connection() "RESOURCE_NOT_FOUND", Some("PATH") => "The connection does not exist.";
    // The catalogue has no pair for this; `PATH` is the nearest.
    other_method(allowed: &str) "RESOURCE_NOT_FOUND", Some("PATH") =>
        "The path supports {allowed} only." with METHOD_NOT_ALLOWED;
    version(known: &str) "RESOURCE_NOT_FOUND", Some("VERSION") =>
        "The API version does not exist; this server supports {known}.";
    malformed() "VALIDATION", None => "The request is malformed, see the detail.";
    too_large(limit: usize) "VALIDATION", None =>
        "The body has more than {limit} bytes." with PAYLOAD_TOO_LARGE;
    foreign_host() "VALIDATION", None =>
        "The host header must name this machine: localhost or a loopback address."
        with MISDIRECTED_REQUEST;
    other_make(make: &str) "COMPATIBILITY", Some("SMARTCAR_NOT_CAPABLE") =>
        "Smartcar does not offer this endpoint for the make {make}.";
    other_powertrain() "COMPATIBILITY", Some("VEHICLE_NOT_CAPABLE") =>
        "The vehicle's powertrain does not support this endpoint.";
    application_limit() "RATE_LIMIT", Some("SMARTCAR_API") =>
        "The application sent too many requests. Retry later, and less often.";
    too_often() "RATE_LIMIT", Some("VEHICLE") =>
        "Too many requests for this vehicle. Wait for the seconds in `Retry-After`.";
    monthly_limit() "BILLING", Some("VEHICLE_REQUEST_LIMIT") =>
        "This vehicle's requests for the month are used up.";
    upstream_limit() "UPSTREAM", Some("RATE_LIMIT") =>
        "The car maker received too many requests and rejects more for now.";
}

refusals! {
    /// The pairs that only version 3 uses.
    USED_V3:
    missing_parameter(name: &str) "VALIDATION", Some("MISSING_PARAMETER") =>
        "The header {name} is missing.";
    invalid_parameter(name: &str, message: &str) "VALIDATION", Some("INVALID_INPUT_FORMAT") =>
        "The parameter {name} {message}.";
    invalid_path() "RESOURCE_NOT_FOUND", Some("INVALID_PATH") =>
        "The path does not exist in version 3.";
    // The API's own pairs for these two are not known.
    no_resource() "RESOURCE_NOT_FOUND", Some("INVALID_PATH") =>
        "The webhook or the subscription does not exist.";
    subscribed() "VALIDATION", Some("INVALID_INPUT_FORMAT") =>
        "The vehicle is subscribed to this webhook already." with CONFLICT;
    no_vehicle() "RESOURCE_NOT_FOUND", Some("VEHICLE_NOT_FOUND") => "The vehicle does not exist.";
    no_signal() "RESOURCE_NOT_FOUND", Some("SIGNAL_NOT_FOUND") => "The vehicle does not have this signal.";
}

impl Refusal {
    /// A refusal with this type and code of the catalogue.
    pub(crate) fn named(kind: &str, code: Option<&str>, description: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            code: code.map(Into::into),
            status: None,
            description: description.into(),
            detail: Vec::new(),
            headers: Vec::new(),
        }
    }

    pub(crate) fn method(allowed: &str) -> Self {
        let mut refusal = Self::other_method(allowed);
        // Method names are visible ASCII.
        if let Ok(allowed) = HeaderValue::from_str(allowed) {
            refusal.headers.push((ALLOW, allowed));
        }
        refusal
    }

    /// Rejects a request to a vehicle, with the seconds to wait before the next
    /// one.
    pub(crate) fn vehicle_limit(seconds: u64) -> Self {
        let mut refusal = Self::too_often();
        refusal.headers.push((RETRY_AFTER, seconds.into()));
        refusal
    }

    /// The same refusal of a malformed request, with version 3's type and code.
    pub(crate) fn into_invalid_input(self) -> Self {
        let Self { kind, code, .. } = Self::invalid_parameter("", "");
        Self { kind, code, ..self }
    }

    pub(crate) fn validation(mut detail: Vec<Detail>) -> Self {
        detail.truncate(MAX_DETAILS);
        Self {
            detail,
            ..Self::malformed()
        }
    }
}
