//! Vehicle and user IDs that are safe in a URL and in a header.
//!
//! Invariant: an ID never changes the structure of a URL path and never adds a
//! line to a header.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use crate::response::{Error, ErrorKind};

/// Maximum length of an ID in bytes. The API's IDs have 36.
const ID_LENGTH: usize = 128;

/// Why a text is not a valid ID. `None` if it is valid.
fn fault(id: &str) -> Option<String> {
    let odd = |letter: &char| !letter.is_ascii_alphanumeric() && !"-_.~".contains(*letter);
    if id.is_empty() {
        Some("is empty".to_owned())
    } else if id.len() > ID_LENGTH {
        Some(format!("is longer than {ID_LENGTH} bytes"))
    } else if let Some(letter) = id.chars().find(odd) {
        Some(format!("has the character {letter:?}"))
    } else if id.chars().all(|letter| letter == '.') {
        Some(format!("is {id:?}, which a URL resolves as a directory"))
    } else {
        None
    }
}

macro_rules! id {
    ($(#[$docs:meta])* $name:ident, $what:literal, $cure:literal) => {
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks an ID of 1 to 128 bytes.
            ///
            /// Fails with [`ErrorKind::InvalidRequest`] if the length or a
            /// character is not allowed, or if the ID consists of dots only.
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

            /// The ID as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        // The ID compares and hashes like its text.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(id: String) -> Result<Self, Error> {
                Self::new(id)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = Error;

            fn try_from(id: &str) -> Result<Self, Error> {
                Self::new(id)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let id = String::deserialize(deserializer)?;
                Self::new(id).map_err(serde::de::Error::custom)
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
    /// A Smartcar vehicle ID: an opaque text, normally a UUID.
    ///
    /// Letters, digits, `-`, `_`, `.` and `~` are allowed, because they never
    /// need escaping in a URL. An ID of dots only is rejected, because a URL
    /// would resolve it as a parent directory.
    ///
    /// ```
    /// use smartcar_model::VehicleId;
    ///
    /// assert!(VehicleId::new("36ab27d0-fd9d-4455-823a-ce30af709ffc").is_ok());
    /// assert!(VehicleId::new("..").is_err());
    /// assert!(VehicleId::try_from("car-1".to_owned()).is_ok());
    /// ```
    ///
    /// With the feature `serde` it is a JSON string. Deserializing checks it.
    VehicleId, "vehicle", "an id from `GET /vehicles`"
}

id! {
    /// The ID of the user who connected a vehicle. Version 3 of the API requires
    /// it in addition to the vehicle ID, as the header `sc-user-id`.
    ///
    /// The Connect redirect has it (`user_id`), and so does each connection.
    /// Letters, digits, `-`, `_`, `.` and `~` are allowed.
    ///
    /// ```
    /// use smartcar_model::UserId;
    ///
    /// assert!(UserId::new("8d6a2c1e-54c0-4b1f-8a57-0f1f5a0f9c11").is_ok());
    /// assert!(UserId::new("two\r\nlines").is_err());
    /// ```
    UserId, "user", "the `user_id` from the Connect redirect"
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use super::*;

    #[test]
    fn an_id_is_made_of_every_text_and_found_by_its_text() {
        let id = VehicleId::new("car-1").unwrap();
        assert_eq!(VehicleId::try_from("car-1").ok(), Some(id.clone()));
        assert_eq!(
            VehicleId::try_from("car-1".to_owned()).ok(),
            Some(id.clone())
        );
        assert_eq!("car-1".parse::<VehicleId>().ok(), Some(id.clone()));
        assert!(VehicleId::try_from("car 1").is_err());
        assert!(HashSet::from([id.clone()]).contains("car-1"));
        assert!(BTreeSet::from([id.clone()]).contains("car-1"));
        assert_eq!(String::from(id), "car-1");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn json_is_a_string_and_checked() {
        let id = UserId::new("user-1").unwrap();
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, r#""user-1""#);
        assert_eq!(serde_json::from_str::<UserId>(&json).unwrap(), id);
        for bad in [r#""..""#, r#""two\nlines""#, r#""""#, "7", "null"] {
            assert!(serde_json::from_str::<UserId>(bad).is_err(), "{bad}");
        }
        let error = serde_json::from_str::<UserId>(r#""..""#).unwrap_err();
        assert!(error.to_string().contains("the user id"), "{error}");
    }
}
