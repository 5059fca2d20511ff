//! The name of a vehicle, safe to stand in a URL.
//!
//! Invariant: whatever the id, the URL's path keeps its shape.

use std::fmt;

use crate::limits::VEHICLE_ID_LENGTH;
use crate::{Error, ErrorKind};

/// A Smartcar vehicle id: an opaque text, normally a UUID.
///
/// Letters, digits, `-`, `_`, `.` and `~` are allowed, since those mean the same
/// in a URL wherever they stand; an id of dots alone is refused, since a URL
/// would read it as a step up.
///
/// ```
/// use smartcar_batch::VehicleId;
///
/// assert!(VehicleId::new("36ab27d0-fd9d-4455-823a-ce30af709ffc").is_ok());
/// assert!(VehicleId::new("..").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VehicleId(Box<str>);

impl VehicleId {
    /// An id of 1 to [`limits::VEHICLE_ID_LENGTH`](crate::limits::VEHICLE_ID_LENGTH)
    /// bytes.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`] for another length or character, and
    /// for dots alone.
    pub fn new(id: impl Into<String>) -> Result<Self, Error> {
        let id: String = id.into();
        let Some(fault) = fault(&id) else {
            return Ok(Self(id.into()));
        };
        Err(Error::new(
            ErrorKind::InvalidRequest,
            format!(
                "the vehicle id {fault}: pass an id as `GET /vehicles` lists it, of letters, digits and `-_.~`"
            ),
        ))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text cannot be an id, be it a vehicle's or a user's.
pub(crate) fn fault(id: &str) -> Option<String> {
    let odd = |letter: &char| !letter.is_ascii_alphanumeric() && !"-_.~".contains(*letter);
    if id.is_empty() {
        Some("is empty".to_owned())
    } else if id.len() > VEHICLE_ID_LENGTH {
        Some(format!("is longer than {VEHICLE_ID_LENGTH} bytes"))
    } else if let Some(letter) = id.chars().find(odd) {
        Some(format!("has the character {letter:?}"))
    } else if id.chars().all(|letter| letter == '.') {
        Some(format!("is {id:?}, which a URL reads as a folder"))
    } else {
        None
    }
}

impl AsRef<str> for VehicleId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VehicleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for VehicleId {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self, Error> {
        Self::new(id)
    }
}
