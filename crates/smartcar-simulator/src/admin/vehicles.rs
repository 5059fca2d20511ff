//! The listed vehicles, and how they are changed.
//!
//! Invariant: a change that is refused changes nothing.

use bytes::Bytes;
use http::StatusCode;
use hyper::body::Body;
use serde_json::{Value, json};

use super::outcome::{Outcome, created, good, read, refused, wrong_method};
use crate::app::App;
use crate::dashboard;
use crate::known;
use crate::nearest::hint;
use crate::request;
use crate::world::change::Change;
use crate::world::vehicle::SimulatedVehicle;

/// Lists them.
pub(super) fn list(app: &App) -> Value {
    json!({"vehicles": dashboard::state(app)["vehicles"].take()})
}

/// Adds a vehicle, which starts now.
pub(super) fn add(app: &App, new: &SimulatedVehicle) -> Outcome {
    known::permissions(new.granted()).map_err(refused)?;
    let now = app.clock.now();
    app.change_world(|world| world.add_at(new, now))
        .map_err(refused)?;
    Ok(created(json!({"id": new.id()})))
}

/// Changes or removes a vehicle.
pub(super) async fn change<B>(app: &App, method: &str, id: &str, body: B) -> Outcome
where
    B: Body<Data = Bytes> + Unpin,
{
    let (id, now) = (request::unescape(id), app.clock.now());
    let listed = app.world();
    let is_listed = listed.ids().contains(&id);
    match method {
        "PATCH" if is_listed || !listed.is_closed() => {
            let change: Change = read(body).await?;
            known::permissions(change.named()).map_err(refused)?;
            let all = &app.spec.permissions;
            app.change_world(|world| world.change(&id, &change, all, now))
                .map_err(refused)?;
            Ok(good(app.world().snapshot(&id, now).unwrap_or_default()))
        }
        "DELETE" if is_listed => {
            app.change_world(|world| Ok::<_, String>(world.remove(&id)))
                .map_err(refused)?;
            Ok(good(json!({"removed": 1})))
        }
        "PATCH" | "DELETE" => {
            let hint = hint(&id, listed.ids().iter().map(String::as_str));
            Err((
                StatusCode::NOT_FOUND,
                format!("the vehicle `{id}` is not listed{hint}"),
            ))
        }
        _ => Err(wrong_method()),
    }
}
