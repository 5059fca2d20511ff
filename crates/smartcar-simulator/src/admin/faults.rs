//! Faults of responses and of deliveries.
//!
//! Invariant: a fault that is refused is not added.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::outcome::{Outcome, Wrong, good, refused};
use crate::app::App;
use crate::fault::active::FaultId;
use crate::fault::value::Fault;
use crate::nearest::{explained, hint};
use crate::webhook::fault::WebhookFault;

/// A fault as an object, or as TOML text in `toml`.
pub(super) fn written(given: Value) -> Result<Fault, Wrong> {
    match given.get("toml").and_then(Value::as_str) {
        Some(text) => text.parse().map_err(refused),
        None => {
            serde_json::from_value(given).map_err(|error| refused(explained(&error.to_string())))
        }
    }
}

/// Ends one fault.
pub(super) fn clear(app: &App, id: &str) -> Outcome {
    let is_there = |id| app.faults().remove(FaultId(id));
    if id.parse().is_ok_and(is_there) {
        return Ok(good(json!({"cleared": 1})));
    }
    let lists = "GET /_simulator/faults lists the active faults";
    Err((
        StatusCode::NOT_FOUND,
        format!("fault {id} does not exist; {lists}"),
    ))
}

/// The faults of deliveries that the page offers.
pub(super) const WEBHOOK_KINDS: [&str; 7] = [
    "duplicate",
    "disorder",
    "wrong_signature",
    "other_key",
    "test_mode",
    "dropped",
    "vehicle_error",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delivery {
    /// The kind of a fault that strikes it.
    #[serde(default)]
    kind: Option<String>,
}

/// Delivers everything now, with a fault for the first event if one is named.
pub(super) fn deliver(app: &App, Delivery { kind }: Delivery) -> Outcome {
    if app.webhooks.known().is_empty() {
        return Err(refused(
            "there is no webhook: add one at /_simulator/webhooks",
        ));
    }
    if let Some(kind) = kind {
        let fault = json!({"kind": kind, "times": 1});
        let fault: WebhookFault = serde_json::from_value(fault).map_err(|_| {
            let hint = hint(&kind, WEBHOOK_KINDS);
            refused(format!(
                "the fault `{kind}` of deliveries is not known{hint}"
            ))
        })?;
        app.add_webhook_fault(fault).map_err(refused)?;
    }
    app.webhooks.forget_delivered();
    Ok((StatusCode::ACCEPTED, json!({})))
}
