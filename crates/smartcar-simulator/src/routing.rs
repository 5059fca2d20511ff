//! From a method and a URL's path to the operation of the description.
//!
//! Invariant: which operations exist is read from the description alone.

use axum::http::Method;

use crate::errors::Refusal;
use crate::spec::{Operation, Segment, Spec};

/// An operation, and the vehicle that it is about.
#[derive(Debug)]
pub(crate) struct Route<'s> {
    pub(crate) operation: &'s Operation,
    pub(crate) vehicle: Option<String>,
}

/// Finds the operation, or says why there is none.
pub(crate) fn route<'s>(spec: &'s Spec, method: &Method, path: &str) -> Result<Route<'s>, Refusal> {
    let mut segments: Vec<&str> = path.split('/').skip(1).collect();
    match segments.first() {
        Some(&"") | None => return Err(Refusal::path()),
        Some(first) if *first != spec.version => return Err(Refusal::version(&spec.version)),
        Some(_) => segments.remove(0),
    };
    // Some clients write `/vehicles/`, and the vehicle itself as `/vehicles/{id}/`.
    if matches!(segments.len(), 2 | 3) && segments.last() == Some(&"") {
        segments.pop();
    }
    let matching = |operation: &&Operation| matches(&operation.template, &segments);
    let found: Vec<&Operation> = spec.operations.iter().filter(matching).collect();
    // A literal segment says more than a variable in the same place.
    let Some(variables) = found.iter().map(|operation| variables(operation)).min() else {
        return Err(Refusal::path());
    };
    let found: Vec<&Operation> = found
        .into_iter()
        .filter(|operation| self::variables(operation) == variables)
        .collect();
    let Some(operation) = found.iter().find(|operation| operation.method == *method) else {
        let allowed: Vec<&str> = found.iter().map(|found| found.method.as_str()).collect();
        return Err(Refusal::method(&allowed.join(", ")));
    };
    Ok(Route {
        operation,
        vehicle: variable(&operation.template, &segments),
    })
}

fn matches(template: &[Segment], segments: &[&str]) -> bool {
    template.len() == segments.len()
        && template
            .iter()
            .zip(segments)
            .all(|(expected, segment)| match expected {
                Segment::Literal(text) => text == segment,
                Segment::Variable => !segment.is_empty(),
            })
}

fn variables(operation: &Operation) -> usize {
    let is_variable = |segment: &&Segment| **segment == Segment::Variable;
    operation.template.iter().filter(is_variable).count()
}

/// What stands in the place of the first variable.
fn variable(template: &[Segment], segments: &[&str]) -> Option<String> {
    let place = template.iter().position(|it| *it == Segment::Variable)?;
    segments.get(place).map(|segment| unescape(segment))
}

/// Undoes percent-encoding; what is not encoded well stays as it is.
pub(crate) fn unescape(segment: &str) -> String {
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
