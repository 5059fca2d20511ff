//! The resources other than signals: vehicles, connections, timestamps.
//!
//! Invariant: a resource is the spec's example with the vehicle's state filled in;
//! only URLs and the ids of connections are created here. The limits of a page come
//! from the spec. A vehicle that is not listed has a connection too, if it is
//! answered at all.

use std::collections::{BTreeMap, HashMap};

use http::header::HOST;
use http::request::Parts;
use jiff::Timestamp;
use serde_json::{Value, json};
use smartcar_model::UnitSystem;

use crate::document::{self, SpecError, resolve};
use crate::errors::Refusal;
use crate::exchange::Source;
use crate::template::Template;
use crate::tokens::Grant;
use crate::world::variable::{Reading, Variable};
use crate::world::view::View;

/// The address at which the client reached the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'r> {
    version: &'r str,
    host: &'r str,
}

impl<'r> Site<'r> {
    pub(super) fn new(version: &'r str, parts: &'r Parts) -> Self {
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        Self {
            version,
            host: host.unwrap_or_default(),
        }
    }

    /// No address, for what has no URLs.
    pub(super) fn none() -> Site<'static> {
        Site {
            version: "",
            host: "",
        }
    }

    /// The URL of a resource.
    pub(super) fn address(&self, segments: &[&str]) -> String {
        let mut address = format!("http://{}/{}", self.host, self.version);
        for segment in segments {
            let escaped = form_urlencoded::byte_serialize(segment.as_bytes());
            address.push('/');
            address.push_str(&escaped.collect::<String>().replace('+', "%20"));
        }
        address
    }
}

/// The prefix of a connection's id; the vehicle's id follows.
pub(super) const CONNECTION: &str = "connection-";

/// The operations of the spec, by name.
pub(super) type Operations<'d> = BTreeMap<&'d str, &'d Value>;

/// The operation with this name.
pub(super) fn operation<'d>(
    operations: &Operations<'d>,
    name: &str,
) -> Result<&'d Value, SpecError> {
    let found = operations.get(name).copied();
    found.ok_or_else(|| SpecError::new(format!("the operation `{name}` is missing")))
}

/// The examples of the resources, with placeholders for a vehicle's state.
#[derive(Debug)]
pub(super) struct Resources {
    vehicle: Template,
    connection: Template,
    signal_meta: Template,
}

impl Resources {
    pub(super) fn read(document: &Value, operations: &Operations<'_>) -> Result<Self, SpecError> {
        let read = |name: &str, schema: &[&str], example: &str| {
            part(document, operation(operations, name)?, schema, example)
        };
        let signal_meta = ["properties", "data", "items", "properties", "meta"];
        Ok(Self {
            vehicle: read("get_vehicle", &["properties", "data"], "/data")?,
            connection: read("get_connection", &["properties", "data"], "/data")?,
            signal_meta: read("list_signals", &signal_meta, "/data/0/meta")?,
        })
    }

    /// When a signal's value was recorded, and when it was received.
    pub(super) fn signal_meta(&self, view: &View<'_>) -> Value {
        self.signal_meta.tree(|variable| view.value(variable))
    }

    /// A vehicle as a resource.
    pub(super) fn vehicle(&self, site: Site<'_>, view: &View<'_>) -> Value {
        let mut vehicle = self.included(view);
        let id = view.id.unwrap_or_default();
        vehicle["links"] = json!({"self": site.address(&["vehicles", id])});
        vehicle
    }

    /// The vehicle as included in other responses.
    pub(super) fn included(&self, view: &View<'_>) -> Value {
        let mut vehicle = self.vehicle.tree(|variable| view.value(variable));
        if let Some(members) = vehicle.as_object_mut() {
            members.remove("links");
        }
        vehicle
    }

    /// The single connection of a vehicle, with these permissions.
    pub(super) fn connection(
        &self,
        site: Site<'_>,
        view: &View<'_>,
        permissions: &Reading<'_>,
    ) -> Value {
        let mut connection = self.connection.tree(|variable| match variable {
            Variable::Permissions => Some(permissions.clone()),
            variable => view.value(variable),
        });
        let vehicle = view.id.unwrap_or_default();
        let id = format!("{CONNECTION}{vehicle}");
        connection["links"] = json!({"self": site.address(&["connections", &id])});
        connection["id"] = Value::from(id);
        connection["relationships"]["vehicle"]["data"]["id"] = Value::from(vehicle);
        connection
    }
}

/// A part of an operation's body.
fn part(
    document: &Value,
    operation: &Value,
    schema: &[&str],
    example: &str,
) -> Result<Template, SpecError> {
    let missing = || SpecError::new(format!("the example of `{example}` is missing"));
    let success = operation.pointer("/responses/200").ok_or_else(missing)?;
    let content = document::content(success)?;
    let mut found = content.schema;
    for step in schema {
        found = resolve(document, found)?.get(step).ok_or_else(missing)?;
    }
    let example = content.example.pointer(example).ok_or_else(missing)?;
    Template::read(document, found, example, &UnitSystem::Metric)
}

const NUMBER: &str = "page[number]";
const SIZE: &str = "page[size]";
/// The filters, each with the member that must match. By default the API lists
/// vehicles of mode `live`, and every vehicle here has that mode, so that a client
/// reads it as it would read an owner's car.
const FILTERS: [(&str, &str); 4] = [
    ("filter[userId]", "/relationships/user/data/id"),
    ("filter[vehicleId]", "/relationships/vehicle/data/id"),
    ("filter[vehicle.mode]", "/attributes/vehicle/mode"),
    ("filter[user.externalId]", "/attributes/user/externalId"),
];

/// The limits of a page.
#[derive(Debug)]
pub(super) struct Pages {
    most: usize,
    /// The default length of a page.
    size: usize,
    order: Value,
}

impl Pages {
    pub(super) fn read(document: &Value, operation: &Value) -> Result<Self, SpecError> {
        let mut most = None;
        for parameter in document::parameters(document, operation) {
            let parameter = parameter?;
            if parameter.get("name").is_some_and(|name| name == SIZE) {
                most = parameter.pointer("/schema/maximum").and_then(length);
            }
        }
        let example = operation.pointer("/responses/200/content/application~1json/example/meta");
        let order = example.cloned().unwrap_or_default();
        let size = order.get("pageSize").and_then(length);
        match (most, size) {
            (Some(most), Some(size)) => Ok(Self { most, size, order }),
            _ => Err(SpecError::new("connections have no page size")),
        }
    }
}

fn length(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|it| usize::try_from(it).ok())
}

/// The parameters of a URL's query.
type Query = HashMap<String, String>;

/// The connections at one moment, as an application sees them.
pub(super) struct Connections<'r> {
    pub(super) site: Site<'r>,
    pub(super) source: Source<'r>,
    pub(super) now: Timestamp,
    pub(super) resources: &'r Resources,
    pub(super) pages: &'r Pages,
    pub(super) grant: &'r Grant,
}

impl Connections<'_> {
    /// One page of connections.
    pub(super) fn page(&self, query: &str) -> Result<Value, Refusal> {
        let query: Query = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let number = bounded(&query, NUMBER, usize::MAX)?.unwrap_or(1);
        let size = bounded(&query, SIZE, self.pages.most)?.unwrap_or(self.pages.size);
        let mut ids: Vec<String> = self.source.world.known().map(|known| known.id).collect();
        // Any vehicle id is answered, so each has a connection.
        let asked = query.get("filter[vehicleId]");
        let asked = asked.filter(|id| !id.is_empty() && !ids.contains(id));
        ids.extend(asked.cloned());
        let views = ids.iter().filter_map(|id| self.look(id));
        let connections = views.map(|view| self.of(&view));
        let is_meant = |connection: &Value| {
            FILTERS.iter().all(|(name, at)| {
                let found = connection.pointer(at).and_then(Value::as_str);
                query.get(*name).is_none_or(|asked| found == Some(asked))
            })
        };
        let all: Vec<Value> = connections.filter(is_meant).collect();
        let last = all.len().div_ceil(size).max(1);
        let page = |number: usize| self.address(&query, number, size);
        let links = json!({
            "self": page(number),
            "first": page(1),
            "last": page(last),
            "next": (number < last).then(|| page(number + 1)),
            "prev": (number > 1).then(|| page((number - 1).min(last))),
        });
        let mut meta = self.pages.order.clone();
        meta["pageNumber"] = json!(number);
        meta["pageSize"] = json!(size);
        meta["totalCount"] = json!(all.len());
        let skipped = (number - 1).saturating_mul(size);
        let data: Vec<Value> = all.into_iter().skip(skipped).take(size).collect();
        Ok(json!({"data": data, "meta": meta, "links": links}))
    }

    /// One connection by its id.
    pub(super) fn one(&self, id: &str) -> Result<Value, Refusal> {
        let vehicle = id.strip_prefix(CONNECTION).filter(|id| !id.is_empty());
        let view = vehicle.and_then(|id| self.look(id));
        let view = view.ok_or_else(Refusal::no_connection)?;
        Ok(json!({"data": self.of(&view)}))
    }

    fn look<'s>(&'s self, id: &'s str) -> Option<View<'s>> {
        self.source.world.look(Some(id), self.now).ok()
    }

    fn of(&self, view: &View<'_>) -> Value {
        let permissions = view.permissions(self.grant, &self.source.spec.permissions);
        self.resources.connection(self.site, view, &permissions)
    }

    /// The URL of a page, with the same filters.
    fn address(&self, query: &Query, number: usize, size: usize) -> String {
        let mut written = form_urlencoded::Serializer::new(String::new());
        for (name, _) in FILTERS {
            if let Some(value) = query.get(name) {
                written.append_pair(name, value);
            }
        }
        written.append_pair(NUMBER, &number.to_string());
        written.append_pair(SIZE, &size.to_string());
        let address = self.site.address(&["connections"]);
        format!("{address}?{}", written.finish())
    }
}

/// The parameter as a number, at least 1; `None` if absent.
fn bounded(query: &Query, name: &str, most: usize) -> Result<Option<usize>, Refusal> {
    let Some(text) = query.get(name) else {
        return Ok(None);
    };
    // The spec says int64, whatever the size of this machine's numbers.
    let number = text.parse::<i64>().ok();
    let number = number.and_then(|it| usize::try_from(it).ok());
    let number = number.filter(|it| (1..=most).contains(it));
    number.map(Some).ok_or_else(|| {
        let message = match most {
            usize::MAX => "must be a number, 1 or more".to_owned(),
            most => format!("must be a number from 1 to {most}"),
        };
        Refusal::invalid_parameter(name, &message)
    })
}
