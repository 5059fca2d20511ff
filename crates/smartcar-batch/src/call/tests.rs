//! The send policy, with an in-memory transport and a paused clock. Waits take no
//! real time.

mod items;
mod limits;
mod model;
mod token;
mod v3;
mod waits;
mod whole;

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use smartcar_client::{BoxFuture, Transport, TransportError};
use smartcar_model::VehicleId;
use tokio::time::Instant;

use crate::access_token::AccessToken;
use crate::builder::ClientBuilder;
use crate::client::Client;
use crate::retry::RetryPolicy;
use crate::vehicle::Vehicle;

type Response = http::Response<Bytes>;

/// What the network does with one request.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// A response: status, headers, body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// A batch response with one item per path: code, headers, body. Paths that are
    /// not listed succeed; those with code 0 are missing.
    Items(Vec<(&'static str, u16, &'static str, &'static str)>),
    /// The connection never opens.
    Refuse,
    /// The connection is lost after the request was sent.
    Lose,
    /// No response ever comes.
    Hang,
    /// Another step, after a delay.
    After(Duration, Box<Step>),
}

/// A network that follows a script; after its end every request succeeds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    steps: Arc<Mutex<VecDeque<Step>>>,
    /// Steps for one vehicle, used before the steps for all.
    vehicles: Arc<Mutex<HashMap<String, VecDeque<Step>>>>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

/// A request that was sent, or that failed to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) paths: Vec<String>,
    pub(crate) at: Instant,
    pub(crate) opened: bool,
    /// The user of a request for signals.
    pub(crate) user: Option<String>,
}

impl Script {
    pub(crate) fn of(steps: impl IntoIterator<Item = Step>) -> Self {
        let script = Self::default();
        script.steps.lock().unwrap().extend(steps);
        script
    }

    /// Adds steps for one vehicle.
    pub(crate) fn on(&self, vehicle: &str, steps: impl IntoIterator<Item = Step>) {
        let steps = steps.into_iter().collect();
        self.vehicles
            .lock()
            .unwrap()
            .insert(vehicle.to_owned(), steps);
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// The paths of each request.
    pub(crate) fn asked(&self) -> Vec<Vec<String>> {
        self.sent().into_iter().map(|sent| sent.paths).collect()
    }

    /// The user of each request for signals.
    pub(crate) fn users(&self) -> Vec<String> {
        self.sent()
            .into_iter()
            .filter_map(|sent| sent.user)
            .collect()
    }

    /// The waits between the requests.
    pub(crate) fn waits(&self) -> Vec<Duration> {
        let sent = self.sent();
        sent.windows(2)
            .map(|pair| pair[1].at - pair[0].at)
            .collect()
    }

    /// The number of units that were sent.
    pub(crate) fn units(&self) -> usize {
        self.sent()
            .iter()
            .filter(|sent| sent.opened)
            .map(|sent| sent.paths.len())
            .sum()
    }
}

/// The query of a request, from its URL and body.
struct Asked {
    vehicle: String,
    paths: Vec<String>,
    /// Whether it requests one endpoint by itself.
    alone: bool,
    /// The user of a request for signals.
    user: Option<String>,
}

impl Asked {
    fn of(request: &http::Request<Bytes>) -> Self {
        let query = request.uri().query().unwrap_or_default();
        let parameter = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find_map(|(key, value)| (key == name).then_some(value))
        };
        let user = request.headers().get("sc-user-id");
        let user = user.map(|user| user.to_str().unwrap().to_owned());
        let steps: Vec<_> = request.uri().path().splitn(5, '/').skip(1).collect();
        let (vehicle, paths) = match steps.as_slice() {
            [_, "vehicles", vehicle, "batch"] => {
                let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
                let entries = body["requests"].as_array().unwrap().iter();
                let path = |entry: &serde_json::Value| entry["path"].as_str().unwrap().to_owned();
                return Self {
                    vehicle: (*vehicle).to_owned(),
                    paths: entries.map(path).collect(),
                    alone: false,
                    user,
                };
            }
            ["v2.0", "vehicles"] => {
                let offset = parameter("offset").unwrap();
                ("", format!("/vehicles?offset={offset}"))
            }
            ["v3", "vehicles", vehicle] => (*vehicle, "/vehicles/{id}".to_owned()),
            [_, "vehicles", vehicle] => (*vehicle, "/".to_owned()),
            [_, "vehicles", vehicle, path] => (*vehicle, format!("/{path}")),
            ["v3", "connections"] => {
                match (parameter("page[number]"), parameter("page%5Bnumber%5D")) {
                    (None, None) => ("", "/connections".to_owned()),
                    (page, encoded) => {
                        let page = page.or(encoded).unwrap();
                        let user = parameter("filter[userId]").or(parameter("filter%5BuserId%5D"));
                        let user = user.map(|user| format!("&user={user}")).unwrap_or_default();
                        ("", format!("/connections?page={page}{user}"))
                    }
                }
            }
            other => panic!("no such request: {other:?}"),
        };
        Self {
            vehicle: vehicle.to_owned(),
            paths: vec![paths],
            alone: true,
            user,
        }
    }
}

impl Transport for Script {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response, TransportError>> {
        let Asked {
            vehicle,
            paths,
            alone,
            user,
        } = Asked::of(&request);
        let own = self
            .vehicles
            .lock()
            .unwrap()
            .get_mut(&vehicle)
            .and_then(VecDeque::pop_front);
        let step = own
            .or_else(|| self.steps.lock().unwrap().pop_front())
            .unwrap_or(Step::Items(Vec::new()));
        let mut innermost = &step;
        while let Step::After(_, then) = innermost {
            innermost = then;
        }
        self.sent.lock().unwrap().push(Sent {
            paths: paths.clone(),
            at: Instant::now(),
            opened: !matches!(innermost, Step::Refuse),
            user,
        });
        Box::pin(follow(step, paths, alone))
    }
}

async fn follow(
    mut step: Step,
    paths: Vec<String>,
    alone: bool,
) -> Result<Response, TransportError> {
    while let Step::After(wait, then) = step {
        tokio::time::sleep(wait).await;
        step = *then;
    }
    let failed = |not_sent| TransportError {
        not_sent,
        source: "by the script".into(),
    };
    match step {
        Step::Refuse => Err(failed(true)),
        Step::Lose => Err(failed(false)),
        Step::Hang => std::future::pending().await,
        Step::Answer(status, headers, body) => Ok(answer(status, &headers, body)),
        Step::Items(items) if alone => Ok(match items.first() {
            None => answer(200, &[], good(&paths[0]).to_owned()),
            Some((_, code, _, body)) => answer(*code, &[], (*body).to_owned()),
        }),
        Step::Items(items) => {
            let mut body = String::from(r#"{"responses": ["#);
            let mut comma = "";
            for path in &paths {
                let found = items.iter().find(|(item, ..)| item == path);
                let (code, headers, inner) = found
                    .map_or((200, "{}", good(path)), |(_, code, headers, body)| {
                        (*code, *headers, *body)
                    });
                if code != 0 {
                    write!(body, r#"{comma}{{"path": "{path}", "code": {code}, "headers": {headers}, "body": {inner}}}"#).unwrap();
                    comma = ", ";
                }
            }
            body.push_str("]}");
            Ok(answer(200, &[], body))
        }
        Step::After(..) => unreachable!("unwrapped above"),
    }
}

fn answer(status: u16, headers: &[(&'static str, String)], body: String) -> Response {
    let mut response = http::Response::builder()
        .status(status)
        .header("sc-request-id", "request-1")
        .header("content-type", "application/json");
    for (name, value) in headers {
        response = response.header(*name, value);
    }
    response.body(Bytes::from(body)).unwrap()
}

/// A good body for each path in the tests.
fn good(path: &str) -> &'static str {
    match path {
        "/odometer" => r#"{"distance": 1.5}"#,
        "/location" => r#"{"latitude": 2.5, "longitude": 3.5}"#,
        "/fuel" => r#"{"percentRemaining": 0.5, "range": 4.5}"#,
        "/vin" => r#"{"vin": "KNAC381AZP5000042"}"#,
        "/signals" => v3::STORE,
        "/signals/odometer-traveleddistance" => v3::ODOMETER,
        "/vehicles/{id}" => v3::VEHICLE,
        "/connections" => v3::CONNECTIONS,
        other => panic!("no body for {other}"),
    }
}

/// An API error of the catalogue as a JSON body.
pub(crate) fn api(kind: &str, code: Option<&str>, resolution: Option<&str>) -> String {
    let text = |text: Option<&str>| text.map_or("null".to_owned(), |text| format!("\"{text}\""));
    format!(
        r#"{{"type": "{kind}", "code": {}, "resolution": {{"type": {}}}, "description": "no"}}"#,
        text(code),
        text(resolution)
    )
}

pub(crate) const NO_RESPONSE: &str =
    r#"{"type": "UPSTREAM", "code": "NO_RESPONSE", "resolution": {"type": "RETRY_LATER"}}"#;
pub(crate) const VEHICLE_LIMIT: &str =
    r#"{"type": "RATE_LIMIT", "code": "VEHICLE", "resolution": {"type": "RETRY_LATER"}}"#;
pub(crate) const NO_PERMISSION: &str =
    r#"{"type": "PERMISSION", "code": null, "resolution": {"type": "REAUTHENTICATE"}}"#;

/// A policy with exact waits: 1 s, 2 s, … after a transient failure, 10 s after a
/// rate limit.
pub(crate) fn exact() -> RetryPolicy {
    RetryPolicy::standard()
        .backoff(
            Duration::from_secs(1),
            Duration::from_secs(10),
            Duration::from_secs(60),
        )
        .without_jitter()
}

pub(crate) fn builder() -> ClientBuilder {
    tokenless().access_token(AccessToken::new("s3cr3t-token").unwrap())
}

/// A builder for a token source.
pub(crate) fn tokenless() -> ClientBuilder {
    Client::builder().retry(exact())
}

/// A vehicle of a client over a script.
pub(crate) fn vehicle_of(builder: ClientBuilder, script: &Script) -> Vehicle {
    client_of(builder, script).vehicle(VehicleId::new("vehicle-1").unwrap())
}

pub(crate) fn client_of(builder: ClientBuilder, script: &Script) -> Client {
    let builder = builder.api_origin("http://127.0.0.1:1");
    builder.transport(script.clone()).build().unwrap()
}

pub(crate) fn vehicle(script: &Script) -> Vehicle {
    vehicle_of(builder(), script)
}

pub(crate) const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}
