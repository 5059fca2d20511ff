//! Members of successful bodies that could not be filled.
//!
//! Invariant: `member` is a JSON pointer into the body of `path`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error_object::ErrorObject;
use crate::item_error::ItemError;
use crate::v3::MemberError;

/// The form within a response.
#[derive(Serialize)]
pub(super) struct Brief<'a> {
    /// Null for a part of a delivery that belongs to no path.
    path: Option<&'a str>,
    member: &'a str,
    error: ErrorObject,
}

/// The path, or null for a part of a delivery.
fn path(error: &MemberError) -> Option<&str> {
    Some(error.path.as_str()).filter(|path| !path.is_empty())
}

impl<'a> Brief<'a> {
    pub(super) fn of(error: &'a MemberError) -> Self {
        Self {
            path: path(error),
            member: &error.member,
            error: ErrorObject::brief(&error.error),
        }
    }
}

/// `{"path", "member", "error"}`, where the error is an [`ItemError`]. The path is
/// null for a part of a delivery that belongs to no path.
///
/// ```
/// use smartcar_model::ItemError;
/// use smartcar_model::v3::MemberError;
///
/// let text = r#"{"path": "/security", "member": "/windows", "error": {"kind": "missing"}}"#;
/// let error: MemberError = serde_json::from_str(text)?;
/// assert_eq!(error.error, ItemError::Missing);
/// assert_eq!(serde_json::to_value(&error)?["member"], "/windows");
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for MemberError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Object<'a> {
            path: Option<&'a str>,
            member: &'a str,
            error: &'a ItemError,
        }
        Object {
            path: path(self),
            member: &self.member,
            error: &self.error,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MemberError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Object {
            path: Option<String>,
            member: String,
            error: ItemError,
        }
        let Object {
            path,
            member,
            error,
        } = Object::deserialize(deserializer)?;
        Ok(Self {
            path: path.unwrap_or_default(),
            member,
            error,
        })
    }
}
