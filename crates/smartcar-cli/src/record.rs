//! Recordings of raw responses, for `cargo xtask audit`.
//!
//! Invariant: tokens and keys are never written. Places, VINs and what else the specs
//! mark as personal are written only if that was asked for.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};
use smartcar_batch::bytes::Bytes;
use smartcar_batch::http;

use crate::environment::Refusal;
use crate::output;
use crate::tap::{Asked, Watcher};

/// The members that the specs mark as personal.
const PERSONAL: [&str; 9] = [
    "address",
    "atHome",
    "email",
    "externalId",
    "latitude",
    "location",
    "longitude",
    "nickname",
    "vin",
];
/// The signals whose value is personal.
const PERSONAL_SIGNALS: [&str; 3] = [
    "location-isathome",
    "vehicleidentification-nickname",
    "vehicleidentification-vin",
];
const VIN_LENGTH: usize = 17;
const REDACTED: &str = "redacted";

// No doc comment: it would replace the command's.
#[derive(Debug, clap::Args)]
pub(crate) struct Record {
    /// Append the raw responses to this file, one JSON object per line. Tokens and keys are never written
    #[arg(long = "record", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Write places, VINs and other personal data into the recording, too
    #[arg(long = "record-personal", requires = "file")]
    personal: bool,
}

/// Writes responses to a file.
pub(crate) struct Recorder {
    file: Mutex<File>,
    with_personal: bool,
}

impl Record {
    /// Opens the file, if there is one. An existing file is never truncated.
    pub(crate) fn open(&self) -> Result<Option<Recorder>, Refusal> {
        let Some(path) = &self.file else {
            return Ok(None);
        };
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.map_err(|error| Refusal {
            message: format!("cannot write {}: {error}", path.display()),
            cure: None,
        })?;
        Ok(Some(Recorder {
            file: Mutex::new(file),
            with_personal: self.personal,
        }))
    }
}

impl Recorder {
    /// Writes a verified delivery.
    pub(crate) fn delivery(&self, body: &[u8]) {
        self.write(&json!({"headers": {}, "body": self.body(body, "")}));
    }

    fn body(&self, body: &[u8], path: &str) -> Value {
        match serde_json::from_slice(body) {
            Ok(body) if self.with_personal => body,
            Ok(mut body) => {
                // A single signal may have no envelope.
                let code = path.rsplit('/').next().unwrap_or_default();
                redact(&mut body, false, PERSONAL_SIGNALS.contains(&code));
                body
            }
            // A proxy's page may have anything in it.
            Err(_) if self.with_personal => String::from_utf8_lossy(body).into(),
            Err(_) => Value::Null,
        }
    }

    fn write(&self, line: &Value) {
        let line = format!("{line}\n");
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // One call, so that lines of several processes do not mix.
        if let Err(error) = file.write_all(line.as_bytes()) {
            output::complain("warning", &format!("cannot write the recording: {error}"));
        }
    }
}

impl Watcher for Recorder {
    fn see(&self, asked: &Asked, response: &http::Response<Bytes>) {
        if asked.path.ends_with("/token") {
            return;
        }
        let mut headers = Map::new();
        for (name, value) in response.headers() {
            let name = name.as_str();
            let is_ours =
                name.starts_with("sc-") || name == "retry-after" || name.contains("ratelimit");
            if let Some(value) = value.to_str().ok().filter(|_| is_ours) {
                headers.insert(name.to_owned(), value.into());
            }
        }
        let method = asked.method.as_str();
        let body = self.body(response.body(), &asked.path);
        // The path has the vehicle's ID, so only what is asked of it is written.
        let path = template(&asked.path);
        self.write(&json!({
            "method": method,
            "path": path,
            "status": response.status().as_u16(),
            "headers": headers,
            "body": body,
        }));
    }
}

/// A path without the IDs of vehicles and resources.
fn template(path: &str) -> String {
    let mut segments: Vec<_> = path.split('/').collect();
    let lists = ["vehicles", "connections", "webhooks", "subscriptions"];
    for place in 1..segments.len() {
        if lists.contains(&segments[place - 1]) {
            segments[place] = "{id}";
        }
    }
    segments.join("/")
}

/// Replaces personal values by others of the same type. `of_signal`: whether a member
/// `value` is personal.
fn redact(value: &mut Value, is_personal: bool, of_signal: bool) {
    match value {
        Value::Object(members) => {
            let text = |name: &str| members.get(name).and_then(Value::as_str);
            let code = text("code")
                .or_else(|| text("id"))
                .map(str::to_ascii_lowercase);
            let named = code.is_some_and(|code| PERSONAL_SIGNALS.contains(&code.as_str()));
            let of_signal = of_signal || named;
            // The name of a place.
            let is_place = members.contains_key("latitude") || members.contains_key("address");
            for (name, value) in members.iter_mut() {
                let is_value = name == "value" && of_signal && !value.is_object();
                let is_name = name == "name" && is_place;
                let is_member = PERSONAL.contains(&name.as_str()) && !value.is_object();
                redact(
                    value,
                    is_value || is_name || is_member,
                    of_signal && name != "status",
                );
            }
        }
        Value::Array(values) => {
            let values = values.iter_mut();
            values.for_each(|value| redact(value, is_personal, of_signal));
        }
        Value::String(text) if is_personal || is_vin(text) => REDACTED.clone_into(text),
        Value::Number(number) if is_personal => {
            *value = if number.is_f64() {
                json!(0.5)
            } else {
                json!(0)
            };
        }
        Value::Bool(flag) if is_personal => *flag = false,
        _ => {}
    }
}

fn is_vin(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    text.len() == VIN_LENGTH
        && text.bytes().all(is_part)
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_values_keep_their_types_only() {
        let mut body = json!({"responses": [
            {"path": "/location", "code": 200, "body": {"latitude": 37.1, "longitude": -122.2}},
            {"path": "/vin", "body": {"vin": "5YJ3E1EA7KF317000"}},
            {"path": "/odometer", "body": {"distance": 12.5, "note": "5YJ3E1EA7KF317000"}},
        ]});
        redact(&mut body, false, false);
        let expected = json!({"responses": [
            {"path": "/location", "code": 200, "body": {"latitude": 0.5, "longitude": 0.5}},
            {"path": "/vin", "body": {"vin": "redacted"}},
            {"path": "/odometer", "body": {"distance": 12.5, "note": "redacted"}},
        ]});
        assert_eq!(body, expected);
        let mut signal = json!({"data": [{"id": "vehicleidentification-vin", "attributes": {
            "code": "vehicleidentification-vin", "status": {"value": "SUCCESS"},
            "body": {"value": "short"}}}]});
        redact(&mut signal, false, false);
        assert_eq!(signal["data"][0]["attributes"]["body"]["value"], "redacted");
        assert_eq!(
            signal["data"][0]["attributes"]["status"]["value"],
            "SUCCESS"
        );
        assert_eq!(
            template("/v3/vehicles/car-1/signals"),
            "/v3/vehicles/{id}/signals"
        );
    }
}
