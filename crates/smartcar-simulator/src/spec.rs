//! The spec of v2.0, ready to be served.
//!
//! Invariant: a spec that cannot be served correctly fails the start, never a
//! request. The operations come from the spec alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::LazyLock;

use http::Method;
use matchit::Router;
use serde_json::Value;
use smartcar_model::UnitSystem;

use crate::catalogue::Catalogue;
use crate::document::{self, SpecError};
use crate::errors::Refusal;
use crate::operation::Operation;
use crate::request::unescape;
use crate::template::Template;
use crate::world::variable::Samples;

/// Everything the server needs to know about the API.
#[derive(Debug)]
pub(crate) struct Spec {
    /// The first segment of every path, such as `v2.0`.
    version: String,
    pub(crate) operations: Operations,
    /// Every permission that an operation needs.
    pub(crate) permissions: BTreeSet<String>,
    pub(crate) catalogue: Catalogue,
    /// The examples' values of the vehicles' state.
    pub(crate) samples: Samples,
}

impl Spec {
    /// The spec that this crate was built with.
    pub(crate) fn embedded() -> io::Result<&'static Self> {
        // Reading takes longer than the rest of the start, and tests start many
        // simulators.
        static EMBEDDED: LazyLock<Result<Spec, SpecError>> =
            LazyLock::new(|| Spec::read(include_str!("generated/smartcar-v2.json")));
        EMBEDDED
            .as_ref()
            .map_err(|error| io::Error::other(format!("api spec: {error}")))
    }

    pub(crate) fn read(text: &str) -> Result<Self, SpecError> {
        let (document, version) = document::parse(text)?;
        let catalogue = Catalogue::read(&document)?;
        let operations = Operations::read(&document, &catalogue)?;
        let permissions = operations.all.iter();
        let permissions = permissions.filter_map(|it| it.offer.permission.clone());
        // Endpoints of every make take precedence for a vehicle's state.
        let (own, common): (Vec<_>, Vec<_>) =
            (operations.all.iter()).partition(|operation| operation.offer.makes.is_some());
        let bodies = common.into_iter().chain(own);
        let bodies = bodies.map(|operation| operation.bodies.of(&UnitSystem::Metric));
        Ok(Self {
            version,
            permissions: permissions.collect(),
            samples: Samples::read(bodies.flat_map(Template::examples)),
            operations,
            catalogue,
        })
    }

    /// Finds the operation for a URL's path, or why there is none.
    pub(crate) fn route(&self, method: &Method, path: &str) -> Result<Route<'_>, Refusal> {
        let path = path.strip_prefix('/').unwrap_or_default();
        let version = path.split('/').next().unwrap_or_default();
        if version.is_empty() {
            return Err(Refusal::path());
        }
        if version != self.version {
            return Err(Refusal::version(&self.version));
        }
        self.operations.route(method, &path[version.len()..])
    }
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An operation and the vehicle it is requested for.
#[derive(Debug)]
pub(crate) struct Route<'s> {
    pub(crate) operation: &'s Operation,
    pub(crate) vehicle: Option<String>,
}

/// All operations, in the order of their paths.
#[derive(Debug)]
pub(crate) struct Operations {
    pub(crate) all: Vec<Operation>,
    /// The indexes of the operations that a batch may contain, by path below the
    /// vehicle.
    batchable: HashMap<String, usize>,
    /// The indexes of the operations of each path below the version.
    routes: Router<Vec<usize>>,
}

impl Operations {
    pub(crate) fn read(document: &Value, catalogue: &Catalogue) -> Result<Self, SpecError> {
        let paths = document
            .get("paths")
            .and_then(Value::as_object)
            .ok_or_else(|| SpecError::new("`paths` is missing"))?;
        let mut all = Vec::new();
        let mut batchable = HashMap::new();
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (path, item) in paths {
            for method in METHODS {
                let Some(operation) = item.get(method) else {
                    continue;
                };
                let operation = Operation::read(document, catalogue, path, method, operation);
                let operation = operation.map_err(|error| error.at(&format!("{method} {path}")))?;
                places.entry(path).or_default().push(all.len());
                if let Some(path) = operation
                    .vehicle_path
                    .clone()
                    .filter(|_| operation.batchable)
                {
                    batchable.insert(path, all.len());
                }
                all.push(operation);
            }
        }
        let mut routes = Router::new();
        for (path, places) in places {
            let inserted = routes.insert(path, places);
            inserted.map_err(|error| SpecError::new(format!("path `{path}`: {error}")))?;
        }
        Ok(Self {
            all,
            batchable,
            routes,
        })
    }

    /// The operation and the path that a batch entry names, if a batch may contain
    /// it.
    pub(crate) fn batchable(&self, path: &str) -> Option<(&str, &Operation)> {
        let (path, place) = self.batchable.get_key_value(path)?;
        Some((path, &self.all[*place]))
    }

    /// Whether a path below the vehicle exists, in a batch or alone.
    pub(crate) fn knows(&self, path: &str) -> bool {
        let mut all = self.all.iter();
        all.any(|operation| operation.vehicle_path.as_deref() == Some(path))
    }

    /// The operation for a path below the version, or why there is none.
    pub(crate) fn route(&self, method: &Method, path: &str) -> Result<Route<'_>, Refusal> {
        // Some clients send `/vehicles/`, and `/vehicles/{id}/` for the vehicle
        // itself.
        let path = match path.strip_suffix('/') {
            Some(without) if matches!(without.matches('/').count(), 1 | 2) => without,
            _ => path,
        };
        let found = self.routes.at(path).map_err(|_| Refusal::path())?;
        if found.params.iter().any(|(_, value)| value.is_empty()) {
            return Err(Refusal::path());
        }
        let operations = || found.value.iter().map(|place| &self.all[*place]);
        let Some(operation) = operations().find(|operation| operation.method == *method) else {
            let allowed: Vec<&str> = operations().map(|found| found.method.as_str()).collect();
            return Err(Refusal::method(&allowed.join(", ")));
        };
        let vehicle = found.params.iter().next().map(|(_, id)| unescape(id));
        Ok(Route { operation, vehicle })
    }
}

#[cfg(test)]
mod tests;
