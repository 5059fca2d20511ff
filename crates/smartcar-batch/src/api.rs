//! The API version that a client uses.
//!
//! Invariant: a client uses one version for all its requests.

use std::fmt;
use std::str::FromStr;

use smartcar_model::{Error, ErrorKind};

/// The API version that a client uses; see [`crate::ClientBuilder::api`].
///
/// The same typed batches run on both. Data that v3 has no signal for is
/// [`crate::ItemError::Unsupported`]. Data that its store does not have is
/// [`crate::ItemError::NotAvailable`].
///
/// ```
/// use smartcar_batch::Api;
///
/// assert_eq!("v3".parse::<Api>()?, Api::V3);
/// assert_eq!(Api::default(), Api::V2);
/// # Ok::<(), smartcar_batch::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Api {
    /// v2.0: a batch is one request to the vehicle.
    #[default]
    V2,
    /// v3: a batch is read from a store of signals, in one request for all signals or
    /// one request per signal.
    V3,
}

impl Api {
    /// The name: `v2` or `v3`.
    pub fn name(self) -> &'static str {
        match self {
            Self::V2 => "v2",
            Self::V3 => "v3",
        }
    }

    /// The origin of the live API.
    pub(crate) fn origin(self) -> &'static str {
        match self {
            Self::V2 => "https://api.smartcar.com",
            Self::V3 => "https://vehicle.api.smartcar.com",
        }
    }

    /// The first segment of every path.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::V2 => "/v2.0",
            Self::V3 => "/v3",
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Api {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "v2" | "v2.0" => Ok(Self::V2),
            "v3" => Ok(Self::V3),
            // The value is not shown: if two variables were mixed up, it may be a
            // secret.
            _ => Err(Error::new(
                ErrorKind::InvalidRequest,
                "unknown API version: use `v2` or `v3`",
            )),
        }
    }
}
