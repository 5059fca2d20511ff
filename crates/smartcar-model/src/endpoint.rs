//! The [`Endpoint`] trait and the rows of the endpoint table.
//!
//! Invariant: data only. Requests and decoding are in other modules.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::body::{Body, Known};
use crate::generated::ENDPOINTS;
use crate::malformed::Malformed;

/// The body type of one endpoint. The type identifies the endpoint.
///
/// Every generated body implements it. Implement it yourself for a path that is
/// not in the spec:
///
/// ```
/// use serde::Deserialize;
/// use smartcar_model::Endpoint;
///
/// #[derive(Deserialize)]
/// struct WiperFluid {
///     level: f64,
/// }
///
/// impl Endpoint for WiperFluid {
///     const PATH: &'static str = "/wiper/fluid";
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an endpoint of the Smartcar API",
    label = "not an endpoint",
    note = "use a body such as `Odometer`, `Location` or `tesla::Charge`: `smartcar endpoints` lists all of them",
    note = "for a path that is not in the spec, implement `Endpoint` for your own body type, write `#[batch(path = \"/…\")]` on the field of a `#[derive(Batch)]`, or use `batch_paths`"
)]
pub trait Endpoint: DeserializeOwned + Send + 'static {
    /// The path in a batch, with a leading slash: the URL without
    /// `/vehicles/{id}`, or `/` for the vehicle itself.
    const PATH: &'static str;

    /// The spec's entry for this endpoint. `None` if the path is not in the spec.
    fn info() -> Option<&'static EndpointInfo> {
        EndpointInfo::of(Self::PATH)
    }
}

/// One endpoint of the spec.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct EndpointInfo {
    /// The path in a batch, such as `/odometer`.
    pub path: &'static str,
    /// The Rust type's path within this crate, such as `Odometer` or
    /// `tesla::Charge`.
    pub type_name: &'static str,
    /// The `operationId` in OpenAPI.
    pub operation_id: &'static str,
    /// `vehicle` for the common endpoints, otherwise the make in lower case.
    pub tag: &'static str,
    /// One-line summary.
    pub summary: &'static str,
    /// The permission that it needs. `None` if it needs none.
    pub permission: Option<&'static str>,
    /// The makes that support it, as the API writes them. Empty if the API does
    /// not document a list.
    pub makes: &'static [&'static str],
    /// The fields of the body. Nested fields have a path, such as `paging.count`
    /// or `doors[].status`.
    pub fields: &'static [FieldInfo],
    pub(crate) read: fn(&Body<'_>) -> Result<Arc<dyn Known>, Malformed>,
}

impl EndpointInfo {
    /// Looks up an endpoint by its batch path, with the leading slash. `None` if
    /// the path is not in the spec.
    ///
    /// ```
    /// use smartcar_model::EndpointInfo;
    ///
    /// let fuel = EndpointInfo::of("/fuel").expect("it is in the spec");
    /// assert_eq!(fuel.permission, Some("read_fuel"));
    /// assert_eq!(fuel.unit("range", true), Some("mi"));
    /// assert!(EndpointInfo::of("/wiper/fluid").is_none());
    /// ```
    pub fn of(path: &str) -> Option<&'static Self> {
        ENDPOINTS.iter().find(|info| info.path == path)
    }

    /// Reads a body as this endpoint's type and serializes it again. The result
    /// has no unknown members, and irregular forms are normalized. Fails with the
    /// JSON pointer of the first value that does not fit.
    pub fn normalize(&self, body: &RawValue) -> Result<Box<RawValue>, Malformed> {
        (self.read)(&Body::Text(body.get()))?.write()
    }

    /// The unit of a field in the metric or the imperial system, such as `km` or
    /// `mi`. `None` if the field has no unit or does not exist.
    pub fn unit(&self, field: &str, imperial: bool) -> Option<&'static str> {
        let unit = self.fields.iter().find(|info| info.name == field)?.unit?;
        Some(if imperial { unit.imperial } else { unit.metric })
    }
}

impl fmt::Debug for EndpointInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointInfo")
            .field("path", &self.path)
            .field("type_name", &self.type_name)
            .field("permission", &self.permission)
            .field("makes", &self.makes)
            .finish_non_exhaustive()
    }
}

/// A field of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldInfo {
    /// Its JSON name. Nested fields have a path, and lists have `[]`.
    pub name: &'static str,
    /// `number`, `integer`, `boolean`, `string`, `date-time`, the name of a
    /// schema, or a list of these.
    pub kind: &'static str,
    /// Whether it can be missing or null.
    pub optional: bool,
    /// Its unit. `None` if it has none.
    pub unit: Option<UnitInfo>,
}

impl FieldInfo {
    pub(crate) const fn new(
        name: &'static str,
        kind: &'static str,
        optional: bool,
        unit: Option<UnitInfo>,
    ) -> Self {
        Self {
            name,
            kind,
            optional,
            unit,
        }
    }
}

/// A unit of measurement in both unit systems. Both are the same if the unit does
/// not depend on the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnitInfo {
    /// The unit in the metric system, such as `km`.
    pub metric: &'static str,
    /// The unit in the imperial system, such as `mi`.
    pub imperial: &'static str,
}

impl UnitInfo {
    pub(crate) const fn new(metric: &'static str, imperial: &'static str) -> Self {
        Self { metric, imperial }
    }
}
