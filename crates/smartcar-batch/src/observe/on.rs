//! Spans and events, named by OpenTelemetry's HTTP conventions.
//!
//! Invariant: field values are our own words and numbers; the only text from outside
//! is the host that the user configured.

use std::time::Duration;

use tracing::field::Empty;
use tracing::instrument::Instrumented;
use tracing::{Instrument, Span, debug, debug_span, info};

use smartcar_model::StopReason;

use crate::dialect::Route;
use crate::origin::{Origin, Server};
use crate::retry::Cause;
use crate::transport::{Missed, Reply};

/// The span of one call.
pub(crate) fn call(paths: usize, single: bool) -> Span {
    let name = if single { "get" } else { "batch" };
    debug_span!(
        "smartcar",
        otel.name = name,
        smartcar.paths = paths,
        smartcar.attempts = Empty
    )
}

/// The span of one attempt.
pub(crate) fn attempt(server: &Server, route: Route<'_>, attempt: u32) -> Span {
    // The paths come from the spec; the vehicle stays a placeholder.
    let Route {
        method,
        template,
        path,
        ..
    } = route;
    debug_span!(
        "smartcar_attempt",
        otel.kind = "client",
        otel.name = method,
        http.request.method = method,
        http.request.resend_count = attempt - 1,
        http.response.status_code = Empty,
        error.type = Empty,
        url.template = %format_args!("{template}{path}"),
        server.address = %server.address,
        server.port = server.port,
    )
}

/// Runs a future within a span.
pub(crate) fn within<F: Future>(span: Span, future: F) -> Instrumented<F> {
    future.instrument(span)
}

/// The attempt ended, with a status or a failure.
pub(crate) fn answered(attempt: &Span, reply: &Result<Box<Reply>, Missed>) {
    match reply {
        Ok(reply) => {
            attempt.record("http.response.status_code", reply.status);
        }
        Err(Missed::Lost(lost)) => {
            attempt.record("error.type", lost.message.as_str());
        }
        Err(Missed::Late) => {
            attempt.record("error.type", "timeout");
        }
    }
}

/// The open items will be retried.
pub(crate) fn repeat(cause: Cause, wait: Duration, pending: usize) {
    let cause = match cause {
        Cause::Transient => "transient",
        Cause::Throttled => "throttled",
    };
    let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    debug!(cause, wait_ms, pending, "retrying");
}

/// The call waits for its budget.
pub(crate) fn parked() {
    debug!("waiting for the budget");
}

/// The call ended.
pub(crate) fn ended(attempts: u32, stopped: Option<&StopReason>) {
    Span::current().record("smartcar.attempts", attempts);
    if let Some(stopped) = stopped {
        debug!(error.type = stopped.name(), attempts, "call stopped with open items");
    }
}

/// An origin was taken from an environment variable.
pub(crate) fn origin_from_env(origin: &Origin, variable: &str) {
    info!(origin = origin.text(), "origin set by {variable}");
}
