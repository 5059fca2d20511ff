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
    path: &'a str,
    member: &'a str,
    error: ErrorObject,
}

impl<'a> Brief<'a> {
    pub(super) fn of(error: &'a MemberError) -> Self {
        Self {
            path: &error.path,
            member: &error.member,
            error: ErrorObject::brief(&error.error),
        }
    }
}

/// `{"path", "member", "error"}`, where the error is an [`ItemError`].
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
            path: &'a str,
            member: &'a str,
            error: &'a ItemError,
        }
        let Self {
            path,
            member,
            error,
        } = self;
        Object {
            path,
            member,
            error,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MemberError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Object {
            path: String,
            member: String,
            error: ItemError,
        }
        let Object {
            path,
            member,
            error,
        } = Object::deserialize(deserializer)?;
        Ok(Self {
            path,
            member,
            error,
        })
    }
}
