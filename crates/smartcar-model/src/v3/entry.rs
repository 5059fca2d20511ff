//! One signal as it was answered, taken apart leniently.
//!
//! Invariant: each member is cut out before it is read, so that a fault of one
//! costs no other; a body is only used where the status does not speak against
//! it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::absent::{NotStored, StoreGap};
use crate::date_time::moment;
use crate::error::ErrorInfo;
use crate::{ApiError, ItemError, Malformed, text};

/// The members of an object, still text.
pub(super) type Members<'a> = BTreeMap<String, &'a RawValue>;

/// The members of what is an object.
pub(super) fn members(raw: &RawValue) -> Option<Members<'_>> {
    serde_json::from_str(raw.get()).ok()
}

/// A member as a value; `None` where it is missing, null or unreadable.
pub(super) fn value(members: &Members<'_>, name: &str) -> Option<Value> {
    let raw = members.get(name)?;
    let value: Value = serde_json::from_str(raw.get()).ok()?;
    (!value.is_null()).then_some(value)
}

/// A signal.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The body, or why there is none.
    pub(super) body: Result<Value, ItemError>,
    /// `oemUpdatedAt`.
    pub(super) updated: Option<Timestamp>,
    /// `retrievedAt`.
    pub(super) retrieved: Option<Timestamp>,
    /// The id of the answer that it came in.
    pub(super) request_id: Option<String>,
}

impl Entry {
    /// What is known where a signal's own request failed.
    pub(super) fn failed(error: ItemError) -> Self {
        Self {
            body: Err(error),
            updated: None,
            retrieved: None,
            request_id: None,
        }
    }

    /// Reads a resource with its code. `None` for what cannot be told the code of.
    pub(super) fn read(raw: &RawValue, request_id: Option<&str>) -> Option<(String, Self)> {
        let resource = members(raw)?;
        let attributes = resource.get("attributes").and_then(|raw| members(raw));
        let attributes = attributes.unwrap_or_default();
        // Older forms have some members one level higher or lower.
        let find = |name: &str| value(&attributes, name).or_else(|| value(&resource, name));
        let code = find("code").or_else(|| find("id"))?;
        let code = code.as_str().filter(|code| !code.trim().is_empty())?;
        let code = code.trim().to_ascii_lowercase();
        let times = [&resource, &attributes].map(|members| value(members, "meta"));
        let time = |name: &str| {
            let mut metas = times.iter().flatten();
            metas.find_map(|meta| moment(meta.get(name)?))
        };
        let body = attributes.get("body").or_else(|| resource.get("body"));
        let entry = Self {
            body: read_body(&code, find("status").as_ref(), body.copied()),
            updated: time("oemUpdatedAt"),
            retrieved: time("retrievedAt"),
            request_id: request_id.map(str::to_owned),
        };
        Some((code, entry))
    }
}

/// The body, unless the status says that it is none or stale.
fn read_body(
    code: &str,
    status: Option<&Value>,
    body: Option<&RawValue>,
) -> Result<Value, ItemError> {
    let error = status.and_then(|status| status.get("error"));
    let error = error.filter(|error| !error.is_null());
    let word = status.and_then(|status| status.get("value").unwrap_or(status).as_str());
    let word = word.unwrap_or_default().to_ascii_uppercase();
    if word == "ERROR" || error.is_some() && word != "SUCCESS" {
        return Err(ItemError::Api(Box::new(api_error(error))));
    }
    if word == "UNAVAILABLE" {
        let gap = StoreGap::Unavailable;
        return Err(ItemError::NotStored(Box::new(NotStored::new(code, gap))));
    }
    let malformed = |why: &str| {
        let at = format!("/{}/body", text::clean(code));
        Err(ItemError::Malformed(Malformed::new(at, why)))
    };
    let Some(body) = body.filter(|body| body.get() != "null") else {
        return malformed("a signal without a body");
    };
    match serde_json::from_str(body.get()) {
        Ok(Value::Object(body)) => Ok(Value::Object(body)),
        Ok(_) => malformed("something else where an object belongs"),
        Err(error) => {
            let at = format!("/{}/body", text::clean(code));
            Err(ItemError::Malformed(Malformed::from_json(&at, &error)))
        }
    }
}

/// The error in a signal's status. It has no HTTP status of its own: the
/// catalogue's of its type stands for it, 500 where the type is not known.
fn api_error(error: Option<&Value>) -> ApiError {
    let mut api = ApiError::from_status(500);
    if let Some(Value::Object(error)) = error {
        api.fill_v3(error);
    }
    if let Some(kind) = &api.error_type
        && let Some(row) = ErrorInfo::near(kind, api.code.as_deref())
    {
        api.status = row.status;
    }
    api
}
