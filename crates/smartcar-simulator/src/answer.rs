//! What one endpoint answers.
//!
//! Invariant: [`read`] is the only way to an endpoint's answer, so that an item
//! of a batch and the same endpoint asked alone cannot differ.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::errors::Refusal;
use crate::json;
use crate::paging;
use crate::spec::{Operation, Spec};
use crate::tokens::Grant;
use crate::units::{UNIT_SYSTEM, UnitSystem};
use crate::world::View;
use crate::world::variable::Variable;

/// A status with its headers and body, not yet an item or a response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// A json text, for only a fault looks into it again.
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, body: &impl Serialize) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: json::written(body),
        }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }
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
    spec: &'static Spec,
    operation: &'static Operation,
    asked: Asked<'_>,
) -> Result<Answer, Refusal> {
    let permission = operation.permission.as_deref();
    if let Some(name) = permission.filter(|_| !asked.grant.covers(permission)) {
        return Err(Refusal::permission(name));
    }
    let view = asked.view;
    view.check(operation)?;
    let template = operation.body(asked.units);
    let body = template.fill(|variable| match variable {
        Variable::Permissions => Some(view.permissions(asked.grant, spec.permissions.iter())),
        variable => view.value(variable),
    });
    let body = paging::apply(&operation.query, asked.query, body).map_err(Refusal::validation)?;
    let mut headers = Vec::with_capacity(operation.headers.len() + 1);
    for header in &operation.headers {
        let known = header.variable.and_then(|variable| view.header(variable));
        let value = known.unwrap_or_else(|| header.value.clone());
        headers.push((header.name.clone(), value));
    }
    if operation.has_units {
        let value = HeaderValue::from_static(asked.units.name());
        headers.push((HeaderName::from_static(UNIT_SYSTEM), value));
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
