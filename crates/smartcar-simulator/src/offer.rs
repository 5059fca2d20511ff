//! Which vehicles have an operation, and in which state.
//!
//! Invariant: a powertrain, a state or an error that is not known stops the start.

use serde_json::Value;

use crate::catalogue::Catalogue;
use crate::document::{SpecError, text_at, texts_at};
use crate::world::variable::Variable;
use crate::world::vehicle::Powertrain;

/// What there must be for an operation to be answered.
#[derive(Debug)]
pub(crate) struct Offer {
    /// The permission a token needs, if any.
    pub(crate) permission: Option<String>,
    /// The makes that have it; `None` if it is every make's.
    pub(crate) makes: Option<Vec<String>>,
    /// The powertrains that have it; `None` if it is every powertrain's.
    pub(crate) powertrains: Option<Vec<Powertrain>>,
    pub(crate) needs: Option<Needs>,
}

/// A state without which an operation answers an error.
#[derive(Debug)]
pub(crate) struct Needs {
    pub(crate) variable: Variable,
    pub(crate) kind: String,
    pub(crate) code: String,
    /// The catalogue's.
    pub(crate) description: String,
}

impl Offer {
    pub(crate) fn read(
        operation: &Value,
        catalogue: &Catalogue,
        vehicle_path: Option<&str>,
    ) -> Result<Self, SpecError> {
        let permission = text_at(operation, "/x-smartcar-permission")?;
        Ok(Self {
            permission: (permission != "none").then(|| permission.to_owned()),
            makes: makes(operation, vehicle_path),
            powertrains: powertrains(operation)?,
            needs: needs(operation, catalogue)?,
        })
    }
}

/// The makes that the description names, else the one whose path it is.
fn makes(operation: &Value, vehicle_path: Option<&str>) -> Option<Vec<String>> {
    if let Some(makes) = texts_at(operation, "x-smartcar-makes") {
        return Some(makes.map(str::to_owned).collect());
    }
    let first = vehicle_path?.split('/').nth(1)?;
    let is_tag = texts_at(operation, "tags")?.any(|tag| tag == first);
    is_tag.then(|| vec![first.to_uppercase()])
}

fn powertrains(operation: &Value) -> Result<Option<Vec<Powertrain>>, SpecError> {
    let read = |name: &str| {
        Powertrain::of(name)
            .ok_or_else(|| SpecError::new(format!("`{name}` is no powertrain that is simulated")))
    };
    texts_at(operation, "x-smartcar-powertrains")
        .map(|names| names.map(read).collect())
        .transpose()
}

fn needs(operation: &Value, catalogue: &Catalogue) -> Result<Option<Needs>, SpecError> {
    let Some(needs) = operation.get("x-smartcar-needs") else {
        return Ok(None);
    };
    let (kind, code) = (text_at(needs, "/type")?, text_at(needs, "/code")?);
    let description = catalogue
        .description(kind, code)
        .ok_or_else(|| SpecError::new(format!("no error {kind} with code {code}")))?;
    Ok(Some(Needs {
        variable: Variable::read(text_at(needs, "/state")?, "boolean")?,
        kind: kind.to_owned(),
        code: code.to_owned(),
        description: description.to_owned(),
    }))
}
