//! The body of an event, in the usual form or in an irregular one.
//!
//! Invariant: a form changes how a delivery is written and not what it says, except
//! where its name says otherwise.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::fault::WebhookForm;

/// An event before it is written.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) vehicle: Option<String>,
    pub(crate) data: Value,
    pub(crate) triggers: Vec<Value>,
    pub(crate) is_test: bool,
    pub(crate) sequence: u64,
}

/// What each attempt adds.
pub(crate) struct Attempt<'a> {
    pub(crate) delivery_id: &'a str,
    pub(crate) webhook: &'a str,
    pub(crate) at: Timestamp,
}

impl Event {
    /// The body of one attempt.
    pub(crate) fn write(&self, attempt: &Attempt<'_>, forms: &[WebhookForm]) -> String {
        let mut body = json!({
            "eventId": self.id,
            "eventType": self.kind,
            "data": self.data,
            "meta": {
                "version": "4.0",
                "webhookId": attempt.webhook,
                "webhookName": "Simulator",
                "deliveryId": attempt.delivery_id,
                "deliveredAt": attempt.at.as_millisecond(),
            },
        });
        if self.kind != "VERIFY" {
            let mode = if self.is_test { "TEST" } else { "LIVE" };
            body["meta"]["mode"] = mode.into();
            body["meta"]["sequence"] = self.sequence.into();
        }
        if self.kind == "VEHICLE_STATE" {
            let count = self.data["signals"].as_array().map_or(0, Vec::len);
            body["meta"]["signalCount"] = count.into();
            body["triggers"] = self.triggers.clone().into();
        }
        for form in forms {
            change(&mut body, *form, attempt.at);
        }
        if forms.contains(&WebhookForm::Spaced) {
            return spaced(&body);
        }
        body.to_string()
    }
}

fn signals(body: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let signals = body["data"]
        .get_mut("signals")
        .and_then(Value::as_array_mut);
    signals
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
}

fn is_good(signal: &Map<String, Value>) -> bool {
    signal
        .get("status")
        .is_some_and(|it| it["value"] == "SUCCESS")
}

fn change(body: &mut Value, form: WebhookForm, at: Timestamp) {
    match form {
        WebhookForm::TriggersInData => {
            if let Some(triggers) = body.as_object_mut().and_then(|it| it.remove("triggers")) {
                let list = triggers.as_array().cloned().unwrap_or_default();
                let list = list
                    .into_iter()
                    .map(|it| it.get("signal").cloned().unwrap_or(it));
                body["data"]["triggers"] = list.collect();
            }
        }
        WebhookForm::TriggerText => {
            let list = body.get_mut("triggers").and_then(Value::as_array_mut);
            for trigger in list.into_iter().flatten() {
                if let Some(code) = trigger.pointer("/signal/code").cloned() {
                    trigger["signal"] = code;
                }
            }
        }
        WebhookForm::FetchedAt => each_meta(body, |meta| {
            if let Some(time) = meta.remove("retrievedAt") {
                meta.insert("fetchedAt".to_owned(), time);
            }
        }),
        WebhookForm::IsoTimes => each_meta(body, |meta| {
            for time in meta.values_mut() {
                let iso = time
                    .as_i64()
                    .and_then(|it| Timestamp::from_millisecond(it).ok());
                if let Some(iso) = iso {
                    *time = format!("{iso:.3}").into();
                }
            }
        }),
        WebhookForm::ZeroTimes => each_meta(body, |meta| {
            meta.values_mut().for_each(|time| *time = 0.into());
        }),
        WebhookForm::EmptyMeta => each_meta(body, Map::clear),
        WebhookForm::NoStatus => signals(body).filter(|it| is_good(it)).for_each(|signal| {
            signal.remove("status");
        }),
        WebhookForm::StatusText => signals(body).filter(|it| is_good(it)).for_each(|signal| {
            signal.insert("status".to_owned(), "SUCCESS".into());
        }),
        WebhookForm::UnknownStatus => {
            if let Some(signal) = signals(body).find(|it| is_good(it)) {
                signal.insert("status".to_owned(), json!({"value": "UNKNOWN"}));
            }
        }
        WebhookForm::SignalMap => {
            let map: Map<String, Value> = signals(body)
                .map(|signal| {
                    let mut signal = signal.clone();
                    signal.remove("code");
                    let text = |name: &str| signal[name].as_str().unwrap_or_default().to_owned();
                    let key = format!("{}.{}", text("group"), text("name"));
                    (key, Value::Object(signal))
                })
                .collect();
            if body["data"].get("signals").is_some() {
                body["data"]["signals"] = map.into();
            }
        }
        WebhookForm::WrappedValues => {
            for (code, name) in [("closure-doors", "doors"), ("closure-windows", "windows")] {
                let mut signals = signals(body);
                let signal = signals.find(|signal| signal["code"] == code);
                let inner = signal.and_then(|it| it.get_mut("body")?.as_object_mut());
                if let Some(inner) = inner
                    && let Some(values) = inner.remove("values")
                {
                    let wrapped = json!({"rowCount": 2, "columnCount": 2, (name): values});
                    inner.insert("values".to_owned(), wrapped);
                }
            }
        }
        WebhookForm::VehicleIdOutside => {
            let vehicle = body["data"]
                .get_mut("vehicle")
                .and_then(Value::as_object_mut);
            if let Some(id) = vehicle.and_then(|it| it.remove("id")) {
                body["vehicleId"] = id;
            }
        }
        WebhookForm::NoVersion => remove(body, "/meta", "version"),
        WebhookForm::NoPowertrain => {
            if let Some(vehicle) = body["data"].get_mut("vehicle") {
                vehicle["powertrainType"] = Value::Null;
            }
        }
        WebhookForm::IsoDeliveredAt => body["meta"]["deliveredAt"] = format!("{at:.3}").into(),
        WebhookForm::NoMode => remove(body, "/meta", "mode"),
        WebhookForm::Spaced => {}
    }
}

fn each_meta(body: &mut Value, change: impl Fn(&mut Map<String, Value>)) {
    for signal in signals(body) {
        if let Some(meta) = signal.get_mut("meta").and_then(Value::as_object_mut) {
            change(meta);
        }
    }
}

fn remove(body: &mut Value, pointer: &str, name: &str) {
    let members = body.pointer_mut(pointer).and_then(Value::as_object_mut);
    if let Some(members) = members {
        members.remove(name);
    }
}

/// The same JSON as a serializer with other habits writes it: indented, with `e` for
/// whole numbers of values and `/` escaped.
fn spaced(body: &Value) -> String {
    let pretty = serde_json::to_string_pretty(body).unwrap_or_default();
    let mut text = String::with_capacity(pretty.len());
    for line in pretty.lines() {
        let is_value = line.trim_start().starts_with("\"value\": ");
        let number = line.trim_end_matches(',');
        if is_value
            && number.ends_with(|digit: char| digit.is_ascii_digit())
            && !number.contains('.')
        {
            text.push_str(number);
            text.push_str(".0");
            text.push_str(&line[number.len()..]);
        } else {
            text.push_str(&line.replace('/', "\\/"));
        }
        text.push('\n');
    }
    text
}
