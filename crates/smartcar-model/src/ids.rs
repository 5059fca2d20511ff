//! The ids of vehicles and users, safe in a URL and in a header.
//!
//! Invariant: whatever the id, the URL's path keeps its shape and the header
//! stays one line.

use std::fmt;

use crate::response::{Error, ErrorKind};

/// Longest id, in bytes; the API's are 36.
const ID_LENGTH: usize = 128;

/// Why a text cannot be an id.
fn fault(id: &str) -> Option<String> {
    let odd = |letter: &char| !letter.is_ascii_alphanumeric() && !"-_.~".contains(*letter);
    if id.is_empty() {
        Some("is empty".to_owned())
    } else if id.len() > ID_LENGTH {
        Some(format!("is longer than {ID_LENGTH} bytes"))
    } else if let Some(letter) = id.chars().find(odd) {
        Some(format!("has the character {letter:?}"))
    } else if id.chars().all(|letter| letter == '.') {
        Some(format!("is {id:?}, which a URL reads as a folder"))
    } else {
        None
    }
}

macro_rules! id {
    ($(#[$docs:meta])* $name:ident, $what:literal, $cure:literal) => {
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Box<str>);

        impl $name {
            /// An id of 1 to 128 bytes.
            ///
            /// Fails with [`ErrorKind::InvalidRequest`] for another length or
            /// character, and for dots alone.
            pub fn new(id: impl Into<String>) -> Result<Self, Error> {
                let id: String = id.into();
                match fault(&id) {
                    None => Ok(Self(id.into())),
                    Some(fault) => Err(Error::new(
                        ErrorKind::InvalidRequest,
                        format!(
                            concat!("the ", $what, " id {}: pass ", $cure, ", of letters, digits and `-_.~`"),
                            fault
                        ),
                    )),
                }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Error;

            fn from_str(id: &str) -> Result<Self, Error> {
                Self::new(id)
            }
        }
    };
}

id! {
    /// A Smartcar vehicle id: an opaque text, normally a UUID.
    ///
    /// Letters, digits, `-`, `_`, `.` and `~` are allowed, since those mean the
    /// same anywhere in a URL. An id of dots alone is rejected, since a URL would
    /// read it as a step up.
    ///
    /// ```
    /// use smartcar_model::VehicleId;
    ///
    /// assert!(VehicleId::new("36ab27d0-fd9d-4455-823a-ce30af709ffc").is_ok());
    /// assert!(VehicleId::new("..").is_err());
    /// ```
    VehicleId, "vehicle", "an id as `GET /vehicles` lists it"
}

id! {
    /// The id of the user who connected a vehicle. Version 3 of the API requires it
    /// beside the vehicle's id, as the header `sc-user-id`.
    ///
    /// It comes with the redirect of Connect (`user_id`), and in each connection.
    /// Letters, digits, `-`, `_`, `.` and `~` are allowed.
    ///
    /// ```
    /// use smartcar_model::UserId;
    ///
    /// assert!(UserId::new("8d6a2c1e-54c0-4b1f-8a57-0f1f5a0f9c11").is_ok());
    /// assert!(UserId::new("two\r\nlines").is_err());
    /// ```
    UserId, "user", "`user_id` as the redirect of Connect has it"
}
