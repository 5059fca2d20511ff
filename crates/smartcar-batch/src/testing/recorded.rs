//! Requests that a canned transport received.
//!
//! Invariant: a record never contains the access token.

use bytes::Bytes;
use serde_json::Value;

/// A request that a [`CannedTransport`](super::CannedTransport) received, without the
/// access token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// The path and query of the URL.
    pub target: String,
    /// The ID of the vehicle; `None` for a list and for a token request.
    pub vehicle: Option<String>,
    /// The user of a request for signals (`sc-user-id`); `None` on v2.0.
    pub user: Option<String>,
    /// The requested paths: those of a batch, or the one path below the vehicle, such
    /// as `/odometer`, `/signals` or `/signals/odometer-traveleddistance`. For other requests, the
    /// path without the version, such as `/vehicles`.
    pub paths: Vec<String>,
    /// The requested unit system (`sc-unit-system`); `None` if the request has none.
    pub unit_system: Option<String>,
}

impl RecordedRequest {
    pub(super) fn of(request: &http::Request<Bytes>) -> Self {
        let header = |name: &str| {
            let value = request.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let path = request.uri().path();
        let steps: Vec<_> = path.splitn(5, '/').skip(1).collect();
        let (vehicle, paths) = match steps.as_slice() {
            [_, "vehicles", vehicle, "batch"] => (Some(*vehicle), batch_paths(request.body())),
            [_, "vehicles", vehicle] => (Some(*vehicle), vec!["/".to_owned()]),
            [_, "vehicles", vehicle, rest] => (Some(*vehicle), vec![format!("/{rest}")]),
            ["v2.0" | "v3", rest @ ..] => (None, vec![format!("/{}", rest.join("/"))]),
            _ => (None, vec![path.to_owned()]),
        };
        Self {
            method: request.method().to_string(),
            target: request
                .uri()
                .path_and_query()
                .map_or_else(|| path.to_owned(), |target| target.as_str().to_owned()),
            vehicle: vehicle.map(str::to_owned),
            user: header("sc-user-id"),
            paths,
            unit_system: header("sc-unit-system"),
        }
    }

    pub(super) fn is_batch(&self) -> bool {
        self.method == "POST" && self.target.ends_with("/batch")
    }

    pub(super) fn is_v3(&self) -> bool {
        self.target.starts_with("/v3/")
    }

    pub(super) fn is_token(&self) -> bool {
        self.target == "/oauth2/token"
    }
}

fn batch_paths(body: &Bytes) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let entries = body["requests"].as_array().into_iter().flatten();
    let paths = entries.filter_map(|entry| entry["path"].as_str());
    paths.map(str::to_owned).collect()
}
