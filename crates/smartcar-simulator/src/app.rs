//! One request from its arrival to its response.
//!
//! Invariant: every response has a content type, a request id and a json body,
//! and every request is recorded before it is answered.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

use crate::answer::{self, Answer, Asked};
use crate::batch;
use crate::body;
use crate::errors::Fault;
use crate::host;
use crate::record::{RecordedRequest, Records};
use crate::routing::{self, Route};
use crate::spec::Spec;
use crate::tokens::{Grant, Tokens};
use crate::units::UnitSystem;
use crate::validate;

/// The simulator without its socket.
pub(crate) struct App {
    spec: &'static Spec,
    tokens: Tokens,
    records: Mutex<Records>,
    answered: AtomicU64,
}

impl App {
    pub(crate) fn new(spec: &'static Spec, tokens: Tokens) -> Self {
        Self {
            spec,
            tokens,
            records: Mutex::default(),
            answered: AtomicU64::new(0),
        }
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.records().all()
    }

    /// A panic while holding it leaves nothing half-done, so poison means nothing.
    fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one request.
    pub(crate) async fn handle(&self, request: Request) -> Response {
        let request_id = self.next_id();
        let (parts, body) = request.into_parts();
        let grant = self.tokens.grant(&parts.headers);
        let mut record = RecordedRequest::new(&parts, grant.is_some());
        let outcome = if host::is_loopback(&parts) {
            match body::read(body).await {
                Ok(body) => self.dispatch(&parts, &body, grant, &request_id, &mut record),
                Err(fault) => Err(fault),
            }
        } else {
            Err(Fault::foreign_host())
        };
        self.records().push(record);
        let failed = |fault| self.spec.catalogue.answer(fault, &request_id);
        response(outcome.unwrap_or_else(failed), &request_id)
    }

    /// A UUID in form, and the same one in every run.
    fn next_id(&self) -> String {
        let number = self.answered.fetch_add(1, Ordering::Relaxed) + 1;
        format!("00000000-0000-4000-8000-{number:012x}")
    }

    fn dispatch(
        &self,
        parts: &Parts,
        body: &[u8],
        grant: Option<&Grant>,
        request_id: &str,
        record: &mut RecordedRequest,
    ) -> Result<Answer, Fault> {
        let Route { operation, vehicle } =
            routing::route(self.spec, &parts.method, parts.uri.path())?;
        let is_batch = operation.id == batch::OPERATION;
        if is_batch {
            record.batch_paths = validate::paths_as_written(body);
        }
        let grant = grant.ok_or_else(Fault::authentication)?;
        let units = if operation.takes_units {
            validate::unit_system(&parts.headers)?
        } else {
            UnitSystem::Metric
        };
        let asked = Asked {
            vehicle: vehicle.as_deref(),
            grant,
            units,
            query: parts.uri.query().unwrap_or_default(),
        };
        if is_batch {
            let entries = validate::batch(self.spec, &parts.headers, body)?;
            // The query belongs to the batch, not to its paths.
            let asked = Asked { query: "", ..asked };
            Ok(batch::run(self.spec, &entries, asked, request_id))
        } else {
            answer::read(self.spec, operation, asked)
        }
    }
}

fn response(answer: Answer, request_id: &str) -> Response {
    let mut response = Response::new(Body::from(answer.body.to_string()));
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let request_id = ("sc-request-id".to_owned(), request_id.to_owned());
    for (name, value) in answer.headers.into_iter().chain([request_id]) {
        let name = HeaderName::try_from(name).expect("the description's header names are valid");
        let value = HeaderValue::try_from(value).expect("the description's examples are ascii");
        headers.insert(name, value);
    }
    response
}

#[cfg(test)]
#[path = "app_tests.rs"]
mod tests;
