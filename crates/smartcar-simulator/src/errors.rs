//! Why the server refuses a request, or one path of a batch.
//!
//! Invariant: every refusal is one of a few pairs of the catalogue, which are
//! checked at start-up; [`Catalogue`](crate::catalogue::Catalogue) words it.

use http::header::{ALLOW, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;

/// Details beyond this many would only lengthen the answer.
pub(crate) const MAX_DETAILS: usize = 20;

/// Type and code, which tell one error from another.
pub(crate) type Pair = (&'static str, Option<&'static str>);

const AUTHENTICATION: Pair = ("AUTHENTICATION", None);
const OTHER_MAKE: Pair = ("COMPATIBILITY", Some("SMARTCAR_NOT_CAPABLE"));
const OTHER_POWERTRAIN: Pair = ("COMPATIBILITY", Some("VEHICLE_NOT_CAPABLE"));
const PERMISSION: Pair = ("PERMISSION", None);
const PATH: Pair = ("RESOURCE_NOT_FOUND", Some("PATH"));
const VERSION: Pair = ("RESOURCE_NOT_FOUND", Some("VERSION"));
const VALIDATION: Pair = ("VALIDATION", None);
const APPLICATION_LIMIT: Pair = ("RATE_LIMIT", Some("SMARTCAR_API"));
const VEHICLE_LIMIT: Pair = ("RATE_LIMIT", Some("VEHICLE"));
const MONTHLY_LIMIT: Pair = ("BILLING", Some("VEHICLE_REQUEST_LIMIT"));
const UPSTREAM_LIMIT: Pair = ("UPSTREAM", Some("RATE_LIMIT"));
/// What the server itself uses; each must be in the catalogue.
pub(crate) const USED: [Pair; 11] = [
    AUTHENTICATION,
    PERMISSION,
    PATH,
    VERSION,
    VALIDATION,
    OTHER_MAKE,
    OTHER_POWERTRAIN,
    APPLICATION_LIMIT,
    VEHICLE_LIMIT,
    MONTHLY_LIMIT,
    UPSTREAM_LIMIT,
];

const MISSING_PARAMETER: Pair = ("VALIDATION", Some("MISSING_PARAMETER"));
const INVALID_INPUT: Pair = ("VALIDATION", Some("INVALID_INPUT_FORMAT"));
const INVALID_PATH: Pair = ("RESOURCE_NOT_FOUND", Some("INVALID_PATH"));
const NO_VEHICLE: Pair = ("RESOURCE_NOT_FOUND", Some("VEHICLE_NOT_FOUND"));
const NO_SIGNAL: Pair = ("RESOURCE_NOT_FOUND", Some("SIGNAL_NOT_FOUND"));
/// What only version 3 uses beside them.
pub(crate) const USED_V3: [Pair; 5] = [
    MISSING_PARAMETER,
    INVALID_INPUT,
    INVALID_PATH,
    NO_VEHICLE,
    NO_SIGNAL,
];

/// What is wrong with one member of a request.
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
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) kind: Box<str>,
    pub(crate) code: Option<Box<str>>,
    /// Instead of the catalogue's, for what HTTP knows and the API does not.
    pub(crate) status: Option<StatusCode>,
    pub(crate) description: String,
    pub(crate) detail: Vec<Detail>,
    pub(crate) headers: HeaderMap,
}

impl Refusal {
    fn new((kind, code): Pair, description: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            code: code.map(Into::into),
            status: None,
            description: description.into(),
            detail: Vec::new(),
            headers: HeaderMap::new(),
        }
    }

    fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    pub(crate) fn authentication() -> Self {
        Self::new(
            AUTHENTICATION,
            "The authorization header is missing or malformed, or its token is unknown.",
        )
    }

    pub(crate) fn permission(name: &str) -> Self {
        Self::new(
            PERMISSION,
            format!("The access token lacks the permission {name}."),
        )
    }

    /// The token could read it, but the vehicle's owner does not let it.
    pub(crate) fn not_granted(name: &str) -> Self {
        Self::new(
            PERMISSION,
            format!("The vehicle's owner has not granted the permission {name}."),
        )
    }

    /// A token reaches the vehicles of its owner only; whether there is another
    /// one of this id it is not told.
    pub(crate) fn unknown_vehicle() -> Self {
        Self::new(PERMISSION, "The access token does not reach this vehicle.")
    }

    pub(crate) fn other_make(make: &str) -> Self {
        Self::new(
            OTHER_MAKE,
            format!("Smartcar does not offer this endpoint for the make {make}."),
        )
    }

    pub(crate) fn other_powertrain() -> Self {
        Self::new(
            OTHER_POWERTRAIN,
            "The vehicle's powertrain does not have what this endpoint tells of.",
        )
    }

    /// An error of the catalogue that the description names, with the catalogue's words.
    pub(crate) fn named(kind: &str, code: &str, description: &str) -> Self {
        Self {
            kind: kind.into(),
            code: Some(code.into()),
            ..Self::new(VALIDATION, description)
        }
    }

    pub(crate) fn path() -> Self {
        Self::new(PATH, "There is no such path.")
    }

    pub(crate) fn version(known: &str) -> Self {
        Self::new(
            VERSION,
            format!("There is no such API version; this server knows {known}."),
        )
    }

    /// The catalogue has no pair for it; a path that exists for other methods is nearest.
    pub(crate) fn method(allowed: &str) -> Self {
        let mut refusal = Self::new(PATH, format!("The path takes {allowed} only."))
            .with_status(StatusCode::METHOD_NOT_ALLOWED);
        // Methods are visible ascii.
        if let Ok(allowed) = HeaderValue::from_str(allowed) {
            refusal.headers.insert(ALLOW, allowed);
        }
        refusal
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(VALIDATION, format!("The body has more than {limit} bytes."))
            .with_status(StatusCode::PAYLOAD_TOO_LARGE)
    }

    pub(crate) fn foreign_host() -> Self {
        Self::new(
            VALIDATION,
            "The host header must name this machine: localhost or a loopback address.",
        )
        .with_status(StatusCode::MISDIRECTED_REQUEST)
    }

    pub(crate) fn application_limit() -> Self {
        Self::new(
            APPLICATION_LIMIT,
            "The application asked too often. Ask again later, and then less often.",
        )
    }

    /// The seconds after which it may be asked again.
    pub(crate) fn vehicle_limit(seconds: u64) -> Self {
        let description = "The vehicle was asked too often. Wait the seconds of `Retry-After`.";
        let mut refusal = Self::new(VEHICLE_LIMIT, description);
        refusal.headers.insert(RETRY_AFTER, seconds.into());
        refusal
    }

    pub(crate) fn monthly_limit() -> Self {
        Self::new(
            MONTHLY_LIMIT,
            "The requests of this month are used up for this vehicle.",
        )
    }

    pub(crate) fn upstream_limit() -> Self {
        Self::new(
            UPSTREAM_LIMIT,
            "The car maker was asked too often and refuses to answer for now.",
        )
    }

    pub(crate) fn missing_parameter(name: &str) -> Self {
        Self::new(MISSING_PARAMETER, format!("The header {name} is missing."))
    }

    /// What version 3 says of a query parameter.
    pub(crate) fn invalid_parameter(name: &str, message: &str) -> Self {
        Self::new(INVALID_INPUT, format!("The parameter {name} {message}."))
    }

    /// The same refusal of a malformed request, as version 3 names it.
    pub(crate) fn into_invalid_input(mut self) -> Self {
        let (kind, code) = INVALID_INPUT;
        self.kind = kind.into();
        self.code = code.map(Into::into);
        self
    }

    pub(crate) fn invalid_path() -> Self {
        Self::new(INVALID_PATH, "There is no such path in version 3.")
    }

    pub(crate) fn no_vehicle() -> Self {
        Self::new(NO_VEHICLE, "There is no such vehicle.")
    }

    pub(crate) fn no_signal() -> Self {
        Self::new(NO_SIGNAL, "The vehicle has no such signal.")
    }

    pub(crate) fn no_connection() -> Self {
        Self::new(PATH, "There is no such connection.")
    }

    pub(crate) fn validation(detail: Vec<Detail>) -> Self {
        let mut refusal = Self::new(VALIDATION, "The request is malformed, see the detail.");
        refusal.detail = detail;
        refusal.detail.truncate(MAX_DETAILS);
        refusal
    }
}
