//! Checks whether a fault is possible at all.
//!
//! Invariant: an accepted fault can be applied to every request without an error.

use std::fmt;

use http::{HeaderName, HeaderValue, StatusCode};

use super::effect::{Effect, ErrorName};
use super::value::Fault;
use crate::catalogue::Catalogue;
use crate::known;

/// The headers that delimit a response; another value would change what the server
/// can send.
const FRAMING: [&str; 3] = ["connection", "content-length", "transfer-encoding"];

/// Why a fault was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultError(String);

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FaultError {}

impl FaultError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// Checks a fault against the errors of this catalogue.
pub(crate) fn check(fault: &Fault, catalogue: &Catalogue) -> Result<(), FaultError> {
    let wrong = |message: String| Err(FaultError(message));
    if let Some(Effect::Error(ErrorName { kind, code })) = &fault.effect
        && !catalogue.knows(kind, code.as_deref())
    {
        let code = code.as_deref().unwrap_or("null");
        return wrong(format!(
            "the catalogue has no error {kind} with code {code}"
        ));
    }
    if let Some(status) = fault.sent_status()
        && !(200..=999).contains(&status)
    {
        return wrong(format!("{status} is not a status between 200 and 999"));
    }
    for name in fault.headers.keys().chain(&fault.without_headers) {
        let Ok(read) = HeaderName::try_from(name) else {
            return wrong(format!("`{name}` is not a header name"));
        };
        if is_framing(&read) {
            return wrong(format!(
                "the header `{name}` is reserved for the server itself"
            ));
        }
    }
    for (name, value) in &fault.headers {
        if HeaderValue::try_from(value).is_err() {
            return wrong(format!("the value of `{name}` cannot be sent"));
        }
    }
    let when = &fault.when;
    if when.request == Some(0) {
        return wrong("`request` must be 1 or more".to_owned());
    }
    if when.times == Some(0) {
        return wrong("`times` must be 1 or more".to_owned());
    }
    let mut chance = when.chance.iter();
    if chance.any(|chance| !(0.0..=1.0).contains(&chance.probability)) {
        return wrong("`probability` must be between 0 and 1".to_owned());
    }
    Ok(())
}

/// Checks the names in a fault. `listed` has the vehicles, if only those are answered.
pub(crate) fn names(fault: &Fault, listed: Option<&[String]>) -> Result<(), FaultError> {
    let when = &fault.when;
    let path = when.path.as_deref().map_or(Ok(()), known::path);
    let item = || fault.item.as_deref().map_or(Ok(()), known::item);
    let vehicle = || match (when.vehicle.as_deref(), listed) {
        (Some(id), Some(listed)) => known::vehicle(id, listed),
        _ => Ok(()),
    };
    path.and_then(|()| item())
        .and_then(|()| vehicle())
        .map_err(FaultError)
}

/// Whether the header is reserved for the server itself.
pub(super) fn is_framing(name: &HeaderName) -> bool {
    FRAMING.contains(&name.as_str())
}

/// Cannot fail, because the status was checked when the fault was added.
pub(super) fn status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::OK)
}

#[cfg(test)]
mod tests;
