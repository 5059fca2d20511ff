//! Sends requests to a server that claims to be the API, with plain HTTP.
//!
//! Invariant: responses are kept as received; nothing is corrected here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

/// The timeout of a request.
const PATIENCE: Duration = Duration::from_secs(30);

/// The unit systems, in the order they are requested.
pub(crate) const SYSTEMS: [&str; 2] = ["metric", "imperial"];

/// The server, and the tokens for it.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    http: reqwest::Client,
    address: String,
    owner: String,
    /// A token with exactly these permissions.
    guest: (String, BTreeSet<String>),
    pub(crate) vehicles: Vec<Vehicle>,
}

/// A declared vehicle; an undeclared one has the endpoints of all makes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Vehicle {
    pub(crate) id: String,
    /// Make and powertrain.
    pub(crate) kind: Option<(&'static str, &'static str)>,
}

/// A batch, and each of its paths as a single request.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) vehicle: Vehicle,
    pub(crate) paths: Vec<String>,
    pub(crate) is_guest: bool,
}

/// An HTTP response.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    /// The body, or why it is not JSON.
    pub(crate) body: Result<Value, String>,
}

/// The responses to a case in one unit system.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) system: &'static str,
    pub(crate) batch: Answer,
    /// In the order of the case's paths.
    pub(crate) alone: Vec<Answer>,
}

impl Origin {
    pub(crate) fn new(
        address: &str,
        owner: &str,
        guest: (&str, &[&str]),
        vehicles: Vec<Vehicle>,
    ) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE);
        let permissions = guest.1.iter().map(|&name| name.to_owned()).collect();
        Self {
            http: http.build().unwrap(),
            address: address.to_owned(),
            owner: owner.to_owned(),
            guest: (guest.0.to_owned(), permissions),
            vehicles,
        }
    }

    /// Whether the token of the case has a permission.
    pub(crate) fn may(&self, case: &Case, permission: &str) -> bool {
        !case.is_guest || self.guest.1.contains(permission)
    }

    /// Sends a case in both unit systems. No time passes in between, if the server
    /// follows its clock.
    pub(crate) async fn ask(&self, case: &Case) -> Vec<Exchange> {
        let mut exchanges = Vec::new();
        for system in SYSTEMS {
            let batch = self.batch(case, system).await;
            let mut alone = Vec::new();
            for path in &case.paths {
                alone.push(self.get(case, path, system).await);
            }
            exchanges.push(Exchange {
                system,
                batch,
                alone,
            });
        }
        exchanges
    }

    /// Sends one batch.
    pub(crate) async fn batch(&self, case: &Case, system: &str) -> Answer {
        let paths: Vec<Value> = case
            .paths
            .iter()
            .map(|path| json!({"path": path}))
            .collect();
        let body = json!({"requests": paths}).to_string();
        let url = format!("{}/v2.0/vehicles/{}/batch", self.address, case.vehicle.id);
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json");
        self.send(request.body(body), case, system).await
    }

    async fn get(&self, case: &Case, path: &str, system: &str) -> Answer {
        let path = if path == "/" { "" } else { path };
        let url = format!("{}/v2.0/vehicles/{}{path}", self.address, case.vehicle.id);
        self.send(self.http.get(url), case, system).await
    }

    async fn send(&self, request: reqwest::RequestBuilder, case: &Case, system: &str) -> Answer {
        let token = if case.is_guest {
            &self.guest.0
        } else {
            &self.owner
        };
        answered(request.bearer_auth(token).header("sc-unit-system", system)).await
    }

    /// Sends one GET of version 3, with or without a user.
    pub(crate) async fn get_v3(&self, path: &str, user: Option<&str>) -> Answer {
        let request = self.http.get(format!("{}/v3{path}", self.address));
        let request = request.bearer_auth(&self.owner);
        answered(match user {
            Some(user) => request.header("sc-user-id", user),
            None => request,
        })
        .await
    }

    /// Changes the server's limits or its clock.
    pub(crate) async fn drive(&self, what: &str, change: &Value) {
        let url = format!("{}/_simulator/{what}", self.address);
        let request = self.http.post(url).body(change.to_string());
        let status = request.send().await.unwrap().status();
        assert!(status.is_success(), "{what} {change}: {status}");
    }
}

async fn answered(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    Answer {
        status: response.status().as_u16(),
        headers: headers.collect(),
        body: match response.text().await {
            Ok(text) => serde_json::from_str(&text).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        },
    }
}
