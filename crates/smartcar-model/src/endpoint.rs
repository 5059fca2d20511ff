//! What makes a type an endpoint, and the rows of the endpoint table.
//!
//! Invariant: data only. Asking and reading are elsewhere.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::body::{Body, Known};
use crate::generated::ENDPOINTS;
use crate::malformed::Malformed;

/// The body that one endpoint answers; the type stands for the endpoint.
///
/// Every generated body implements it. Implement it yourself for a path that
/// the description does not know yet:
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
    note = "ask for bodies such as `Odometer`, `Location` or `tesla::Charge`: `smartcar endpoints` lists all of them",
    note = "for a path that the description does not know, implement `Endpoint` for your own body type, write `#[batch(path = \"/…\")]` on the field of a `#[derive(Batch)]`, or use `batch_paths`"
)]
pub trait Endpoint: DeserializeOwned + Send + 'static {
    /// The path in a batch, with its leading slash: the URL without
    /// `/vehicles/{id}`, and `/` for the vehicle itself.
    const PATH: &'static str;

    /// What the API's description says of this endpoint, if it knows the path.
    fn info() -> Option<&'static EndpointInfo> {
        EndpointInfo::of(Self::PATH)
    }
}

/// What the API's description says of one endpoint.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct EndpointInfo {
    /// The path in a batch, such as `/odometer`.
    pub path: &'static str,
    /// The Rust type below this crate, such as `Odometer` or `tesla::Charge`.
    pub type_name: &'static str,
    /// OpenAPI's `operationId`.
    pub operation_id: &'static str,
    /// `vehicle` for the common endpoints, else the make in lower case.
    pub tag: &'static str,
    /// One line that says what it is.
    pub summary: &'static str,
    /// The permission it needs; `None` where none is needed.
    pub permission: Option<&'static str>,
    /// The makes that have it, as the API writes them; empty where no list is documented.
    pub makes: &'static [&'static str],
    /// The fields of the body, nested ones by their path (`paging.count`, `doors[].status`).
    pub fields: &'static [FieldInfo],
    pub(crate) read: fn(&Body<'_>) -> Result<Arc<dyn Known>, Malformed>,
}

impl EndpointInfo {
    /// The endpoint of a batch path, with its leading slash. `None` for a path that
    /// the description does not know.
    ///
    /// ```
    /// use smartcar_model::EndpointInfo;
    ///
    /// let fuel = EndpointInfo::of("/fuel").expect("the description has it");
    /// assert_eq!(fuel.permission, Some("read_fuel"));
    /// assert_eq!(fuel.unit("range", true), Some("mi"));
    /// assert!(EndpointInfo::of("/wiper/fluid").is_none());
    /// ```
    pub fn of(path: &str) -> Option<&'static Self> {
        ENDPOINTS.iter().find(|info| info.path == path)
    }

    /// Reads a body into this endpoint's type and writes it again: members that
    /// the description does not know are gone, irregular forms are regular. Fails
    /// with the place if it is of another shape.
    pub fn normalize(&self, body: &RawValue) -> Result<Box<RawValue>, Malformed> {
        (self.read)(&Body::Text(body.get()))?.write()
    }

    /// The unit of a field under a unit system, such as `km` or `mi`. `None` for a
    /// field without a unit, and for one that is not there.
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
    /// Its name in JSON; nested ones with their path, lists with `[]`.
    pub name: &'static str,
    /// `number`, `integer`, `boolean`, `string`, `date-time`, a component's name, or a list of these.
    pub kind: &'static str,
    /// Whether it can be missing or null.
    pub optional: bool,
    /// Its unit, where it has one.
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

/// A unit of measurement in both unit systems; the same twice where the system changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnitInfo {
    /// In the metric system, such as `km`.
    pub metric: &'static str,
    /// In the imperial system, such as `mi`.
    pub imperial: &'static str,
}

impl UnitInfo {
    pub(crate) const fn new(metric: &'static str, imperial: &'static str) -> Self {
        Self { metric, imperial }
    }
}
