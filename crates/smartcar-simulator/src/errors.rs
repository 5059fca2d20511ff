//! Why the server refuses a request, or one path of a batch.
//!
//! Invariant: every refusal is one of a few pairs of the catalogue, which are
//! checked at start-up; [`Catalogue`](crate::catalogue::Catalogue) words it.

use http::header::{ALLOW, RETRY_AFTER};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;

/// Details beyond this many would only lengthen the answer.
pub(crate) const MAX_DETAILS: usize = 20;

/// Type and code, which tell one error from another.
pub(crate) type Pair = (&'static str, Option<&'static str>);
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Detail {
    /// Where: member names and positions, from the outside in.
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

/// Why a request, or one path of a batch, is not answered.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) kind: Box<str>,
    pub(crate) code: Option<Box<str>>,
    /// Instead of the catalogue's, for what HTTP knows and the API does not.
    pub(crate) status: Option<StatusCode>,
    pub(crate) description: String,
    pub(crate) detail: Vec<Detail>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// Makes a function of each refusal, and the list of the pairs that they use.
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
    /// What the server itself uses; each must be in the catalogue.
    USED:
    authentication() "AUTHENTICATION", None =>
        "The authorization header is missing or malformed, or its token is unknown.";
    permission(name: &str) "PERMISSION", None => "The access token lacks the permission {name}.";
    // The token could read it, but the vehicle's owner does not let it.
    not_granted(name: &str) "PERMISSION", None =>
        "The vehicle's owner has not granted the permission {name}.";
    // It is not said whether there is another vehicle of this id.
    unknown_vehicle() "PERMISSION", None => "The access token does not reach this vehicle.";
    path() "RESOURCE_NOT_FOUND", Some("PATH") => "There is no such path.";
    no_connection() "RESOURCE_NOT_FOUND", Some("PATH") => "There is no such connection.";
    // The catalogue has no pair for it; a path that exists for other methods is nearest.
    other_method(allowed: &str) "RESOURCE_NOT_FOUND", Some("PATH") =>
        "The path takes {allowed} only." with METHOD_NOT_ALLOWED;
    version(known: &str) "RESOURCE_NOT_FOUND", Some("VERSION") =>
        "There is no such API version; this server knows {known}.";
    malformed() "VALIDATION", None => "The request is malformed, see the detail.";
    too_large(limit: usize) "VALIDATION", None =>
        "The body has more than {limit} bytes." with PAYLOAD_TOO_LARGE;
    foreign_host() "VALIDATION", None =>
        "The host header must name this machine: localhost or a loopback address."
        with MISDIRECTED_REQUEST;
    other_make(make: &str) "COMPATIBILITY", Some("SMARTCAR_NOT_CAPABLE") =>
        "Smartcar does not offer this endpoint for the make {make}.";
    other_powertrain() "COMPATIBILITY", Some("VEHICLE_NOT_CAPABLE") =>
        "The vehicle's powertrain does not have what this endpoint tells of.";
    application_limit() "RATE_LIMIT", Some("SMARTCAR_API") =>
        "The application asked too often. Ask again later, and then less often.";
    too_often() "RATE_LIMIT", Some("VEHICLE") =>
        "The vehicle was asked too often. Wait the seconds of `Retry-After`.";
    monthly_limit() "BILLING", Some("VEHICLE_REQUEST_LIMIT") =>
        "The requests of this month are used up for this vehicle.";
    upstream_limit() "UPSTREAM", Some("RATE_LIMIT") =>
        "The car maker was asked too often and refuses to answer for now.";
}

refusals! {
    /// What only version 3 uses beside them.
    USED_V3:
    missing_parameter(name: &str) "VALIDATION", Some("MISSING_PARAMETER") =>
        "The header {name} is missing.";
    invalid_parameter(name: &str, message: &str) "VALIDATION", Some("INVALID_INPUT_FORMAT") =>
        "The parameter {name} {message}.";
    invalid_path() "RESOURCE_NOT_FOUND", Some("INVALID_PATH") =>
        "There is no such path in version 3.";
    no_vehicle() "RESOURCE_NOT_FOUND", Some("VEHICLE_NOT_FOUND") => "There is no such vehicle.";
    no_signal() "RESOURCE_NOT_FOUND", Some("SIGNAL_NOT_FOUND") => "The vehicle has no such signal.";
}

impl Refusal {
    /// An error of the catalogue that the description names.
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
        // Methods are visible ascii.
        if let Ok(allowed) = HeaderValue::from_str(allowed) {
            refusal.headers.push((ALLOW, allowed));
        }
        refusal
    }

    /// The seconds after which it may be asked again.
    pub(crate) fn vehicle_limit(seconds: u64) -> Self {
        let mut refusal = Self::too_often();
        refusal.headers.push((RETRY_AFTER, seconds.into()));
        refusal
    }

    /// The same refusal of a malformed request, as version 3 names it.
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
