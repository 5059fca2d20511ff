//! What one endpoint answers.
//!
//! Invariant: [`read`] is the only way to an endpoint's answer, so that an item
//! of a batch and the same endpoint asked alone cannot differ.

use axum::http::StatusCode;
use serde_json::Value;

use crate::errors::Refusal;
use crate::paging;
use crate::spec::{Operation, Spec};
use crate::tokens::Grant;
use crate::units::{self, UNIT_SYSTEM, UnitSystem};
use crate::world::variable::Variable;
use crate::world::{View, feed};

/// A status with its headers and body, not yet an item or a response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

/// Who asks, and what is seen of the vehicle.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'r> {
    pub(crate) view: &'r View<'r>,
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
    let view = asked.view;
    view.check(operation)?;
    let mut body = operation.example.clone();
    feed::apply(
        &spec.document,
        &operation.schema,
        &mut body,
        |variable| match variable {
            Variable::Permissions => Some(view.permissions(asked.grant, spec.permissions.iter())),
            variable => view.value(variable),
        },
    );
    paging::apply(&operation.query, asked.query, &mut body).map_err(Refusal::validation)?;
    if asked.units == UnitSystem::Imperial {
        units::to_imperial(&spec.document, &operation.schema, &mut body);
    }
    let headers = operation.headers.iter().map(|header| {
        let known = header.variable.and_then(|variable| view.value(variable));
        let known = known.as_ref().and_then(Value::as_str);
        (
            header.name.clone(),
            known.unwrap_or(&header.value).to_owned(),
        )
    });
    let mut headers: Vec<(String, String)> = headers.collect();
    if operation.has_units {
        headers.push((UNIT_SYSTEM.to_owned(), asked.units.name().to_owned()));
    }
    Ok(Answer {
        status: StatusCode::OK,
        headers,
        body,
    })
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
