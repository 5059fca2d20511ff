//! Version 3 of the API: the same vehicles, as signals.
//!
//! Invariant: the signals, their bodies and errors are the description's; which
//! of them a vehicle has follows from the endpoints of v2.0 that the mapping
//! makes of them, so that both versions tell the same.

mod connections;
mod resource;
mod signal;

use std::collections::{BTreeMap, HashMap};

use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use matchit::Router;
use serde_json::{Value, json};

use self::connections::Pages;
use self::resource::Resources;
use self::signal::Signal;
use crate::answer::Answer;
use crate::catalogue::Catalogue;
use crate::errors::Refusal;
use crate::fault::active::Shape;
use crate::limits::meter::Meter;
use crate::routing::unescape;
use crate::spec::{Operation, Spec, SpecError, text_at};
use crate::tokens::Grant;
use crate::units::UNIT_SYSTEM;
use crate::validate;
use crate::world::{View, World};

/// The header that says for which user signals are read.
const USER: &str = "sc-user-id";
/// What the description calls the operations that are served.
const OPERATIONS: [(&str, Asked); 5] = [
    ("list_connections", Asked::Connections),
    ("get_connection", Asked::Connection),
    ("get_vehicle", Asked::Vehicle),
    ("list_signals", Asked::Signals),
    ("get_signal", Asked::Signal),
];

/// What a URL is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Connections,
    Connection,
    Vehicle,
    Signals,
    Signal,
}

/// The description of version 3, ready to be served.
#[derive(Debug)]
pub(crate) struct V3 {
    /// The first segment of every path, `v3`.
    version: String,
    routes: Router<Asked>,
    pub(crate) catalogue: Catalogue,
    signals: Vec<Signal>,
    /// Their places by code.
    by_code: HashMap<String, usize>,
    /// What a fault calls them, such as `/signals/odometer-traveleddistance`.
    paths: Vec<String>,
    resources: Resources,
    pages: Pages,
}

/// A request, as far as it is known before it is understood.
pub(crate) struct Request<'r> {
    pub(crate) spec: &'static Spec,
    pub(crate) world: &'r World,
    pub(crate) parts: &'r Parts,
    pub(crate) grant: Option<&'r Grant>,
    pub(crate) now: Timestamp,
}

/// What was understood of a request, of either version, before it was answered
/// or refused.
#[derive(Debug, Default)]
pub(crate) struct Understood {
    pub(crate) vehicle: Option<String>,
    pub(crate) path: Option<&'static str>,
    /// The signals that the answer has.
    pub(crate) signals: &'static [String],
    pub(crate) shape: Shape,
}

impl V3 {
    pub(crate) fn read(
        text: &str,
        operations: &[Operation],
        v2: &Catalogue,
    ) -> Result<Self, SpecError> {
        let document: Value =
            serde_json::from_str(text).map_err(|error| SpecError::new(error.to_string()))?;
        let server = text_at(&document, "/servers/0/url")?;
        let version = server.rsplit('/').next().unwrap_or_default().to_owned();
        let paths = document.get("paths").and_then(Value::as_object);
        let mut routes = Router::new();
        let mut places = BTreeMap::new();
        for (path, item) in paths.into_iter().flatten() {
            let name = item.pointer("/get/operationId").and_then(Value::as_str);
            let known = OPERATIONS.iter().find(|(known, _)| Some(*known) == name);
            let Some((name, asked)) = known else {
                continue;
            };
            routes
                .insert(path, *asked)
                .map_err(|error| SpecError::new(format!("path `{path}`: {error}")))?;
            places.insert(*name, &item["get"]);
        }
        let operation = |name: &str| {
            let found = places.get(name).copied();
            found.ok_or_else(|| SpecError::new(format!("no operation `{name}`")))
        };
        let signals = signal::read(&document, operations)?;
        let by_code = signals.iter().enumerate();
        let by_code = by_code.map(|(place, signal)| (signal.code.clone(), place));
        Ok(Self {
            version,
            routes,
            catalogue: Catalogue::read_v3(&document, v2)?,
            by_code: by_code.collect(),
            paths: signals.iter().map(|signal| signal.path.clone()).collect(),
            resources: Resources::read(
                &document,
                operation("get_vehicle")?,
                operation("get_connection")?,
                operation("list_signals")?,
            )?,
            pages: Pages::read(&document, operation("list_connections")?)?,
            signals,
        })
    }

    /// Whether a URL's path is one of this version.
    pub(crate) fn is_meant(&self, path: &str) -> bool {
        let first = path
            .strip_prefix('/')
            .and_then(|path| path.split('/').next());
        first == Some(self.version.as_str())
    }

    /// The answer, or why there is none. Limits are asked of the meter.
    pub(crate) fn answer(
        &'static self,
        request: &Request<'_>,
        meter: impl FnOnce(Work<'_>) -> Result<Answer, Refusal>,
        understood: &mut Understood,
    ) -> Result<Answer, Refusal> {
        let path = &request.parts.uri.path()[1 + self.version.len()..];
        // Some clients write `/vehicles/{id}/`.
        let path = path.strip_suffix('/').unwrap_or(path);
        let found = self.routes.at(path).map_err(|_| Refusal::invalid_path())?;
        let parameters: Vec<String> = found.params.iter().map(|(_, it)| unescape(it)).collect();
        if parameters.iter().any(String::is_empty) {
            return Err(Refusal::invalid_path());
        }
        let asked = *found.value;
        let first = parameters.first().map(String::as_str).unwrap_or_default();
        if !matches!(asked, Asked::Connections | Asked::Connection) {
            understood.vehicle = Some(first.to_owned());
        }
        let code = parameters.get(1).map(|code| code.to_ascii_lowercase());
        let place = code.and_then(|code| self.by_code.get(&code).copied());
        understood.path = match asked {
            Asked::Connections => Some("/connections"),
            Asked::Connection => Some("/connections/{connection_id}"),
            Asked::Vehicle => Some("/"),
            Asked::Signals => Some("/signals"),
            Asked::Signal => place.map(|place| self.paths[place].as_str()),
        };
        if request.parts.method != Method::GET {
            return Err(Refusal::method("GET"));
        }
        let grant = request.grant.filter(|grant| grant.is_for_v3());
        let grant = grant.ok_or_else(Refusal::authentication)?;
        if matches!(asked, Asked::Connections | Asked::Connection) {
            let answer = || match asked {
                Asked::Connections => self.connections(request, grant),
                _ => self.connection(request, grant, first),
            };
            return meter(Work::Free(&answer));
        }
        let view = request.world.look(Some(first), request.now);
        if asked == Asked::Vehicle {
            let view = view.map_err(|_| Refusal::no_vehicle())?;
            let answer = || Ok(done(&json!({"data": self.vehicle(request, &view)}), None));
            return meter(Work::Free(&answer));
        }
        let user = request.parts.headers.get(USER);
        if user.is_none_or(HeaderValue::is_empty) {
            return Err(Refusal::missing_parameter(USER));
        }
        let units = validate::unit_system(&request.parts.headers);
        let units = units.map_err(Refusal::into_invalid_input)?;
        let view = view.map_err(|_| Refusal::no_vehicle())?;
        let read = || {
            let vehicle = self.included(&view);
            let one = |signal: &Signal| self.signal(request, signal, &view, units);
            let body = if asked == Asked::Signals {
                let data: Vec<Value> = self.signals.iter().map(one).collect();
                json!({
                    "meta": {"pageNumber": 1, "pageSize": data.len(), "totalCount": data.len()},
                    "data": data,
                    "links": {"self": self.address(request, &["vehicles", first, "signals"])},
                    "included": {"vehicle": vehicle},
                })
            } else {
                let signal = place.map(|place| &self.signals[place]);
                let signal = signal.ok_or_else(Refusal::no_signal)?;
                json!({"data": one(signal), "included": {"vehicle": vehicle}})
            };
            Ok(done(&body, Some(units.name())))
        };
        let answer = meter(Work::Signals(&view, &read))?;
        (understood.shape, understood.signals) = match (asked, place) {
            (Asked::Signal, Some(place)) => (Shape::Signal, &self.paths[place..=place]),
            _ => (Shape::Signals, &self.paths[..]),
        };
        Ok(answer)
    }

    /// The address of a resource on this server.
    fn address(&self, request: &Request<'_>, segments: &[&str]) -> String {
        let host = request.parts.headers.get(HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        let mut address = format!("http://{host}/{}", self.version);
        for segment in segments {
            let escaped = form_urlencoded::byte_serialize(segment.as_bytes());
            address.push('/');
            address.push_str(&escaped.collect::<String>().replace('+', "%20"));
        }
        address
    }
}

/// What limits may forbid.
pub(crate) enum Work<'w> {
    /// Told by the API's own records, so that no car is asked.
    Free(&'w dyn Fn() -> Result<Answer, Refusal>),
    /// About a vehicle.
    Signals(&'w View<'w>, &'w dyn Fn() -> Result<Answer, Refusal>),
}

impl Work<'_> {
    /// Does it under the limits.
    pub(crate) fn run(self, meter: &mut Meter, now: Timestamp) -> Result<Answer, Refusal> {
        meter.request(1, now)?;
        match self {
            Self::Free(work) => work(),
            Self::Signals(view, work) => {
                meter.signals((view.id().unwrap_or_default(), view.make()), work)
            }
        }
    }
}

fn done(body: &Value, units: Option<&'static str>) -> Answer {
    let answer = Answer::new(StatusCode::OK, body);
    match units {
        Some(units) => answer.with_header(HeaderName::from_static(UNIT_SYSTEM), units),
        None => answer,
    }
}

#[cfg(test)]
#[path = "v3_fault_tests.rs"]
mod fault_tests;
#[cfg(test)]
#[path = "v3_parity_tests.rs"]
mod parity_tests;
#[cfg(test)]
#[path = "v3_tests.rs"]
mod tests;
#[cfg(test)]
#[path = "v3_token_tests.rs"]
mod token_tests;
