//! What each route of the admin endpoint does.
//!
//! Invariant: every answer is a JSON object; one that says what went wrong has
//! the member `error`, with the cure, and changed nothing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::app::App;
use crate::body;
use crate::clock;
use crate::fault::active::FaultId;
use crate::fault::value::Fault;
use crate::limits::Limits;
use crate::tokens::{Grant, NewToken};

/// What can be asked: method, path, and what it does.
const ROUTES: [[&str; 3]; 12] = [
    ["GET", "/_simulator", "this list"],
    ["GET", "/_simulator/faults", "the faults that are not spent"],
    [
        "POST",
        "/_simulator/faults",
        "add a fault, such as {\"html\": 502, \"times\": 1}",
    ],
    ["DELETE", "/_simulator/faults", "end all faults"],
    ["DELETE", "/_simulator/faults/{id}", "end one fault"],
    [
        "GET",
        "/_simulator/requests",
        "what was asked, oldest first",
    ],
    ["DELETE", "/_simulator/requests", "forget what was asked"],
    [
        "GET",
        "/_simulator/clock",
        "the simulated moment and the clock's speed",
    ],
    [
        "POST",
        "/_simulator/clock",
        "{\"advance_seconds\": 60}, or {\"speed\": 1}",
    ],
    [
        "POST",
        "/_simulator/limits",
        "replace the limits, such as {\"published\": true}; {} for none",
    ],
    [
        "POST",
        "/_simulator/tokens",
        "{\"add\": {\"token\": \"t\", \"permissions\": [\"read_vin\"], \"lifetime_seconds\": 60}}, \
         or {\"expire\": \"t\"}",
    ],
    [
        "POST",
        "/_simulator/authorization_codes",
        "a code to trade at /oauth/token, such as for {\"permissions\": [\"read_vin\"]}; {} for all",
    ],
];

/// A status with a JSON object.
#[derive(Debug)]
pub(super) struct Outcome {
    status: StatusCode,
    body: Value,
}

impl Outcome {
    fn good(body: Value) -> Self {
        let status = StatusCode::OK;
        Self { status, body }
    }

    pub(super) fn error(status: StatusCode, message: &str) -> Self {
        let body = json!({"error": message});
        Self { status, body }
    }

    fn refused(message: impl fmt::Display) -> Self {
        Self::error(StatusCode::BAD_REQUEST, &message.to_string())
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        let content_type = [(CONTENT_TYPE, "application/json")];
        (self.status, content_type, self.body.to_string()).into_response()
    }
}

type Shared = State<Arc<App>>;

/// The body as what it should be; its content type does not matter.
async fn read<T: DeserializeOwned>(body: Body) -> Result<T, Outcome> {
    let bytes = body::read(body).await.map_err(|refusal| {
        let status = refusal.status.unwrap_or(StatusCode::BAD_REQUEST);
        Outcome::error(status, &refusal.description)
    })?;
    serde_json::from_slice(&bytes).map_err(Outcome::refused)
}

pub(super) async fn index() -> Outcome {
    let routes =
        ROUTES.map(|[method, path, does]| json!({"method": method, "path": path, "does": does}));
    Outcome::good(json!({"routes": routes}))
}

pub(super) async fn faults(State(app): Shared) -> Outcome {
    let faults = app.faults().all();
    let faults = faults
        .into_iter()
        .map(|(FaultId(id), fault)| json!({"id": id, "fault": fault}));
    Outcome::good(json!({"faults": faults.collect::<Value>()}))
}

pub(super) async fn add_fault(State(app): Shared, body: Body) -> Result<Outcome, Outcome> {
    let fault: Fault = read(body).await?;
    let FaultId(id) = app.add_fault(fault).map_err(Outcome::refused)?;
    Ok(Outcome {
        status: StatusCode::CREATED,
        body: json!({"id": id}),
    })
}

pub(super) async fn clear_faults(State(app): Shared) -> Outcome {
    Outcome::good(json!({"cleared": app.faults().clear()}))
}

pub(super) async fn clear_fault(State(app): Shared, Path(id): Path<String>) -> Outcome {
    let is_there = |id| app.faults().remove(FaultId(id));
    if id.parse().is_ok_and(is_there) {
        return Outcome::good(json!({"cleared": 1}));
    }
    let message =
        format!("there is no fault {id}; GET /_simulator/faults lists those that are not spent");
    Outcome::error(StatusCode::NOT_FOUND, &message)
}

pub(super) async fn requests(State(app): Shared) -> Outcome {
    Outcome::good(json!({"requests": app.requests()}))
}

pub(super) async fn clear_requests(State(app): Shared) -> Outcome {
    Outcome::good(json!({"cleared": app.records().clear()}))
}

pub(super) async fn clock(State(app): Shared) -> Outcome {
    let now = app.clock.now().to_string();
    Outcome::good(json!({"now": now, "speed": app.clock.speed()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    advance_seconds: Option<f64>,
    speed: Option<f64>,
}

pub(super) async fn set_clock(State(app): Shared, body: Body) -> Result<Outcome, Outcome> {
    let change: ClockChange = read(body).await?;
    if change.advance_seconds.is_none() && change.speed.is_none() {
        return Err(Outcome::refused("give `advance_seconds`, `speed` or both"));
    }
    let advance = change
        .advance_seconds
        .map(Duration::try_from_secs_f64)
        .transpose()
        .map_err(|_| {
            Outcome::refused("`advance_seconds` must be a number of seconds, 0 or more")
        })?;
    if let Some(speed) = change.speed {
        clock::check_speed(speed).map_err(Outcome::refused)?;
        app.clock.set_speed(speed);
    }
    if let Some(duration) = advance {
        app.clock.advance(duration);
    }
    Ok(clock(State(app)).await)
}

pub(super) async fn set_limits(State(app): Shared, body: Body) -> Result<Outcome, Outcome> {
    let limits: Limits = read(body).await?;
    // They were checked while they were read.
    app.set_limits(limits);
    Ok(Outcome::good(json!({"limits": limits.to_string()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenChange {
    add: Option<NewToken>,
    expire: Option<String>,
}

pub(super) async fn change_tokens(State(app): Shared, body: Body) -> Result<Outcome, Outcome> {
    let TokenChange { add, expire } = read(body).await?;
    match (add, expire) {
        (Some(token), None) => {
            app.add_token(token.token, token.grant, token.lifetime)
                .map_err(Outcome::refused)?;
            Ok(Outcome {
                status: StatusCode::CREATED,
                body: json!({"added": true}),
            })
        }
        (None, Some(token)) => {
            let expired = app.tokens().expire(&token);
            Ok(Outcome::good(json!({"expired": expired})))
        }
        _ => Err(Outcome::refused("give either `add` or `expire`")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Consent {
    /// Every permission where it is left out, as for a token.
    #[serde(default, rename = "permissions")]
    grant: Grant,
}

pub(super) async fn add_authorization_code(
    State(app): Shared,
    body: Body,
) -> Result<Outcome, Outcome> {
    let Consent { grant } = read(body).await?;
    let code = app.authority().code(grant, app.clock.now());
    Ok(Outcome {
        status: StatusCode::CREATED,
        body: json!({"code": code}),
    })
}
