//! The API's error object, the same for a response and a batch item, and that of
//! version 3.
//!
//! Invariant: every error body of the server is built here. Its type, code, status
//! and resolution come from an entry of the spec's error catalogue.

use http::StatusCode;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::document::SpecError;
use crate::errors::{Pair, Refusal, USED, USED_V3};

/// The codes of the errors whose resolution has a URL.
const WITH_URL: [&str; 2] = ["AUTHENTICATION_FAILED", "VIRTUAL_KEY_REQUIRED"];
/// The error types without a message for the vehicle's owner.
const WITHOUT_USER_MESSAGE: [&str; 4] =
    ["AUTHENTICATION", "BILLING", "COMPATIBILITY", "PERMISSION"];

/// The v2.0 errors that have another code in version 3.
const RECODED: [(Pair, Pair); 1] = [(
    ("AUTHENTICATION", None),
    ("AUTHENTICATION", Some("UNAUTHORIZED")),
)];
#[derive(Debug)]
pub(crate) struct Catalogue {
    entries: Vec<Entry>,
    form: Form,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// One object, as in v2.0.
    Object,
    /// A list of objects, as in version 3.
    List,
}

/// An error as listed in the spec.
#[derive(Debug, Clone, Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
    #[serde(deserialize_with = "status")]
    status: StatusCode,
    resolution: Option<String>,
    #[serde(default)]
    description: String,
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StatusCode, D::Error> {
    let status = u16::deserialize(deserializer)?;
    StatusCode::from_u16(status).map_err(de::Error::custom)
}

impl Entry {
    fn pair(&self) -> (&str, Option<&str>) {
        (&self.kind, self.code.as_deref())
    }
}

fn entries(document: &Value) -> Result<Vec<Entry>, SpecError> {
    let entries = document
        .pointer("/components/schemas/Error/x-smartcar-errors")
        .ok_or_else(|| SpecError::new("the error catalogue is missing"))?;
    Vec::deserialize(entries).map_err(|error| SpecError::new(format!("error catalogue: {error}")))
}

impl Catalogue {
    pub(crate) fn read(document: &Value) -> Result<Self, SpecError> {
        Self::checked(entries(document)?, Form::Object, USED)
    }

    /// The catalogue of version 3: its own errors, and those of v2.0 that have the
    /// same code there.
    pub(crate) fn read_v3(document: &Value, v2: &Self) -> Result<Self, SpecError> {
        let mut entries = entries(document)?;
        let kept = v2.entries.iter().filter(|entry| {
            let pair = entry.pair();
            !RECODED.iter().any(|(from, _)| *from == pair)
        });
        entries.extend(kept.cloned());
        Self::checked(entries, Form::List, &[USED, USED_V3].concat())
    }

    fn checked(entries: Vec<Entry>, form: Form, used: &[Pair]) -> Result<Self, SpecError> {
        let catalogue = Self { entries, form };
        for &(kind, code) in used {
            if catalogue.entry(kind, code).is_none() {
                let code = code.unwrap_or("null");
                return Err(SpecError::new(format!("no error {kind} with code {code}")));
            }
        }
        Ok(catalogue)
    }

    fn entry(&self, kind: &str, code: Option<&str>) -> Option<&Entry> {
        let recoded = RECODED.iter().find(|(from, _)| *from == (kind, code));
        let pair = match recoded {
            Some((_, to)) if self.form == Form::List => *to,
            _ => (kind, code),
        };
        self.entries.iter().find(|entry| entry.pair() == pair)
    }

    pub(crate) fn knows(&self, kind: &str, code: Option<&str>) -> bool {
        let entry = self.entry(kind, code);
        entry.is_some_and(|entry| entry.code.as_deref() == code)
    }

    /// The refusal for an error of this type and code, with the description from
    /// the spec.
    pub(crate) fn refusal(&self, kind: &str, code: Option<&str>) -> Option<Refusal> {
        let entry = self.entry(kind, code)?;
        Some(Refusal::named(kind, code, entry.description.as_str()))
    }

    /// The type and code of all errors, in the spec's order.
    #[cfg(test)]
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let entries = self.entries.iter();
        entries.map(|entry| (entry.kind.as_str(), entry.code.as_deref()))
    }

    /// The status of a signal that has an error.
    pub(crate) fn refused_signal(&self, refusal: &Refusal) -> Value {
        let error = about(self.of(refusal), &refusal.description);
        json!({"value": "ERROR", "error": error})
    }

    /// The error response for a refusal.
    pub(crate) fn answer(&self, refusal: Refusal, request_id: &str) -> Answer {
        let entry = self.of(&refusal);
        let status = refusal.status.unwrap_or(entry.status);
        let body = match self.form {
            Form::Object => object(entry, &refusal, status, request_id),
            Form::List => json!({"errors": [listed(entry, &refusal, status, request_id)]}),
        };
        Answer {
            headers: refusal.headers.into_iter().collect(),
            ..Answer::new(status, &body)
        }
    }

    fn of(&self, refusal: &Refusal) -> &Entry {
        self.entry(&refusal.kind, refusal.code.as_deref())
            .expect("every pair in use is checked at start-up")
    }
}

fn object(entry: &Entry, refusal: &Refusal, status: StatusCode, request_id: &str) -> Value {
    let mut body = json!({
        "type": entry.kind,
        "code": entry.code,
        "description": refusal.description,
        "docURL": doc_url(entry),
        "statusCode": status.as_u16(),
        "requestId": request_id,
        "resolution": resolution(entry),
    });
    if let Some(message) = user_message(entry) {
        body["suggestedUserMessage"] = json!(message);
    }
    if !refusal.detail.is_empty() {
        body["detail"] = json!(refusal.detail);
    }
    body
}

/// The single entry of version 3's error list.
fn listed(entry: &Entry, refusal: &Refusal, status: StatusCode, request_id: &str) -> Value {
    let mut text = refusal.description.clone();
    for one in &refusal.detail {
        let name = |name: &Value| name.as_str().map_or(name.to_string(), str::to_owned);
        let field: Vec<_> = one.field.iter().map(name).collect();
        text.push_str(&format!(" {} {}.", field.join("."), one.message));
    }
    let mut error = about(entry, &text);
    error["status"] = json!(status.as_str());
    error["links"] = json!({"about": doc_url(entry)});
    error["meta"] = json!({"debug": {"requestId": request_id}});
    if let Some(message) = user_message(entry) {
        error["suggestedUserMessage"] = json!(message);
    }
    error
}

/// The members that version 3 uses for errors of requests and of signals.
fn about(entry: &Entry, detail: &str) -> Value {
    let mut error = json!({
        "type": entry.kind,
        "code": entry.code,
        "title": title(entry),
        "detail": detail,
    });
    if let Some(kind) = &entry.resolution {
        error["resolution"] = json!({"type": kind});
    }
    error
}

/// The words of the code, or of the type if there is no code.
fn title(entry: &Entry) -> String {
    let name = entry.code.as_ref().unwrap_or(&entry.kind);
    let (first, rest) = name.split_at(name.len().min(1));
    format!("{first}{}", rest.to_lowercase().replace('_', " "))
}

fn resolution(entry: &Entry) -> Value {
    let Some(kind) = &entry.resolution else {
        return Value::Null;
    };
    let has_url = |code: &str| WITH_URL.contains(&code);
    if entry.code.as_deref().is_some_and(has_url) {
        json!({"type": kind, "url": "https://example.com/resolve"})
    } else {
        json!({"type": kind})
    }
}

/// The message for the vehicle's owner. The API's own messages are not documented
/// for each error, so they are derived from the resolution.
fn user_message(entry: &Entry) -> Option<&'static str> {
    // One code is an exception in its type.
    if WITHOUT_USER_MESSAGE.contains(&entry.kind.as_str())
        || entry.code.as_deref() == Some("PERMISSION")
    {
        return None;
    }
    Some(match entry.resolution.as_deref() {
        Some("RETRY_LATER") => "Please try again in a few minutes.",
        Some("REAUTHENTICATE") => "Please connect your vehicle again.",
        Some(_) => "Please contact us for help.",
        None => "This is not possible at the moment.",
    })
}

/// The documentation URL of an error. It is derived from the type, with one
/// exception.
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
mod tests;
