//! Version 3 of the API: the same vehicles, as signals.
//!
//! Invariant: the signals, their bodies and errors come from the spec. Whether a
//! vehicle has a signal depends on the v2.0 endpoints that map to it, so both
//! versions agree.

mod management;
mod page;
mod resource;
mod signal;
mod site;

use std::io;
use std::sync::LazyLock;

use http::{HeaderValue, Method, StatusCode};
use matchit::Router;
use serde_json::{Value, json};
use smartcar_model::UnitSystem;

use self::management::{Management, NewSubscription, Want};
use self::page::Pages;
use self::resource::{Connections, Operations, Resources, operation};
use self::signal::{Reader, Signal, Signals};
use self::site::Site;
use crate::answer::Answer;
use crate::catalogue::Catalogue;
use crate::document::{self, SpecError};
use crate::errors::Refusal;
use crate::exchange::{Arrival, Response, Source, Understood};
use crate::fault::target::Shape;
use crate::meter::{Meter, Payer};
use crate::operation::Operation;
use crate::request::unescape;
use crate::spec::Spec;
use crate::tokens::{DEFAULT_USER, Grant};
use crate::units::UNIT_SYSTEM_HEADER;
use crate::validate;
use crate::world::view::View;

/// The header with the user whose signals are read.
const USER: &str = "sc-user-id";
/// The spec's names of the served operations, with the paths that faults use for
/// them.
const OPERATIONS: [(&str, Asked, &str); 9] = [
    ("list_connections", Asked::Connections, "/connections"),
    (
        "get_connection",
        Asked::Connection,
        "/connections/{connection_id}",
    ),
    ("list_webhooks", Asked::Webhooks, "/webhooks"),
    ("get_webhook", Asked::Webhook, "/webhooks/{webhook_id}"),
    ("list_subscriptions", Asked::Subscriptions, "/subscriptions"),
    (
        "get_subscription",
        Asked::Subscription,
        "/subscriptions/{subscription_id}",
    ),
    ("get_vehicle", Asked::Vehicle, "/"),
    ("list_signals", Asked::Signals, "/signals"),
    ("get_signal", Asked::Signal, ""),
];

/// The resource that a URL names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Connections,
    Connection,
    Webhooks,
    Webhook,
    Subscriptions,
    Subscription,
    Vehicle,
    Signals,
    Signal,
}

impl Asked {
    /// Whether a vehicle is in the URL.
    fn is_of_vehicle(self) -> bool {
        matches!(self, Self::Vehicle | Self::Signals | Self::Signal)
    }

    /// Whether it is a list, whose URL has no ID.
    fn is_list(self) -> bool {
        matches!(
            self,
            Self::Connections | Self::Webhooks | Self::Subscriptions
        )
    }

    /// The supported methods.
    fn methods(self) -> &'static [Method] {
        match self {
            Self::Subscriptions => const { &[Method::GET, Method::POST] },
            Self::Subscription => const { &[Method::GET, Method::DELETE] },
            _ => const { &[Method::GET] },
        }
    }
}

/// The spec of version 3, ready to be served.
#[derive(Debug)]
pub(crate) struct V3 {
    /// The first segment of every path, `v3`.
    version: String,
    routes: Router<(Asked, &'static str)>,
    pub(crate) catalogue: Catalogue,
    signals: Signals,
    resources: Resources,
    pages: Pages,
    management: Management,
}

/// What to do for a request.
#[derive(Debug)]
pub(crate) struct Task<'r> {
    asked: Asked,
    method: Method,
    /// The id of the resource, if the URL has one.
    id: String,
    /// The subscription to be created.
    new: Option<NewSubscription>,
    /// The index of a single signal.
    signal: Option<usize>,
    units: UnitSystem,
    grant: &'r Grant,
    /// Whether the vehicle's store has nothing, because no webhook fills it.
    pub(crate) has_empty_store: bool,
}

/// What a webhook delivers of a vehicle.
#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) user: Value,
    pub(crate) vehicle: Value,
    pub(crate) signals: Vec<Value>,
}

impl V3 {
    /// The spec that this crate was built with.
    pub(crate) fn embedded() -> io::Result<&'static Self> {
        static EMBEDDED: LazyLock<Result<V3, SpecError>> = LazyLock::new(|| {
            let spec = Spec::embedded().map_err(|error| SpecError::new(error.to_string()))?;
            V3::read(
                include_str!("generated/smartcar-v3.json"),
                &spec.operations.all,
                &spec.catalogue,
            )
        });
        let error = |error| io::Error::other(format!("api spec: version 3: {error}"));
        EMBEDDED.as_ref().map_err(error)
    }

    fn read(text: &str, operations: &[Operation], v2: &Catalogue) -> Result<Self, SpecError> {
        let (document, version) = document::parse(text)?;
        let paths = document.get("paths").and_then(Value::as_object);
        let mut routes = Router::new();
        let mut served = Operations::new();
        for (path, item) in paths.into_iter().flatten() {
            let name = item.pointer("/get/operationId").and_then(Value::as_str);
            let known = OPERATIONS.iter().find(|(known, ..)| Some(*known) == name);
            let Some((name, asked, fault_path)) = known else {
                continue;
            };
            routes
                .insert(path, (*asked, *fault_path))
                .map_err(|error| SpecError::new(format!("path `{path}`: {error}")))?;
            served.insert(*name, &item["get"]);
        }
        Ok(Self {
            version,
            routes,
            catalogue: Catalogue::read_v3(&document, v2)?,
            signals: Signals::read(&document, operations)?,
            resources: Resources::read(&document, &served)?,
            pages: Pages::read(&document, operation(&served, "list_connections")?)?,
            management: Management::read(&document, &served)?,
        })
    }

    /// The paths that faults use for this version.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        let own = OPERATIONS.iter().map(|(.., path)| *path);
        let signals = self.signals.paths.iter().map(String::as_str);
        own.filter(|path| !path.is_empty()).chain(signals)
    }

    /// Whether a URL's path belongs to this version.
    pub(crate) fn is_meant(&self, path: &str) -> bool {
        let below = path.strip_prefix('/');
        let below = below.and_then(|path| path.strip_prefix(self.version.as_str()));
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Finds what a request asks for, and what to do for it.
    pub(crate) fn understand<'r>(
        &'static self,
        arrival: &'r Arrival,
        body: &[u8],
    ) -> (Understood, Result<Task<'r>, Refusal>) {
        let nothing = Understood::nothing(arrival);
        let path = &arrival.parts.uri.path()[1 + self.version.len()..];
        // Some clients write `/vehicles/{id}/`.
        let path = path.strip_suffix('/').unwrap_or(path);
        let Ok(found) = self.routes.at(path) else {
            return (nothing, Err(Refusal::invalid_path()));
        };
        let mut parameters = found.params.iter().map(|(_, it)| unescape(it));
        let (id, code) = (parameters.next().unwrap_or_default(), parameters.next());
        let (asked, fault_path) = *found.value;
        if code.as_ref().is_some_and(String::is_empty) || id.is_empty() && !asked.is_list() {
            return (nothing, Err(Refusal::invalid_path()));
        }
        let signal = code.and_then(|code| self.signals.place(&code));
        let path = match asked {
            Asked::Signal => signal.map(|place| self.signals.paths[place].as_str()),
            _ => Some(fault_path),
        };
        let method = arrival.parts.method.clone();
        let task = rights(asked, arrival).and_then(|(grant, units)| {
            let new = (method == Method::POST).then(|| NewSubscription::read(&arrival.parts, body));
            Ok(Task {
                asked,
                method,
                id: id.clone(),
                new: new.transpose()?,
                signal,
                units,
                grant,
                has_empty_store: false,
            })
        });
        let new = task.as_ref().ok().and_then(|task| task.new.as_ref());
        let subscribed = new.map(|new| new.vehicle.clone());
        let understood = Understood {
            vehicle: asked.is_of_vehicle().then_some(id).or(subscribed),
            path,
            ..nothing
        };
        (understood, task)
    }

    /// Carries out the task.
    pub(crate) fn answer(
        &'static self,
        task: &Task<'_>,
        source: Source<'_>,
        arrival: &Arrival,
        meter: &mut Meter,
    ) -> Result<Response, Refusal> {
        let site = Site::new(&self.version, &arrival.parts);
        let now = arrival.now;
        let connections = Connections {
            site,
            source,
            now,
            resources: &self.resources,
            pages: &self.pages,
            grant: task.grant,
        };
        let look = || source.world.look(Some(&task.id), now);
        let body = match task.asked {
            // This comes from the API's own records, so it does not contact a car.
            Asked::Connections => {
                meter.request(1, now)?;
                connections.page(arrival.parts.uri.query().unwrap_or_default())?
            }
            Asked::Connection => {
                meter.request(1, now)?;
                connections.one(&task.id)?
            }
            Asked::Webhooks | Asked::Webhook | Asked::Subscriptions | Asked::Subscription => {
                meter.request(1, now)?;
                let query = arrival.parts.uri.query().unwrap_or_default();
                let want = match (task.asked, &task.new) {
                    (Asked::Webhooks, _) => Want::Webhooks,
                    (Asked::Webhook, _) => Want::Webhook(&task.id),
                    (Asked::Subscriptions, Some(new)) => Want::Subscribe(new),
                    (Asked::Subscriptions, None) => Want::Subscriptions,
                    _ if task.method == Method::DELETE => Want::Unsubscribe(&task.id),
                    _ => Want::Subscription(&task.id),
                };
                let answer = self.management.answer(want, site, source, query, now)?;
                return Ok(Response::new(answer, Shape::Refused));
            }
            Asked::Vehicle => {
                let view = look().map_err(|_| Refusal::no_vehicle())?;
                meter.request(1, now)?;
                json!({"data": self.resources.vehicle(site, &view)})
            }
            Asked::Signals | Asked::Signal => {
                let view = look().map_err(|_| Refusal::no_vehicle())?;
                let reader = Reader {
                    site,
                    view: &view,
                    units: &task.units,
                    meta: self.resources.signal_meta(&view),
                    operations: &source.spec.operations.all,
                    catalogue: &self.catalogue,
                };
                meter.request(1, now)?;
                return meter.read(Payer::of(&view), || self.read_signals(task, &reader));
            }
        };
        let answer = Answer::new(StatusCode::OK, &body);
        Ok(Response::new(answer, Shape::Refused))
    }

    /// A vehicle's user, the vehicle and all its signals, as a webhook delivers them.
    pub(crate) fn delivered(
        &'static self,
        view: &View<'_>,
        operations: &[Operation],
        selected: Option<&[String]>,
    ) -> Delivered {
        let reader = Reader {
            site: Site::none(),
            view,
            units: &UnitSystem::Metric,
            meta: self.resources.signal_meta(view),
            operations,
            catalogue: &self.catalogue,
        };
        let is_selected = |signal: &&_| {
            selected.is_none_or(|codes| codes.iter().any(|code| Signal::has(signal, code)))
        };
        let signals = self.signals.all.iter().filter(is_selected);
        let signals = signals.map(|signal| reader.delivered(signal));
        let resource = self.resources.included(view);
        let mut vehicle = resource["attributes"].clone();
        vehicle["id"] = resource["id"].clone();
        Delivered {
            user: json!({"id": DEFAULT_USER, "externalId": null}),
            vehicle,
            signals: signals.collect(),
        }
    }

    /// Reads all signals of a vehicle, or one of them.
    fn read_signals(
        &'static self,
        task: &Task<'_>,
        reader: &Reader<'_>,
    ) -> Result<Response, Refusal> {
        let included = json!({"vehicle": self.resources.included(reader.view)});
        let (body, shape, signals) = if task.asked == Asked::Signals {
            let all = self.signals.all.iter().filter(|_| !task.has_empty_store);
            let data: Vec<Value> = all.map(|signal| reader.resource(signal)).collect();
            let address = reader.site.address(&["vehicles", &task.id, "signals"]);
            let body = json!({
                "meta": {"pageNumber": 1, "pageSize": data.len(), "totalCount": data.len()},
                "data": data,
                "links": {"self": address},
                "included": included,
            });
            let stored = if task.has_empty_store {
                0
            } else {
                self.signals.paths.len()
            };
            (body, Shape::Signals, &self.signals.paths[..stored])
        } else {
            let stored = task.signal.filter(|_| !task.has_empty_store);
            let place = stored.ok_or_else(Refusal::no_signal)?;
            let data = reader.resource(&self.signals.all[place]);
            let body = json!({"data": data, "included": included});
            (body, Shape::Signal, &self.signals.paths[place..=place])
        };
        let mut answer = Answer::new(StatusCode::OK, &body);
        if let Ok(units) = HeaderValue::from_str(task.units.as_str()) {
            answer.headers.insert(&UNIT_SYSTEM_HEADER, units);
        }
        Ok(Response {
            answer,
            shape,
            signals,
        })
    }
}

/// The permissions of the request, and its unit system.
fn rights(asked: Asked, arrival: &Arrival) -> Result<(&Grant, UnitSystem), Refusal> {
    let headers = &arrival.parts.headers;
    if !asked.methods().contains(&arrival.parts.method) {
        let allowed: Vec<_> = asked.methods().iter().map(Method::as_str).collect();
        return Err(Refusal::method(&allowed.join(", ")));
    }
    let grant = arrival.grant.as_ref().filter(|grant| grant.is_for_v3());
    let grant = grant.ok_or_else(Refusal::authentication)?;
    if !matches!(asked, Asked::Signals | Asked::Signal) {
        return Ok((grant, UnitSystem::Metric));
    }
    if headers.get(USER).is_none_or(HeaderValue::is_empty) {
        return Err(Refusal::missing_parameter(USER));
    }
    let units = validate::unit_system(headers).map_err(Refusal::into_invalid_input)?;
    Ok((grant, units))
}

#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod management_tests;
#[cfg(test)]
mod parity_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod token_tests;
