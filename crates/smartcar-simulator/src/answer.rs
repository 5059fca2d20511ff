//! What one endpoint answers.
//!
//! Invariant: [`read`] is the only way to an endpoint's answer, so that an item
//! of a batch and the same endpoint asked alone cannot differ.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::errors::Refusal;
use crate::paging;
use crate::spec::{Operation, Spec};
use crate::tokens::Grant;
use crate::units::{self, UNIT_SYSTEM, UnitSystem};

/// The vehicles that the list names; the description's example comes first.
/// Any other id is answered too.
const VEHICLES: [&str; 3] = [
    "3f1c9a52-6d0e-4b8f-9c37-5e2a7d40b611",
    "8a25d7e0-41f3-4c69-b0de-17c2f95a3b84",
    "c94e0b6f-7d18-4a2c-85f1-e03b6a9d2470",
];

/// A status with its headers and body, not yet an item or a response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

/// Who asks about what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'r> {
    pub(crate) vehicle: Option<&'r str>,
    pub(crate) grant: &'r Grant,
    pub(crate) units: UnitSystem,
    /// The URL's query; a batch has none for its paths.
    pub(crate) query: &'r str,
}

/// The answer of one endpoint, or why there is none.
pub(crate) fn read(
    spec: &Spec,
    operation: &Operation,
    asked: Asked<'_>,
) -> Result<Answer, Refusal> {
    let permission = operation.permission.as_deref();
    if let Some(name) = permission.filter(|_| !asked.grant.covers(permission)) {
        return Err(Refusal::permission(name));
    }
    let mut body = operation.example.clone();
    personalise(spec, operation, asked, &mut body);
    paging::apply(&operation.query, asked.query, &mut body).map_err(Refusal::validation)?;
    if asked.units == UnitSystem::Imperial {
        units::to_imperial(&spec.document, &operation.schema, &mut body);
    }
    let mut headers = operation.headers.clone();
    if operation.has_units {
        headers.push((UNIT_SYSTEM.to_owned(), asked.units.name().to_owned()));
    }
    Ok(Answer {
        status: StatusCode::OK,
        headers,
        body,
    })
}

/// Where an example cannot know the answer: the list of all vehicles, what the
/// token may read, and the id of the vehicle that was asked.
fn personalise(spec: &Spec, operation: &Operation, asked: Asked<'_>, body: &mut Value) {
    if operation.id == "list_vehicles" {
        body["vehicles"] = json!(VEHICLES);
    }
    if operation.id == "permissions" {
        body["permissions"] = match asked.grant {
            Grant::Everything => json!(spec.permissions),
            Grant::Just(permissions) => json!(permissions),
        };
    }
    if operation.vehicle_path.as_deref() == Some("/")
        && let Some(vehicle) = asked.vehicle
    {
        body["id"] = json!(vehicle);
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
