//! The API's error object, outer and in an item alike.
//!
//! Invariant: every error body of the server is built by [`Catalogue::answer`],
//! and its status and resolution come from the description's catalogue.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::spec::{SpecError, text_at};

/// Details beyond this many would only lengthen the answer.
const MAX_DETAILS: usize = 20;

/// Type and code, which tell one error from another.
type Pair = (&'static str, Option<&'static str>);

const AUTHENTICATION: Pair = ("AUTHENTICATION", None);
const PERMISSION: Pair = ("PERMISSION", None);
const PATH: Pair = ("RESOURCE_NOT_FOUND", Some("PATH"));
const VERSION: Pair = ("RESOURCE_NOT_FOUND", Some("VERSION"));
const VALIDATION: Pair = ("VALIDATION", None);
/// What the server itself uses; each must be in the catalogue.
const USED: [Pair; 5] = [AUTHENTICATION, PERMISSION, PATH, VERSION, VALIDATION];

/// What is wrong with one member of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Detail {
    /// Where: member names and positions, from the outside in.
    pub(crate) field: Vec<Value>,
    pub(crate) message: String,
}

impl Detail {
    pub(crate) fn new<S: Into<Value>>(
        field: impl IntoIterator<Item = S>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into_iter().map(Into::into).collect(),
            message: message.into(),
        }
    }
}

/// Why a request, or one path of a batch, is not answered.
#[derive(Debug)]
pub(crate) struct Fault {
    pair: Pair,
    /// Instead of the catalogue's, for what HTTP knows and the API does not.
    status: Option<StatusCode>,
    description: String,
    detail: Vec<Detail>,
    headers: Vec<(String, String)>,
}

impl Fault {
    fn new(pair: Pair, description: impl Into<String>) -> Self {
        Self {
            pair,
            status: None,
            description: description.into(),
            detail: Vec::new(),
            headers: Vec::new(),
        }
    }

    fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    pub(crate) fn authentication() -> Self {
        Self::new(
            AUTHENTICATION,
            "The authorization header is missing or malformed, or its token is unknown.",
        )
    }

    pub(crate) fn permission(name: &str) -> Self {
        Self::new(
            PERMISSION,
            format!("The access token lacks the permission {name}."),
        )
    }

    pub(crate) fn path() -> Self {
        Self::new(PATH, "There is no such path.")
    }

    pub(crate) fn version(known: &str) -> Self {
        Self::new(
            VERSION,
            format!("There is no such API version; this server knows {known}."),
        )
    }

    /// The catalogue has no pair for it; a path that exists for other methods is nearest.
    pub(crate) fn method(allowed: &str) -> Self {
        let mut fault = Self::new(PATH, format!("The path takes {allowed} only."))
            .with_status(StatusCode::METHOD_NOT_ALLOWED);
        fault.headers.push(("allow".to_owned(), allowed.to_owned()));
        fault
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(VALIDATION, format!("The body has more than {limit} bytes."))
            .with_status(StatusCode::PAYLOAD_TOO_LARGE)
    }

    pub(crate) fn foreign_host() -> Self {
        Self::new(
            VALIDATION,
            "The host header must name this machine: localhost or a loopback address.",
        )
        .with_status(StatusCode::MISDIRECTED_REQUEST)
    }

    pub(crate) fn validation(detail: Vec<Detail>) -> Self {
        let mut fault = Self::new(VALIDATION, "The request is malformed, see the detail.");
        fault.detail = detail;
        fault.detail.truncate(MAX_DETAILS);
        fault
    }
}

/// The documented errors.
#[derive(Debug)]
pub(crate) struct Catalogue {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    kind: String,
    code: Option<String>,
    status: StatusCode,
    resolution: Option<String>,
}

impl Entry {
    fn read(entry: &Value) -> Result<Self, SpecError> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
        let status = entry
            .get("status")
            .and_then(Value::as_u64)
            .and_then(|status| u16::try_from(status).ok())
            .and_then(|status| StatusCode::from_u16(status).ok())
            .ok_or_else(|| SpecError::new("an error of the catalogue has no status"))?;
        Ok(Self {
            kind: text_at(entry, "/type")?.to_owned(),
            code: text("code"),
            status,
            resolution: text("resolution"),
        })
    }
}

impl Catalogue {
    pub(crate) fn read(document: &Value) -> Result<Self, SpecError> {
        let entries = document
            .pointer("/components/schemas/Error/x-smartcar-errors")
            .and_then(Value::as_array)
            .ok_or_else(|| SpecError::new("no catalogue of errors"))?
            .iter()
            .map(Entry::read)
            .collect::<Result<_, _>>()?;
        let catalogue = Self { entries };
        for pair in USED {
            if catalogue.entry(pair).is_none() {
                let (kind, code) = (pair.0, pair.1.unwrap_or("null"));
                return Err(SpecError::new(format!("no error {kind} with code {code}")));
            }
        }
        Ok(catalogue)
    }

    fn entry(&self, (kind, code): Pair) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| entry.kind == kind && entry.code.as_deref() == code)
    }

    /// The error object with its status.
    pub(crate) fn answer(&self, fault: Fault, request_id: &str) -> Answer {
        let entry = self
            .entry(fault.pair)
            .expect("every pair in use is checked at start-up");
        let status = fault.status.unwrap_or(entry.status);
        let mut body = Map::new();
        body.insert("type".into(), json!(entry.kind));
        body.insert("code".into(), json!(entry.code));
        body.insert("description".into(), json!(fault.description));
        body.insert("docURL".into(), json!(doc_url(entry)));
        body.insert("statusCode".into(), json!(status.as_u16()));
        body.insert("requestId".into(), json!(request_id));
        let resolution = entry.resolution.as_ref().map(|kind| json!({"type": kind}));
        body.insert("resolution".into(), json!(resolution));
        if !fault.detail.is_empty() {
            let detail = fault.detail.into_iter();
            let detail = detail.map(|one| json!({"field": one.field, "message": one.message}));
            body.insert("detail".into(), detail.collect());
        }
        Answer {
            status,
            headers: fault.headers,
            body: Value::Object(body),
        }
    }
}

/// The documentation's page of an error; the type names it, with one exception.
fn doc_url(entry: &Entry) -> String {
    let dashed = |name: &str| name.to_lowercase().replace('_', "-");
    let page = match entry.kind.as_str() {
        "RESOURCE_NOT_FOUND" => "resource".to_owned(),
        kind => dashed(kind),
    };
    let code = entry.code.as_deref().map_or("null".to_owned(), dashed);
    format!("https://smartcar.com/docs/errors/api-errors/{page}-errors#{code}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    fn answer(fault: Fault) -> Answer {
        Spec::embedded().unwrap().catalogue.answer(fault, "id-1")
    }

    #[test]
    fn the_object_has_every_member_that_clients_read() {
        let answer = answer(Fault::permission("read_odometer"));
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let expected = json!({
            "type": "PERMISSION",
            "code": null,
            "description": "The access token lacks the permission read_odometer.",
            "docURL": "https://smartcar.com/docs/errors/api-errors/permission-errors#null",
            "statusCode": 403,
            "requestId": "id-1",
            "resolution": {"type": "REAUTHENTICATE"},
        });
        assert_eq!(answer.body, expected);
    }

    #[test]
    fn the_page_of_a_missing_resource_has_a_shorter_name() {
        let body = answer(Fault::version("v2.0")).body;
        let url = "https://smartcar.com/docs/errors/api-errors/resource-errors#version";
        assert_eq!(body["docURL"], url);
        assert_eq!(body["resolution"], Value::Null);
    }

    #[test]
    fn statuses_that_only_http_knows_replace_the_catalogue() {
        let answer = answer(Fault::too_large(10));
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(answer.body["statusCode"], 413);
        assert_eq!(answer.body["type"], "VALIDATION");
    }

    #[test]
    fn details_are_bounded() {
        let many = vec![Detail::new(["requests"], "is wrong"); 1_000];
        let body = answer(Fault::validation(many)).body;
        assert_eq!(body["detail"].as_array().unwrap().len(), MAX_DETAILS);
        assert_eq!(
            body["detail"][0],
            json!({"field": ["requests"], "message": "is wrong"})
        );
    }

    #[test]
    fn a_catalogue_without_a_pair_in_use_is_refused() {
        let document = json!({"components": {"schemas": {"Error": {"x-smartcar-errors": [
            {"type": "AUTHENTICATION", "code": null, "status": 401, "resolution": null},
        ]}}}});
        let error = Catalogue::read(&document).unwrap_err().to_string();
        assert_eq!(error, "no error PERMISSION with code null");
    }
}
