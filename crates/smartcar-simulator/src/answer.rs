//! What one endpoint answers.
//!
//! Invariant: [`read`] is the only way to an endpoint's answer, so that an item
//! of a batch and the same endpoint asked alone cannot differ.

use std::borrow::Cow;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::errors::Refusal;
use crate::json;
use crate::paging;
use crate::spec::{HeaderContent, Operation, Spec};
use crate::tokens::Grant;
use crate::units::UnitSystem;
use crate::world::View;
use crate::world::reading::Reading;
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

/// What one endpoint answers, not yet written.
#[derive(Debug)]
pub(crate) struct Told<'r> {
    spec: &'static Spec,
    operation: &'static Operation,
    asked: Asked<'r>,
    /// The body of an operation that looks at its query, which had to be read.
    page: Option<String>,
}

/// The answer of one endpoint, or why there is none.
pub(crate) fn read<'r>(
    spec: &'static Spec,
    operation: &'static Operation,
    asked: Asked<'r>,
) -> Result<Told<'r>, Refusal> {
    let permission = operation.permission.as_deref();
    if let Some(name) = permission.filter(|_| !asked.grant.covers(permission)) {
        return Err(Refusal::permission(name));
    }
    asked.view.check(operation)?;
    let mut told = Told {
        spec,
        operation,
        asked,
        page: None,
    };
    if !operation.query.is_empty() {
        let whole = told.body();
        let page = paging::apply(&operation.query, asked.query, whole);
        told.page = Some(page.map_err(Refusal::validation)?);
    }
    Ok(told)
}

impl Told<'_> {
    /// Appends it as an item of a batch; not if it has to be one from an [`Answer`].
    pub(crate) fn append_item(&self, text: &mut Vec<u8>) -> bool {
        let item = self.operation.item(self.asked.units);
        let item = item.filter(|_| self.page.is_none());
        if let Some(item) = item {
            item.append(text, |variable| self.value(variable));
        }
        item.is_some()
    }

    fn value(&self, variable: Variable) -> Option<Reading<'_>> {
        let Asked { view, grant, .. } = self.asked;
        match variable {
            Variable::Permissions => Some(view.permissions(grant, self.spec.permissions.iter())),
            variable => view.value(variable),
        }
    }

    fn body(&self) -> String {
        let body = self.operation.body(self.asked.units);
        body.fill(|variable| self.value(variable))
    }

    fn header(&self, content: &HeaderContent) -> Option<HeaderValue> {
        match content {
            HeaderContent::Units => Some(HeaderValue::from_static(self.asked.units.name())),
            HeaderContent::Example { text, variable, .. } => {
                let known = variable.and_then(|variable| self.value(variable));
                let text = match known {
                    Some(Reading::Text(known)) => known,
                    Some(Reading::Moment(known)) => Cow::Borrowed(known),
                    Some(known) => Cow::Owned(json::written(&known)),
                    None => Cow::Borrowed(text.as_str()),
                };
                HeaderValue::from_bytes(text.as_bytes()).ok()
            }
        }
    }
}

impl From<Told<'_>> for Answer {
    fn from(mut told: Told<'_>) -> Self {
        let headers = told.operation.headers.iter().filter_map(|header| {
            let value = told.header(&header.value)?;
            Some((header.name.clone(), value))
        });
        Self {
            status: StatusCode::OK,
            headers: headers.collect(),
            body: told.page.take().unwrap_or_else(|| told.body()),
        }
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
