//! A receiver on a local port.
//!
//! Invariant: it answers 200 only for what it kept, and can be killed and restarted.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use smartcar_tests::storm::KEY;
use smartcar_webhook::{Delivery, Errors, ManagementToken, Receiver, Seen, State};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What was taken.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) states: Vec<State>,
    pub(super) errors: Vec<Errors>,
    pub(super) verifications: usize,
    pub(super) repeated: usize,
    pub(super) refused: usize,
    /// The IDs of the events that were kept.
    pub(super) seen: Seen,
    /// The statuses to answer instead, from the first.
    pub(super) failures: Vec<u16>,
}

pub(super) struct Running {
    pub(super) url: String,
    pub(super) taken: Arc<Mutex<Taken>>,
    port: u16,
    server: JoinHandle<()>,
}

impl Running {
    pub(super) async fn start() -> Self {
        let taken = Arc::default();
        let (port, server) = serve(0, Arc::clone(&taken)).await;
        Self {
            url: format!("http://127.0.0.1:{port}/hook"),
            taken,
            port,
            server,
        }
    }

    /// Stops it at once. Connections break.
    pub(super) async fn kill(&mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
    }

    /// Starts it again on the same port.
    pub(super) async fn restart(&mut self) {
        (_, self.server) = serve(self.port, Arc::clone(&self.taken)).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(port: u16, taken: Arc<Mutex<Taken>>) -> (u16, JoinHandle<()>) {
    let listener = loop {
        match TcpListener::bind(("127.0.0.1", port)).await {
            Ok(listener) => break listener,
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
    };
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().fallback(move |headers: HeaderMap, body: Bytes| {
        let answer = take(&taken, &headers, &body);
        async move { answer }
    });
    let server = tokio::spawn(async move {
        axum::serve(listener, router).await.unwrap();
    });
    (port, server)
}

fn take(taken: &Mutex<Taken>, headers: &HeaderMap, body: &[u8]) -> axum::response::Response {
    let receiver = Receiver::new(ManagementToken::new(KEY).unwrap());
    let mut taken = taken.lock().unwrap();
    let signatures = headers.get_all("sc-signature");
    let delivery = match receiver.receive(signatures, body) {
        Ok(delivery) => delivery,
        Err(refused) => {
            taken.refused += 1;
            return StatusCode::from_u16(refused.status())
                .unwrap()
                .into_response();
        }
    };
    if !taken.failures.is_empty() {
        let status = taken.failures.remove(0);
        return StatusCode::from_u16(status).unwrap().into_response();
    }
    let id = match &delivery {
        Delivery::State(state) => state.event_id().map(str::to_owned),
        Delivery::Error(errors) => errors.event_id().map(str::to_owned),
        _ => None,
    };
    if let Some(id) = id
        && !taken.seen.insert(&id, jiff::Timestamp::now())
    {
        taken.repeated += 1;
        return StatusCode::OK.into_response();
    }
    match delivery {
        Delivery::Verify(answer) => {
            taken.verifications += 1;
            answer.body().to_owned().into_response()
        }
        Delivery::State(state) => {
            taken.states.push(*state);
            StatusCode::OK.into_response()
        }
        Delivery::Error(errors) => {
            taken.errors.push(*errors);
            StatusCode::OK.into_response()
        }
        _ => StatusCode::OK.into_response(),
    }
}
