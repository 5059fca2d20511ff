//! The description of v2.0, ready to be served.
//!
//! Invariant: a description that cannot be served truly stops the start, never an
//! answer.

use std::collections::BTreeSet;
use std::io;
use std::sync::LazyLock;

use http::Method;

use crate::catalogue::Catalogue;
use crate::document::{self, SpecError};
use crate::errors::Refusal;
use crate::operations::{Operations, Route};
use crate::template::Samples;
use smartcar_model::UnitSystem;

/// What the server needs to know of the API.
#[derive(Debug)]
pub(crate) struct Spec {
    /// The first segment of every path, such as `v2.0`.
    version: String,
    pub(crate) operations: Operations,
    /// Every permission that an operation needs.
    pub(crate) permissions: BTreeSet<String>,
    pub(crate) catalogue: Catalogue,
    /// What the examples say of the vehicles' state.
    pub(crate) samples: Samples,
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
        let (document, version) = document::parse(text)?;
        let catalogue = Catalogue::read(&document)?;
        let operations = Operations::read(&document, &catalogue)?;
        let permissions = operations.all.iter();
        let permissions = permissions.filter_map(|it| it.offer.permission.clone());
        // Endpoints of every make say best what a vehicle is.
        let (own, common): (Vec<_>, Vec<_>) =
            (operations.all.iter()).partition(|operation| operation.offer.makes.is_some());
        let bodies = common.into_iter().chain(own);
        let bodies = bodies.map(|operation| operation.bodies.of(&UnitSystem::Metric));
        Ok(Self {
            version,
            permissions: permissions.collect(),
            samples: Samples::read(bodies),
            operations,
            catalogue,
        })
    }

    /// Finds the operation of a URL's path, or says why there is none.
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

#[cfg(test)]
mod tests;
