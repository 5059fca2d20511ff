//! The whole simulation as one object, for the page, and as a scenario.
//!
//! Invariant: no token and no secret is in it.

use serde_json::{Value, json};

use crate::app::App;
use crate::fault::active::FaultId;

/// The most vehicles and deliveries that are shown.
const MOST: usize = 100;

/// What the page shows.
pub(crate) fn state(app: &App) -> Value {
    let (world, now) = (app.world(), app.clock.now());
    let ids = world.ids();
    let shown = ids.iter().take(MOST);
    let vehicles: Vec<Value> = shown
        .map(|id| world.snapshot(id, now).unwrap_or_else(|| json!({"id": id})))
        .collect();
    let faults = app.faults();
    let unmatched = faults.unmatched();
    let all = faults.all().into_iter().map(|(FaultId(id), fault)| {
        let unmatched = unmatched.iter().find(|it| it.id == FaultId(id));
        let near_misses = unmatched.map(|it| it.near_misses);
        json!({"id": id, "fault": fault, "never_struck": unmatched.is_some(), "near_misses": near_misses})
    });
    let all: Vec<Value> = all.collect();
    drop(faults);
    let deliveries = app.webhooks.newest_deliveries(MOST);
    let deliveries = deliveries.iter().map(|it| {
        json!({
            "id": it.delivery_id, "event_type": it.event_type, "vehicle": it.vehicle,
            "attempt": it.attempt, "at": it.at, "status": it.status, "faults": it.faults,
            "bytes": it.body.len(),
        })
    });
    json!({
        "now": now.to_string(),
        "speed": app.clock.speed(),
        "seed": world.seed(),
        "only_known_vehicles": world.is_closed(),
        "vehicles": vehicles,
        "vehicles_in_all": ids.len(),
        "permissions": app.spec.permissions,
        "limits": app.limits().to_string(),
        "left": app.left(ids),
        "faults": all,
        "webhooks": app.webhooks.known(),
        "deliveries": deliveries.collect::<Vec<_>>(),
        "repeats": app.webhooks.repeats(),
        "newest": app.log().newest(),
    })
}

/// The simulation as it is now, as a scenario in TOML.
pub(crate) fn scenario(app: &App) -> String {
    let (world, now) = (app.world(), app.clock.now());
    let mut text = format!(
        "# Saved from a running simulator.\nseed = {}\nstart_at = {now}\nclock_speed = {:?}\n",
        world.seed(),
        app.clock.speed()
    );
    if world.is_closed() {
        text.push_str("only_known_vehicles = true\n");
    }
    text.push_str(&app.limits().in_toml());
    for vehicle in world.declarations(now) {
        text.push_str(&table("vehicles", &vehicle));
    }
    for (_, fault) in app.faults().all() {
        let fault = serde_json::to_value(fault).unwrap_or_default();
        text.push_str(&table("faults", &fault));
    }
    text
}

/// A table of a list. A value with a null, which TOML does not have, is written as JSON
/// text.
fn table(name: &str, members: &Value) -> String {
    let mut text = format!("\n[[{name}]]\n");
    for (key, value) in members.as_object().into_iter().flatten() {
        text.push_str(&match in_toml(value) {
            Some(value) => format!("{key} = {value}\n"),
            None => format!("{key}_json = {}\n", Value::from(value.to_string())),
        });
    }
    text
}

/// A value in TOML: as in JSON, except tables. `None` if it has a null.
fn in_toml(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| {
                let key = Value::from(key.as_str());
                Some(format!("{key} = {}", in_toml(value)?))
            });
            format!("{{{}}}", members.collect::<Option<Vec<_>>>()?.join(", "))
        }
        Value::Array(entries) => {
            let entries: Option<Vec<_>> = entries.iter().map(in_toml).collect();
            format!("[{}]", entries?.join(", "))
        }
        other => other.to_string(),
    })
}
