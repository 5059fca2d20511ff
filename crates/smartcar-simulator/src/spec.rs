//! The API description read into what the server needs to know of each operation.
//!
//! Invariant: a description that cannot be served truly (no example, an unknown
//! unit or state, an error that the catalogue lacks) stops the start, never an answer.

mod header;
mod vehicle;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::io;
use std::sync::LazyLock;

use axum::http::Method;
use serde_json::Value;

pub(crate) use self::header::{DeclaredHeader, HeaderContent};
pub(crate) use self::vehicle::Needs;
use crate::batch;
use crate::catalogue::Catalogue;
use crate::paging::QueryParameter;
use crate::routing::Routes;
use crate::template::Template;
use crate::units::{self, UNIT_SYSTEM, UnitSystem};
use crate::v3::V3;
use crate::world::feed::{self, Samples};
use crate::world::vehicle::Powertrain;

/// What a vehicle's URLs begin with, below the version.
const VEHICLE: &str = "/vehicles/{id}";
/// Belongs to the outer answer; what the description has is an example.
pub(crate) const REQUEST_ID: &str = "sc-request-id";
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// What is wrong with the description.
#[derive(Debug)]
pub(crate) struct SpecError(String);

impl SpecError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    pub(crate) fn at(self, place: &str) -> Self {
        Self(format!("{place}: {}", self.0))
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SpecError {}

/// One method of one path.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    /// The path as the description writes it, such as `/vehicles/{id}/odometer`.
    pub(crate) path: String,
    /// The path below the vehicle, such as `/odometer`; `/` is the vehicle itself.
    pub(crate) vehicle_path: Option<String>,
    /// Whether a batch may ask it.
    pub(crate) batchable: bool,
    /// The permission a token needs, if any.
    pub(crate) permission: Option<String>,
    /// The makes that have it; `None` if it is every make's.
    pub(crate) makes: Option<Vec<String>>,
    /// The powertrains that have it; `None` if it is every powertrain's.
    pub(crate) powertrains: Option<Vec<Powertrain>>,
    pub(crate) needs: Option<Needs>,
    /// The signals that version 3 has in its place.
    pub(crate) signals: BTreeSet<String>,
    bodies: [Template; 2],
    /// A batch's items with such bodies, if it can have any.
    items: Option<[Template; 2]>,
    /// The answer's headers but for the request id, by their names.
    pub(crate) headers: Vec<DeclaredHeader>,
    /// Whether the request may choose the unit system.
    pub(crate) takes_units: bool,
    pub(crate) query: Vec<QueryParameter>,
}

impl Operation {
    /// The body of an answer in these units.
    pub(crate) fn body(&self, units: UnitSystem) -> &Template {
        of_system(&self.bodies, units)
    }

    /// A batch's item with such an answer.
    pub(crate) fn item(&self, units: UnitSystem) -> Option<&Template> {
        Some(of_system(self.items.as_ref()?, units))
    }
}

fn of_system([metric, imperial]: &[Template; 2], units: UnitSystem) -> &Template {
    match units {
        UnitSystem::Metric => metric,
        UnitSystem::Imperial => imperial,
    }
}

/// The description, ready to be served.
#[derive(Debug)]
pub(crate) struct Spec {
    /// The first segment of every path, such as `v2.0`.
    pub(crate) version: String,
    pub(crate) operations: Vec<Operation>,
    /// The places of those that a batch may ask, by their path below the vehicle.
    batchable: HashMap<String, usize>,
    pub(crate) routes: Routes,
    /// Every permission that an operation needs.
    pub(crate) permissions: BTreeSet<String>,
    pub(crate) catalogue: Catalogue,
    /// What the examples say of the vehicles' state.
    pub(crate) samples: Samples,
    pub(crate) v3: V3,
}

impl Spec {
    /// The description that this crate was built with.
    pub(crate) fn embedded() -> io::Result<&'static Self> {
        // Reading takes longer than all else at start, and tests start many.
        static EMBEDDED: LazyLock<Result<Spec, SpecError>> =
            LazyLock::new(|| Spec::read(include_str!("generated/smartcar-v2.json")));
        EMBEDDED
            .as_ref()
            .map_err(|error| io::Error::other(format!("api description: {error}")))
    }

    pub(crate) fn read(text: &str) -> Result<Self, SpecError> {
        let document: Value =
            serde_json::from_str(text).map_err(|error| SpecError::new(error.to_string()))?;
        let server = text_at(&document, "/servers/0/url")?;
        let version = server.rsplit('/').next().unwrap_or_default().to_owned();
        let paths = document
            .get("paths")
            .and_then(Value::as_object)
            .ok_or_else(|| SpecError::new("no paths"))?;
        let catalogue = Catalogue::read(&document)?;
        let mut operations = Vec::new();
        for (path, item) in paths {
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    let operation = read_operation(&document, &catalogue, path, method, operation)
                        .map_err(|error| error.at(&format!("{method} {path}")))?;
                    operations.push(operation);
                }
            }
        }
        let permissions = operations.iter();
        let permissions = permissions.filter_map(|operation| operation.permission.clone());
        let permissions = permissions.collect();
        let routes = Routes::of(&operations)?;
        let batchable = operations.iter().enumerate();
        let batchable = batchable.filter(|(_, operation)| operation.batchable);
        let batchable = batchable
            .filter_map(|(place, operation)| Some((operation.vehicle_path.clone()?, place)))
            .collect();
        let samples = Samples::read(&operations);
        let v3 = include_str!("generated/smartcar-v3.json");
        let v3 = V3::read(v3, &operations, &catalogue).map_err(|error| error.at("version 3"))?;
        Ok(Self {
            version,
            operations,
            batchable,
            routes,
            permissions,
            catalogue,
            samples,
            v3,
        })
    }

    /// The operation that a batch means by a path, if it may ask it, and the path.
    pub(crate) fn batchable(&self, path: &str) -> Option<(&str, &Operation)> {
        let (path, place) = self.batchable.get_key_value(path)?;
        Some((path, &self.operations[*place]))
    }

    /// Whether a path below the vehicle exists, batchable or not.
    pub(crate) fn knows(&self, path: &str) -> bool {
        self.operations
            .iter()
            .any(|operation| operation.vehicle_path.as_deref() == Some(path))
    }
}

/// What a schema, parameter or header stands for, `$ref` followed.
pub(crate) fn resolve<'d>(document: &'d Value, node: &'d Value) -> Result<&'d Value, SpecError> {
    let mut node = node;
    // A longer chain is a circle.
    for _ in 0..16 {
        let Some(reference) = node.get("$ref").and_then(Value::as_str) else {
            return Ok(node);
        };
        node = reference
            .strip_prefix('#')
            .and_then(|pointer| document.pointer(pointer))
            .ok_or_else(|| SpecError::new(format!("nothing at `{reference}`")))?;
    }
    Err(SpecError::new("a `$ref` leads back to itself"))
}

/// Visits a schema and every one below it, each component once, `$ref` followed.
pub(crate) fn each_schema<'d>(
    document: &'d Value,
    schema: &'d Value,
    visit: &mut dyn FnMut(&'d Value) -> Result<(), SpecError>,
) -> Result<(), SpecError> {
    let mut seen = HashSet::new();
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        // A component may refer to itself; once is enough.
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str)
            && !seen.insert(reference)
        {
            continue;
        }
        let schema = resolve(document, schema)?;
        visit(schema)?;
        let members = schema.get("properties").and_then(Value::as_object);
        let members = members.into_iter().flat_map(|members| members.values());
        let inner = ["items", "additionalProperties"].map(|key| schema.get(key));
        // The next one to visit is the last.
        let below = open.len();
        open.extend(members.chain(inner.into_iter().flatten()));
        open[below..].reverse();
    }
    Ok(())
}

pub(crate) fn text_at<'d>(node: &'d Value, pointer: &str) -> Result<&'d str, SpecError> {
    node.pointer(pointer)
        .and_then(Value::as_str)
        .ok_or_else(|| SpecError::new(format!("no text at `{pointer}`")))
}

fn read_operation(
    document: &Value,
    catalogue: &Catalogue,
    path: &str,
    method: &str,
    operation: &Value,
) -> Result<Operation, SpecError> {
    let vehicle_path = path.strip_prefix(VEHICLE).and_then(|rest| match rest {
        "" => Some("/".to_owned()),
        rest if rest.starts_with('/') => Some(rest.to_owned()),
        _ => None,
    });
    let mut query = Vec::new();
    let mut takes_units = false;
    for parameter in operation
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let parameter = resolve(document, parameter)?;
        match text_at(parameter, "/in")? {
            "query" => query.push(QueryParameter::read(document, parameter)?),
            "header" if text_at(parameter, "/name")? == UNIT_SYSTEM => takes_units = true,
            _ => {}
        }
    }
    let batchable = method == "get"
        && vehicle_path.is_some()
        && operation.get("x-smartcar-batchable") != Some(&Value::Bool(false))
        && !query.iter().any(|parameter| parameter.required);
    let success = operation
        .pointer("/responses/200")
        .ok_or_else(|| SpecError::new("no response 200"))?;
    let success = resolve(document, success)?;
    let content = success
        .pointer("/content/application~1json")
        .ok_or_else(|| SpecError::new("no json body"))?;
    let example = read_example(content)?;
    let schema = content.get("schema").cloned().unwrap_or_default();
    let mapping = resolve(document, &schema)?.get("x-smartcar-v3");
    let mut signals = BTreeSet::new();
    signals_of(mapping.unwrap_or(&Value::Null), &mut signals);
    units::check(document, &schema)?;
    feed::check(document, &schema)?;
    let permission = match text_at(operation, "/x-smartcar-permission")? {
        "none" => None,
        name => Some(name.to_owned()),
    };
    let headers = header::read(document, success)?;
    let body = |units| Template::read(document, &schema, example, units);
    let item = |path: &str, units| {
        let (schema, example) = batch::item_of((&schema, example), &headers, path, units);
        Template::read(document, &schema, &example, units)
    };
    let items = match vehicle_path.as_deref().filter(|_| batchable) {
        Some(path) => Some([
            item(path, UnitSystem::Metric)?,
            item(path, UnitSystem::Imperial)?,
        ]),
        None => None,
    };
    Ok(Operation {
        id: text_at(operation, "/operationId")?.to_owned(),
        method: Method::from_bytes(method.to_uppercase().as_bytes())
            .map_err(|error| SpecError::new(error.to_string()))?,
        path: path.to_owned(),
        makes: vehicle::makes(operation, vehicle_path.as_deref()),
        powertrains: vehicle::powertrains(operation)?,
        needs: vehicle::needs(operation, catalogue)?,
        signals,
        vehicle_path,
        batchable,
        permission,
        bodies: [body(UnitSystem::Metric)?, body(UnitSystem::Imperial)?],
        items,
        headers,
        takes_units,
        query,
    })
}

/// Every signal that a mapping names.
fn signals_of(mapping: &Value, found: &mut BTreeSet<String>) {
    match mapping {
        Value::Object(members) => {
            let code = members.get("signal").and_then(Value::as_str);
            found.extend(code.map(str::to_owned));
            members.values().for_each(|inner| signals_of(inner, found));
        }
        Value::Array(entries) => entries.iter().for_each(|entry| signals_of(entry, found)),
        _ => {}
    }
}

fn read_example(content: &Value) -> Result<&Value, SpecError> {
    if let Some(example) = content.get("example") {
        return Ok(example);
    }
    content
        .get("examples")
        .and_then(Value::as_object)
        .and_then(|examples| examples.values().find_map(|example| example.get("value")))
        .ok_or_else(|| SpecError::new("no example"))
}

#[cfg(test)]
#[path = "spec_tests.rs"]
mod tests;
