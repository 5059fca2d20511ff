//! The simulated clock.
//!
//! Invariant: time does not run backwards.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::outcome::{Outcome, good, refused};
use crate::app::App;
use crate::clock;

/// The time and the speed.
pub(super) fn time(app: &App) -> Value {
    json!({"now": app.clock.now().to_string(), "speed": app.clock.speed()})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    advance_seconds: Option<f64>,
    speed: Option<f64>,
}

/// Moves the clock, or changes its speed.
pub(super) fn change(app: &App, change: &Change) -> Outcome {
    if change.advance_seconds.is_none() && change.speed.is_none() {
        return Err(refused("give `advance_seconds`, `speed` or both"));
    }
    let advance = change.advance_seconds.map(Duration::try_from_secs_f64);
    let advance = advance
        .transpose()
        .map_err(|_| refused("`advance_seconds` must be a number of seconds, 0 or more"))?;
    if let Some(speed) = change.speed {
        clock::check_speed("speed", speed).map_err(refused)?;
        app.clock.set_speed(speed);
        app.webhooks.wake();
    }
    if let Some(duration) = advance {
        app.clock.advance(duration);
        app.webhooks.wake();
    }
    Ok(good(time(app)))
}
