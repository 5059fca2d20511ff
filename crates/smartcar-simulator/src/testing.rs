//! Requests to the simulator without a socket, for this crate's tests.
//!
//! Invariant: requests take the same route as through the socket: `App::handle`.

use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::answer::Extent;
use crate::app::App;
use crate::clock::Clock;
use crate::operation::Operation;
use crate::spec::Spec;
use crate::tokens::{DEFAULT_TOKEN, Tokens};
use crate::world::vehicle::SimulatedVehicle;
use crate::world::{Plan, World};

/// A vehicle id that is not on any list.
pub(crate) const ANY_VEHICLE: &str = "any-vehicle";

/// A response.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Null if it is not JSON.
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Type, code and status of an error object, after checking its other members.
    pub(crate) fn error(&self) -> (&str, Option<&str>, u16) {
        let body = &self.body;
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(body["statusCode"], self.status.as_u16());
        assert_eq!(body["requestId"], self.header("sc-request-id").unwrap());
        assert!(body["description"].is_string());
        assert!(body["docURL"].as_str().unwrap().starts_with("https://"));
        assert!(body.as_object().unwrap().contains_key("resolution"));
        (
            body["type"].as_str().unwrap(),
            body["code"].as_str(),
            self.status.as_u16(),
        )
    }
}

/// A request in which a test sets only what it needs.
pub(crate) struct Ask {
    builder: http::request::Builder,
    body: Full<bytes::Bytes>,
}

impl Ask {
    pub(crate) fn new(method: &Method, path: &str) -> Self {
        Self {
            builder: Request::builder()
                .method(method)
                .uri(format!("/v2.0{path}")),
            body: Full::<bytes::Bytes>::default(),
        }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new(&Method::GET, path)
    }

    /// A GET in version 3, for a user.
    pub(crate) fn v3(path: &str) -> Self {
        Self::without_user(path).header("sc-user-id", "user-1")
    }

    /// A GET in version 3, without a user.
    pub(crate) fn without_user(path: &str) -> Self {
        let mut ask = Self::get("");
        ask.builder = ask.builder.uri(format!("/v3{path}"));
        ask
    }

    /// The same request with another method.
    pub(crate) fn with_method(mut self, method: &str) -> Self {
        self.builder = self.builder.method(method);
        self
    }

    /// Any URL, with a body.
    pub(crate) fn post(uri: &str, content_type: &str, body: &str) -> Self {
        let mut ask = Self::new(&Method::POST, "").header("content-type", content_type);
        ask.builder = ask.builder.uri(uri);
        ask.body = Full::from(body.to_owned());
        ask
    }

    /// A GET of a batch path.
    pub(crate) fn read(path: &str) -> Self {
        let below = if path == "/" { "" } else { path };
        Self::get(&format!("/vehicles/{ANY_VEHICLE}{below}"))
    }

    /// A batch with this body.
    pub(crate) fn batch(body: String) -> Self {
        let mut ask = Self::new(&Method::POST, &format!("/vehicles/{ANY_VEHICLE}/batch"))
            .header("content-type", "application/json");
        ask.body = Full::from(body);
        ask
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Sends it unchanged.
    pub(crate) async fn send_bare(self, app: &App) -> Reply {
        let request = self.builder.body(self.body).unwrap();
        let reply = app.handle(request).await;
        assert_eq!(reply.extent, Extent::Whole);
        Reply {
            status: reply.status,
            body: serde_json::from_slice(&reply.body).unwrap_or_default(),
            text: String::from_utf8(reply.body.into()).unwrap(),
            headers: reply.headers,
        }
    }

    /// Sends it with a valid host and the default token.
    pub(crate) async fn send(self, app: &App) -> Reply {
        let ask = self.header("host", "localhost:4010").token(DEFAULT_TOKEN);
        ask.send_bare(app).await
    }
}

/// An app whose vehicles have the values of the spec's examples.
pub(crate) fn app() -> App {
    app_with(Tokens::default())
}

/// Every operation that a batch may contain, with its path.
pub(crate) fn batchable() -> impl Iterator<Item = (&'static str, &'static Operation)> {
    let operations = Spec::embedded().unwrap().operations.all.iter();
    operations
        .filter(|operation| operation.batchable)
        .map(|operation| (operation.vehicle_path.as_deref().unwrap(), operation))
}

/// The spec that the simulator was built with.
pub(crate) fn document() -> Value {
    serde_json::from_str(include_str!("generated/smartcar-v2.json")).unwrap()
}

/// The spec's entry for a batch path.
pub(crate) fn described<'d>(document: &'d Value, path: &str) -> &'d Value {
    let below = if path == "/" { "" } else { path };
    &document["paths"][format!("/vehicles/{{id}}{below}")]["get"]
}

/// The example and the schema of a batch path's body.
pub(crate) fn example<'d>(document: &'d Value, path: &str) -> (&'d Value, &'d Value) {
    let content = &described(document, path)["responses"]["200"]["content"]["application/json"];
    (&content["example"], &content["schema"])
}

/// A batch of these paths.
pub(crate) fn batch_of<'p>(paths: impl IntoIterator<Item = &'p str>) -> Ask {
    let entries: Vec<Value> = paths
        .into_iter()
        .map(|path| json!({"path": path}))
        .collect();
    Ask::batch(json!({"requests": entries}).to_string())
}

/// The items of a successful batch.
pub(crate) fn items(reply: &Reply) -> &Vec<Value> {
    assert_eq!(reply.status, StatusCode::OK);
    reply.body["responses"].as_array().unwrap()
}

/// An app with the embedded spec, a clock that does not run, and these tokens.
pub(crate) fn app_with(tokens: Tokens) -> App {
    let plan = Plan {
        example_values: true,
        ..Plan::default()
    };
    app_of(tokens, &plan)
}

/// The same with this plan of vehicles.
pub(crate) fn app_of(tokens: Tokens, plan: &Plan) -> App {
    let spec = Spec::embedded().unwrap();
    let start = Clock::default_start();
    let world = World::new(&spec.samples, start, plan).unwrap();
    let app = App::new(Clock::new(start, 0.0), world).unwrap();
    *app.tokens() = tokens;
    app
}

/// An app with these vehicles and this seed.
pub(crate) fn app_seeded(seed: u64, vehicles: impl IntoIterator<Item = SimulatedVehicle>) -> App {
    let plan = Plan {
        seed,
        vehicles: vehicles.into_iter().collect(),
        example_values: true,
        ..Plan::default()
    };
    app_of(Tokens::default(), &plan)
}

/// An app whose only vehicle has the id used in the tests.
pub(crate) fn app_of_one(vehicle: impl FnOnce(SimulatedVehicle) -> SimulatedVehicle) -> App {
    app_seeded(1, [vehicle(SimulatedVehicle::new(ANY_VEHICLE))])
}

/// The body of a path's successful response.
pub(crate) async fn body(app: &App, path: &str) -> Value {
    let reply = Ask::read(path).send(app).await;
    assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
    reply.body
}
