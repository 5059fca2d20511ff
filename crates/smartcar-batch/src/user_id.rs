//! The name of a user, safe to stand in a header.
//!
//! Invariant: checked as a vehicle's id is.

use std::fmt;

use crate::vehicle_id::fault;
use crate::{Error, ErrorKind};

/// The id of the user who connected a vehicle: what version 3 of the API wants
/// beside the vehicle's id, as the header `sc-user-id`.
///
/// It comes with the redirect of Connect (`user_id`), and in each connection.
/// Letters, digits, `-`, `_`, `.` and `~` are allowed.
///
/// ```
/// use smartcar_batch::UserId;
///
/// assert!(UserId::new("8d6a2c1e-54c0-4b1f-8a57-0f1f5a0f9c11").is_ok());
/// assert!(UserId::new("two\r\nlines").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(Box<str>);

impl UserId {
    /// An id, checked.
    pub fn new(id: impl Into<String>) -> Result<Self, Error> {
        let id: String = id.into();
        match fault(&id) {
            None => Ok(Self(id.into())),
            Some(fault) => Err(Error::new(
                ErrorKind::InvalidRequest,
                format!(
                    "the user id {fault}: pass `user_id` as the redirect of Connect has it, of letters, digits and `-_.~`"
                ),
            )),
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for UserId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for UserId {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self, Error> {
        Self::new(id)
    }
}
