//! From a method and a URL's path to the operation of the description.
//!
//! Invariant: which operations exist is read from the description alone.

use std::collections::BTreeMap;

use axum::http::Method;
use matchit::Router;

use crate::errors::Refusal;
use crate::spec::{Operation, Spec, SpecError};

/// An operation, and the vehicle that it is about.
#[derive(Debug)]
pub(crate) struct Route<'s> {
    pub(crate) operation: &'s Operation,
    pub(crate) vehicle: Option<String>,
}

/// The places of the operations, by their path below the version.
#[derive(Debug)]
pub(crate) struct Routes(Router<Vec<usize>>);

impl Routes {
    pub(crate) fn of(operations: &[Operation]) -> Result<Self, SpecError> {
        let mut paths: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, operation) in operations.iter().enumerate() {
            paths.entry(&operation.path).or_default().push(place);
        }
        let mut router = Router::new();
        for (path, places) in paths {
            let inserted = router.insert(path, places);
            inserted.map_err(|error| SpecError::new(format!("path `{path}`: {error}")))?;
        }
        Ok(Self(router))
    }
}

/// Finds the operation, or says why there is none.
pub(crate) fn route<'s>(spec: &'s Spec, method: &Method, path: &str) -> Result<Route<'s>, Refusal> {
    let path = path.strip_prefix('/').unwrap_or_default();
    let version = path.split('/').next().unwrap_or_default();
    if version.is_empty() {
        return Err(Refusal::path());
    }
    if version != spec.version {
        return Err(Refusal::version(&spec.version));
    }
    let path = &path[version.len()..];
    // Some clients write `/vehicles/`, and the vehicle itself as `/vehicles/{id}/`.
    let path = match path.strip_suffix('/') {
        Some(without) if matches!(without.matches('/').count(), 1 | 2) => without,
        _ => path,
    };
    let found = spec.routes.0.at(path).map_err(|_| Refusal::path())?;
    if found.params.iter().any(|(_, value)| value.is_empty()) {
        return Err(Refusal::path());
    }
    let operations = || found.value.iter().map(|place| &spec.operations[*place]);
    let Some(operation) = operations().find(|operation| operation.method == *method) else {
        let allowed: Vec<&str> = operations().map(|found| found.method.as_str()).collect();
        return Err(Refusal::method(&allowed.join(", ")));
    };
    let vehicle = found.params.iter().next().map(|(_, id)| unescape(id));
    Ok(Route { operation, vehicle })
}

/// Undoes percent-encoding; what is not encoded well stays as it is.
pub(crate) fn unescape(segment: &str) -> String {
    if !segment.contains('%') {
        return segment.to_owned();
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digit = |place: usize| tail.get(place).and_then(|byte| hex(*byte));
        if let (b'%', Some(high), Some(low)) = (first, digit(0), digit(1)) {
            bytes.push(high << 4 | low);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| segment.to_owned())
}

fn hex(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_and_vehicle(path: &str) -> (String, Option<String>) {
        let spec = Spec::embedded().unwrap();
        let route = route(spec, &Method::GET, path).unwrap();
        (route.operation.id.clone(), route.vehicle)
    }

    #[test]
    fn the_vehicle_is_taken_from_the_path() {
        for (path, id, vehicle) in [
            ("/v2.0/vehicles", "list_vehicles", None),
            ("/v2.0/vehicles/", "list_vehicles", None),
            ("/v2.0/vehicles/abc", "attributes", Some("abc")),
            ("/v2.0/vehicles/abc/", "attributes", Some("abc")),
            ("/v2.0/vehicles/a%20b%2F/", "attributes", Some("a b/")),
            ("/v2.0/vehicles/100%/vin", "vin", Some("100%")),
            ("/v2.0/vehicles/%ff/vin", "vin", Some("%ff")),
            (
                "/v2.0/vehicles/x/tires/pressure",
                "tire_pressure",
                Some("x"),
            ),
        ] {
            let expected = (id.to_owned(), vehicle.map(str::to_owned));
            assert_eq!(id_and_vehicle(path), expected, "{path}");
        }
    }

    #[test]
    fn a_literal_wins_over_a_variable() {
        let mut text: serde_json::Value =
            serde_json::from_str(include_str!("generated/smartcar-v2.json")).unwrap();
        let list = text["paths"]["/vehicles"].clone();
        text["paths"]["/vehicles/summary"] = list;
        let spec = Spec::read(&text.to_string()).unwrap();
        let found = route(&spec, &Method::GET, "/v2.0/vehicles/summary").unwrap();
        assert_eq!(found.operation.id, "list_vehicles");
        assert_eq!(found.vehicle, None);
    }
}
