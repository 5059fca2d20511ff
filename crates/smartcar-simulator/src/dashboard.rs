//! The whole simulation as one object, for the page.
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
