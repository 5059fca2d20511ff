//! The API's error object, outer and in an item alike, and the one of version 3.
//!
//! Invariant: every error body of the server is built here, and its type, code,
//! status and resolution are an entry of the description's catalogue.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::errors::{Detail, Pair, Refusal, USED, USED_V3};
use crate::spec::{SpecError, text_at};

/// The errors whose resolution has an address, by their code.
const WITH_URL: [&str; 2] = ["AUTHENTICATION_FAILED", "VIRTUAL_KEY_REQUIRED"];
/// The types of error that have nothing to say to the owner of a vehicle.
const WITHOUT_USER_MESSAGE: [&str; 4] =
    ["AUTHENTICATION", "BILLING", "COMPATIBILITY", "PERMISSION"];

/// The pairs of v2.0 that have a code on version 3.
const RECODED: [(Pair, Pair); 1] = [(
    ("AUTHENTICATION", None),
    ("AUTHENTICATION", Some("UNAUTHORIZED")),
)];

/// The documented errors.
#[derive(Debug)]
pub(crate) struct Catalogue {
    entries: Vec<Entry>,
    form: Form,
}

/// How an error is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// One object, as in v2.0.
    Object,
    /// A list of objects, as in version 3.
    List,
}

#[derive(Debug, Clone)]
struct Entry {
    kind: String,
    code: Option<String>,
    status: StatusCode,
    resolution: Option<String>,
    description: String,
}

impl Entry {
    fn pair(&self) -> (&str, Option<&str>) {
        (&self.kind, self.code.as_deref())
    }

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
            description: text("description").unwrap_or_default(),
        })
    }
}

fn entries(document: &Value) -> Result<Vec<Entry>, SpecError> {
    document
        .pointer("/components/schemas/Error/x-smartcar-errors")
        .and_then(Value::as_array)
        .ok_or_else(|| SpecError::new("no catalogue of errors"))?
        .iter()
        .map(Entry::read)
        .collect()
}

impl Catalogue {
    pub(crate) fn read(document: &Value) -> Result<Self, SpecError> {
        Self::checked(entries(document)?, Form::Object, &USED)
    }

    /// That of version 3: its own errors, and those of v2.0 but for what has
    /// another code.
    pub(crate) fn read_v3(document: &Value, v2: &Self) -> Result<Self, SpecError> {
        let mut entries = entries(document)?;
        let kept = v2.entries.iter().filter(|entry| {
            let recoded = |(from, _): &(Pair, Pair)| *from == entry.pair();
            !RECODED.iter().any(recoded)
        });
        entries.extend(kept.cloned());
        Self::checked(entries, Form::List, &[&USED[..], &USED_V3].concat())
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

    /// What the description says of an error, if the catalogue has it.
    pub(crate) fn description(&self, kind: &str, code: &str) -> Option<&str> {
        let entry = self.entry(kind, Some(code))?;
        Some(&entry.description)
    }

    /// The names of all errors, in the description's order.
    #[cfg(test)]
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let entries = self.entries.iter();
        entries.map(|entry| (entry.kind.as_str(), entry.code.as_deref()))
    }

    /// The error of this name, worded as the description does.
    pub(crate) fn named(&self, kind: &str, code: Option<&str>, request_id: &str) -> Option<Answer> {
        let entry = self.entry(kind, code)?;
        let body = self.body(entry, entry.status, &entry.description, &[], request_id);
        Some(Answer::new(entry.status, &body))
    }

    /// The status of a signal that failed with the error of this name.
    pub(crate) fn in_signal(&self, kind: &str, code: Option<&str>) -> Option<Value> {
        let entry = self.entry(kind, code)?;
        Some(in_signal(entry, &entry.description))
    }

    /// The status of a signal that is refused.
    pub(crate) fn refused_signal(&self, refusal: &Refusal) -> Value {
        let entry = self.of(refusal);
        in_signal(entry, &refusal.description)
    }

    fn of(&self, refusal: &Refusal) -> &Entry {
        self.entry(&refusal.kind, refusal.code.as_deref())
            .expect("every pair in use is checked at start-up")
    }

    fn body(
        &self,
        entry: &Entry,
        status: StatusCode,
        description: &str,
        detail: &[Detail],
        request_id: &str,
    ) -> Value {
        if self.form == Form::List {
            return list(entry, status, description, detail, request_id);
        }
        let mut body = object(entry, status, description, request_id);
        if !detail.is_empty() {
            let detail = detail.iter();
            let detail = detail.map(|one| json!({"field": one.field, "message": one.message}));
            body.insert("detail".into(), detail.collect());
        }
        Value::Object(body)
    }

    /// The error object of a refusal, with its status.
    pub(crate) fn answer(&self, refusal: Refusal, request_id: &str) -> Answer {
        let entry = self.of(&refusal);
        let status = refusal.status.unwrap_or(entry.status);
        let (description, detail) = (&refusal.description, &refusal.detail);
        let body = self.body(entry, status, description, detail, request_id);
        Answer {
            headers: refusal.headers,
            ..Answer::new(status, &body)
        }
    }
}

fn object(
    entry: &Entry,
    status: StatusCode,
    description: &str,
    request_id: &str,
) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("type".into(), json!(entry.kind));
    body.insert("code".into(), json!(entry.code));
    body.insert("description".into(), json!(description));
    body.insert("docURL".into(), json!(doc_url(entry)));
    body.insert("statusCode".into(), json!(status.as_u16()));
    body.insert("requestId".into(), json!(request_id));
    body.insert("resolution".into(), resolution(entry));
    if let Some(message) = user_message(entry) {
        body.insert("suggestedUserMessage".into(), json!(message));
    }
    body
}

/// The list of version 3, always of one.
fn list(
    entry: &Entry,
    status: StatusCode,
    description: &str,
    detail: &[Detail],
    request_id: &str,
) -> Value {
    let mut text = description.to_owned();
    for one in detail {
        let name = |name: &Value| name.as_str().map_or(name.to_string(), str::to_owned);
        let field: Vec<_> = one.field.iter().map(name).collect();
        text.push_str(&format!(" {} {}.", field.join("."), one.message));
    }
    let mut error = about(entry, &text);
    error.insert("status".into(), json!(status.as_str()));
    error.insert("links".into(), json!({"about": doc_url(entry)}));
    error.insert("meta".into(), json!({"debug": {"requestId": request_id}}));
    if let Some(message) = user_message(entry) {
        error.insert("suggestedUserMessage".into(), json!(message));
    }
    json!({"errors": [error]})
}

fn in_signal(entry: &Entry, description: &str) -> Value {
    json!({"value": "ERROR", "error": about(entry, description)})
}

/// What version 3 says of an error of a request and of a signal alike.
fn about(entry: &Entry, detail: &str) -> Map<String, Value> {
    let mut error = Map::new();
    error.insert("type".into(), json!(entry.kind));
    error.insert("code".into(), json!(entry.code));
    error.insert("title".into(), json!(title(entry)));
    error.insert("detail".into(), json!(detail));
    if let Some(kind) = &entry.resolution {
        error.insert("resolution".into(), json!({"type": kind}));
    }
    error
}

/// The words of the code, or of the type where there is none.
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

/// What a car's owner may be told. The API's own words are not documented for
/// each error, so they follow from what resolves it.
fn user_message(entry: &Entry) -> Option<&'static str> {
    // One code is an exception within its type.
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
#[path = "catalogue_tests.rs"]
mod tests;
