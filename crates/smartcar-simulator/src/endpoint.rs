//! The response of one endpoint.
//!
//! Invariant: [`read`] is the only source of an endpoint's response, so a batch
//! item and the same endpoint requested alone cannot differ.

use std::borrow::Cow;
use std::collections::BTreeSet;

use http::{HeaderMap, HeaderValue, StatusCode};
use smartcar_model::UnitSystem;

use crate::answer::Answer;
use crate::errors::Refusal;
use crate::item::HeaderContent;
use crate::json;
use crate::meter::Payer;
use crate::operation::Operation;
use crate::query;
use crate::tokens::Grant;
use crate::world::variable::{Reading, Variable};
use crate::world::view::View;

/// The caller's permissions and units, and the vehicle's state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'r> {
    pub(crate) view: &'r View<'r>,
    pub(crate) grant: &'r Grant,
    pub(crate) units: &'r UnitSystem,
    /// The URL's query; empty for the paths of a batch.
    pub(crate) query: &'r str,
    /// Every permission in the spec.
    pub(crate) permissions: &'r BTreeSet<String>,
}

/// This endpoint is served from Smartcar's own records, so it does not contact a
/// car.
const FREE: &str = "permissions";

/// The vehicle that is charged for an endpoint; `None` without the permission for
/// it.
pub(crate) fn payer<'r>(operation: &Operation, asked: &Asked<'r>) -> Option<Payer<'r>> {
    let permission = operation.offer.permission.as_deref();
    let pays = operation.id != FREE && asked.grant.covers(permission);
    pays.then(|| Payer::of(asked.view)).flatten()
}

/// The response of one endpoint, before it is written.
#[derive(Debug)]
pub(crate) struct Told<'r> {
    operation: &'r Operation,
    asked: Asked<'r>,
    /// The body of an operation with query parameters, which has to be built early.
    page: Option<String>,
}

/// Reads one endpoint, or returns why it is refused.
pub(crate) fn read<'r>(operation: &'r Operation, asked: Asked<'r>) -> Result<Told<'r>, Refusal> {
    let permission = operation.offer.permission.as_deref();
    if let Some(name) = permission.filter(|_| !asked.grant.covers(permission)) {
        return Err(Refusal::permission(name));
    }
    operation.offer.check(asked.view)?;
    let mut told = Told {
        operation,
        asked,
        page: None,
    };
    if !operation.query.is_empty() {
        let page = query::apply(&operation.query, asked.query, told.body());
        told.page = Some(page.map_err(Refusal::validation)?);
    }
    Ok(told)
}

impl Told<'_> {
    /// Appends the response as a batch item. Returns false if the item has to be
    /// built from an [`Answer`].
    pub(crate) fn append_item(&self, text: &mut Vec<u8>) -> bool {
        let items = self.operation.items.as_ref();
        let items = items.filter(|_| self.page.is_none());
        if let Some(items) = items {
            let item = items.of(self.asked.units);
            let write = |text: &mut Vec<u8>| item.append(text, |variable| self.value(variable));
            match item.number() {
                Some(number) => self.asked.view.append(number, text, write),
                None => write(text),
            }
        }
        items.is_some()
    }

    fn value(&self, variable: Variable) -> Option<Reading<'_>> {
        let Asked {
            view,
            grant,
            permissions,
            ..
        } = self.asked;
        match variable {
            Variable::Permissions => Some(view.permissions(grant, permissions)),
            variable => view.value(variable),
        }
    }

    /// The response alone, on the wire.
    pub(crate) fn alone(mut self) -> Answer {
        let page = self.page.take();
        let number = self.operation.bodies.of(self.asked.units).number();
        let make = |body: Option<String>| {
            let body = body.unwrap_or_else(|| self.body());
            let mut answer = Answer::json(body, self.operation.headers.len());
            self.add_headers(&mut answer.headers);
            answer
        };
        match (page, number) {
            (None, Some(number)) => {
                let kept = self.asked.view.answer(number, || {
                    let answer = make(None);
                    (answer.headers, answer.body)
                });
                let mut answer = Answer::written(StatusCode::OK, kept.1);
                answer.headers = kept.0;
                answer
            }
            (page, _) => make(page),
        }
    }

    fn add_headers(&self, headers: &mut HeaderMap) {
        for header in &self.operation.headers {
            if let Some(value) = self.header(&header.value) {
                headers.insert(header.name.clone(), value);
            }
        }
    }

    fn body(&self) -> String {
        let body = self.operation.bodies.of(self.asked.units);
        body.fill(|variable| self.value(variable))
    }

    fn header(&self, content: &HeaderContent) -> Option<HeaderValue> {
        let text = match content {
            HeaderContent::Units => Cow::Borrowed(self.asked.units.as_str()),
            HeaderContent::Example { text, variable, .. } => {
                match variable.and_then(|variable| self.value(variable)) {
                    Some(Reading::Text(known)) => known,
                    Some(known) => Cow::Owned(json::written(&known)),
                    None => Cow::Borrowed(text.as_str()),
                }
            }
        };
        HeaderValue::from_bytes(text.as_bytes()).ok()
    }
}

impl From<Told<'_>> for Answer {
    fn from(mut told: Told<'_>) -> Self {
        let body = told.page.take().unwrap_or_else(|| told.body());
        let mut answer = Self::written(StatusCode::OK, body);
        told.add_headers(&mut answer.headers);
        answer
    }
}

#[cfg(test)]
mod tests;
