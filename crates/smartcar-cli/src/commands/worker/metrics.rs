//! `--metrics`: OpenMetrics and a health check over HTTP.
//!
//! Invariant: it only reads. A request never changes what the worker does.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use smartcar_nats::Queue;
use tokio::net::TcpListener;

use super::counts::Counts;
use crate::exit::Exit;
use crate::output;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

struct Served {
    registry: Registry,
    counts: Arc<Counts>,
    queue: Queue,
}

/// Starts to serve. Prints the error if the address cannot be used.
pub(super) async fn serve(
    addr: SocketAddr,
    counts: &Arc<Counts>,
    queue: Queue,
) -> Result<(), Exit> {
    let fault = |error: std::io::Error| {
        output::complain("error", &format!("--metrics {addr}: {error}"));
        Exit::Failed
    };
    let listener = TcpListener::bind(addr).await.map_err(fault)?;
    let addr = listener.local_addr().map_err(fault)?;
    output::note(&format!("metrics on http://{addr}/metrics"));
    let served = Arc::new(Served {
        registry: counts.registry(),
        counts: Arc::clone(counts),
        queue,
    });
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(health))
        .with_state(served);
    // It ends with the process.
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(())
}

async fn metrics(State(served): State<Arc<Served>>) -> Response {
    // Without NATS, the last known state is shown.
    if served.queue.is_connected()
        && let Ok(depth) = served.queue.depth().await
    {
        served.counts.queue(depth);
    }
    let mut text = String::new();
    match encode(&mut text, &served.registry) {
        Ok(()) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn health(State(served): State<Arc<Served>>) -> (StatusCode, &'static str) {
    if served.queue.is_connected() {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "NATS is away\n")
    }
}
