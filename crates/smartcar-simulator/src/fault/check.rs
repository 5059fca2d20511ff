//! Whether a fault can be done at all.
//!
//! Invariant: a fault that was accepted can be applied to every request without
//! an error.

use std::fmt;

use axum::http::{HeaderName, HeaderValue, StatusCode};

use super::Fault;
use super::effect::{Change, Effect, ErrorName};
use crate::catalogue::Catalogue;

/// The headers that say where an answer ends; another value would change what
/// the server is able to send.
const FRAMING: [&str; 3] = ["connection", "content-length", "transfer-encoding"];

/// Why a fault was not accepted.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use smartcar_simulator::{Fault, FaultError, Simulator};
///
/// let simulator = Simulator::start().await?;
/// let error: FaultError = simulator.fault(Fault::error("SLEEPY", None)).unwrap_err();
/// assert_eq!(error.to_string(), "the catalogue has no error SLEEPY with code null");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultError(String);

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FaultError {}

pub(crate) fn check(fault: &Fault, catalogue: &Catalogue) -> Result<(), FaultError> {
    let text = problem(fault, catalogue);
    text.map_or(Ok(()), |text| Err(FaultError(text)))
}

impl FaultError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

fn problem(fault: &Fault, catalogue: &Catalogue) -> Option<String> {
    if let Some(ErrorName { kind, code }) = error_name(&fault.effect)
        && !catalogue.knows(kind, code.as_deref())
    {
        let code = code.as_deref().unwrap_or("null");
        return Some(format!(
            "the catalogue has no error {kind} with code {code}"
        ));
    }
    if let Some(status) = fault.status
        && !(200..=999).contains(&status)
    {
        return Some(format!("{status} is not a status between 200 and 999"));
    }
    let names = fault.headers.iter().map(|(name, _)| name);
    for name in names.chain(&fault.lost_headers) {
        let Ok(read) = HeaderName::try_from(name) else {
            return Some(format!("`{name}` is not a header name"));
        };
        if is_framing(&read) {
            return Some(format!("the server itself decides on the header `{name}`"));
        }
    }
    for (name, value) in &fault.headers {
        if HeaderValue::try_from(value).is_err() {
            return Some(format!("the value of `{name}` cannot be sent"));
        }
    }
    let when = &fault.when;
    if when.request == Some(0) {
        return Some("requests are counted from 1".to_owned());
    }
    if when.times == Some(0) {
        return Some("a fault must strike at least once".to_owned());
    }
    let is_fraction = |chance: super::when::Chance| (0.0..=1.0).contains(&chance.probability);
    if !when.chance.is_none_or(is_fraction) {
        return Some("a probability is between 0 and 1".to_owned());
    }
    None
}

/// Whether the server itself must decide on this header.
pub(super) fn is_framing(name: &HeaderName) -> bool {
    FRAMING.contains(&name.as_str())
}

fn error_name(effect: &Effect) -> Option<&ErrorName> {
    match effect {
        Effect::Error(name)
        | Effect::Item {
            change: Change::Error(name),
            ..
        } => Some(name),
        _ => None,
    }
}

/// What is right by now: it was looked at when the fault was added.
pub(super) fn status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::OK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    #[test]
    fn what_cannot_be_done_is_refused() {
        let catalogue = &Spec::embedded().unwrap().catalogue;
        let ok = Fault::unchanged;
        for (fault, expected) in [
            (Fault::error("RATE_LIMIT", None), "no error RATE_LIMIT with"),
            (
                Fault::item_error("/fuel", "rate_limit", Some("VEHICLE")),
                "no error rate_limit with code VEHICLE",
            ),
            (Fault::status(199), "199 is not a status"),
            (Fault::html(1000), "1000 is not a status"),
            (ok().with_status(0), "0 is not a status"),
            (ok().header("two words", "1"), "is not a header name"),
            (ok().without_header(""), "is not a header name"),
            (ok().header("x", "line\nbreak"), "cannot be sent"),
            (ok().header("Content-Length", "1"), "the server itself"),
            (ok().without_header("connection"), "the server itself"),
            (ok().on_request(0), "counted from 1"),
            (ok().times(0), "at least once"),
            (ok().with_probability(1.1, 0), "between 0 and 1"),
            (ok().with_probability(f64::NAN, 0), "between 0 and 1"),
        ] {
            let error = check(&fault, catalogue).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn the_whole_catalogue_is_known_outside_and_in_items() {
        let catalogue = &Spec::embedded().unwrap().catalogue;
        assert_eq!(catalogue.names().count(), 48);
        for (kind, code) in catalogue.names() {
            assert_eq!(check(&Fault::error(kind, code), catalogue), Ok(()));
            let item = Fault::item_error("/fuel", kind, code);
            assert_eq!(check(&item, catalogue), Ok(()));
        }
    }
}
