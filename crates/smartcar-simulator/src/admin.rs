//! The admin endpoint, which controls a running simulator from another process.
//!
//! Invariant: the endpoint is outside the API's path space, so its requests are not
//! recorded, not limited and not affected by faults. Only this machine has access,
//! and web pages of other origins do not. Every response is a JSON object. An error
//! has the member `error`, which says what to fix, and changes nothing.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use hyper::body::Body;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::App;
use crate::clock;
use crate::fault::active::FaultId;
use crate::fault::value::Fault;
use crate::limits::Limits;
use crate::request;
use crate::tokens::{Grant, NewToken};
use crate::webhook::fault::WebhookFault;
use crate::webhook::hooks::NewWebhook;

const ROOT: &str = "/_simulator";
/// The routes: method, path, and what each does.
const ROUTES: &str = "\
GET /_simulator this list
GET /_simulator/faults list the active faults
POST /_simulator/faults add a fault, such as {\"html\": 502, \"times\": 1}
DELETE /_simulator/faults end all faults
DELETE /_simulator/faults/{id} end one fault
GET /_simulator/requests list the recorded requests, oldest first
DELETE /_simulator/requests delete the recorded requests
GET /_simulator/clock the simulated time and the clock's speed
POST /_simulator/clock {\"advance_seconds\": 60}, or {\"speed\": 1}
POST /_simulator/limits replace the limits, such as {\"published\": true}; {} for none
POST /_simulator/tokens {\"add\": {\"token\": \"t\", \"permissions\": [\"read_vin\"], \
    \"lifetime_seconds\": 60}}, or {\"expire\": \"t\"}
GET /_simulator/webhooks list the webhooks and subscriptions
POST /_simulator/webhooks add a webhook, such as {\"url\": \"http://127.0.0.1:8080/\", \
    \"token\": \"t\"}
GET /_simulator/deliveries list the recorded deliveries, oldest first
POST /_simulator/webhook_faults add a fault of deliveries, such as {\"kind\": \"duplicate\", \
    \"times\": 1}
DELETE /_simulator/webhook_faults end all faults of deliveries
POST /_simulator/authorization_codes create a code for /oauth/token, such as with \
    {\"permissions\": [\"read_vin\"]}; {} for all";

/// A status with an error message.
type Wrong = (StatusCode, String);
/// A status with a JSON object, or an error.
type Outcome = Result<(StatusCode, Value), Wrong>;

/// Whether a path belongs to this endpoint; all others belong to the API.
pub(crate) fn is_meant(path: &str) -> bool {
    let rest = path.strip_prefix(ROOT);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
pub(crate) async fn answer<B>(app: &App, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes> + Unpin,
{
    let (status, body) = match act(app, request).await {
        Ok(done) => done,
        Err((status, message)) => (status, json!({"error": message})),
    };
    Answer::new(status, &body).with_header(CONTENT_TYPE, "application/json")
}

async fn act<B>(app: &App, request: Request<B>) -> Outcome
where
    B: Body<Data = Bytes> + Unpin,
{
    let (parts, body) = request.into_parts();
    if !request::is_loopback(&parts) {
        let message = "the host header must name this machine: localhost or a loopback address";
        return Err((StatusCode::MISDIRECTED_REQUEST, message.to_owned()));
    }
    if !request::is_from_here(&parts) {
        let message = "a web page of another origin cannot control the simulator: \
             send the request from this machine, without the origin header";
        return Err((StatusCode::FORBIDDEN, message.to_owned()));
    }
    let path = parts.uri.path();
    let below = path.strip_prefix(ROOT).unwrap_or_default();
    let method = parts.method.as_str().replace("HEAD", "GET");
    let done = match (method.as_str(), below) {
        ("GET", "" | "/") => good(json!({"routes": routes().collect::<Value>()})),
        ("GET", "/faults") => {
            let faults = app.faults().all().into_iter();
            let faults = faults.map(|(FaultId(id), fault)| json!({"id": id, "fault": fault}));
            good(json!({"faults": faults.collect::<Value>()}))
        }
        ("POST", "/faults") => {
            let fault: Fault = read(body).await?;
            let FaultId(id) = app.add_fault(fault).map_err(refused)?;
            created(json!({"id": id}))
        }
        ("DELETE", "/faults") => good(json!({"cleared": app.faults().clear()})),
        ("GET", "/requests") => good(json!({"requests": app.requests()})),
        ("DELETE", "/requests") => good(json!({"cleared": app.records().clear()})),
        ("GET", "/clock") => good(time(app)),
        ("POST", "/clock") => set_clock(app, &read(body).await?)?,
        ("POST", "/limits") => {
            // Reading them checks them.
            let limits: Limits = read(body).await?;
            app.set_limits(limits);
            good(json!({"limits": limits.to_string()}))
        }
        ("POST", "/tokens") => change_tokens(app, read(body).await?)?,
        ("GET", "/webhooks") => good(json!({
            "webhooks": app.webhooks.known(),
            "subscriptions": app.webhooks.subscriptions(),
        })),
        ("POST", "/webhooks") => {
            let new: NewWebhook = read(body).await?;
            let id = app.add_webhook(&new).map_err(refused)?;
            created(json!({"id": id}))
        }
        ("GET", "/deliveries") => good(json!({"deliveries": app.webhooks.deliveries()})),
        ("POST", "/webhook_faults") => {
            let fault: WebhookFault = read(body).await?;
            app.webhooks.add_fault(fault).map_err(refused)?;
            created(json!({}))
        }
        ("DELETE", "/webhook_faults") => {
            app.webhooks.clear_faults();
            good(json!({}))
        }
        ("POST", "/authorization_codes") => {
            let Consent { grant } = read(body).await?;
            let code = app.authority().code(grant, app.clock.now());
            created(json!({"code": code}))
        }
        _ => match below.strip_prefix("/faults/") {
            Some(id) if method == "DELETE" && !id.contains('/') => clear_fault(app, id)?,
            id => {
                let is_fault = id.is_some_and(|id| !id.is_empty() && !id.contains('/'));
                let is_known = is_fault || routes().any(|route| route["path"] == path);
                return Err(unknown(is_known));
            }
        },
    };
    Ok(done)
}

fn good(body: Value) -> (StatusCode, Value) {
    (StatusCode::OK, body)
}

fn created(body: Value) -> (StatusCode, Value) {
    (StatusCode::CREATED, body)
}

fn refused(message: impl fmt::Display) -> Wrong {
    (StatusCode::BAD_REQUEST, message.to_string())
}

fn unknown(is_known_path: bool) -> Wrong {
    let (status, problem) = if is_known_path {
        let problem = "the path does not support this method";
        (StatusCode::METHOD_NOT_ALLOWED, problem)
    } else {
        (StatusCode::NOT_FOUND, "the path does not exist")
    };
    (status, format!("{problem}; GET {ROOT} lists all routes"))
}

/// Parses the body; its content type does not matter.
async fn read<T: DeserializeOwned>(body: impl Body<Data = Bytes> + Unpin) -> Result<T, Wrong> {
    let bytes = request::read_body(body).await.map_err(|refusal| {
        let status = refusal.status.unwrap_or(StatusCode::BAD_REQUEST);
        (status, refusal.description)
    })?;
    serde_json::from_slice(&bytes).map_err(refused)
}

fn routes() -> impl Iterator<Item = Value> {
    ROUTES.lines().map(|line| {
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default();
        json!({"method": word(), "path": word(), "does": word()})
    })
}

fn clear_fault(app: &App, id: &str) -> Outcome {
    let is_there = |id| app.faults().remove(FaultId(id));
    if id.parse().is_ok_and(is_there) {
        return Ok(good(json!({"cleared": 1})));
    }
    let lists = format!("GET {ROOT}/faults lists the active faults");
    Err((
        StatusCode::NOT_FOUND,
        format!("fault {id} does not exist; {lists}"),
    ))
}

fn time(app: &App) -> Value {
    json!({"now": app.clock.now().to_string(), "speed": app.clock.speed()})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    advance_seconds: Option<f64>,
    speed: Option<f64>,
}

fn set_clock(app: &App, change: &ClockChange) -> Outcome {
    if change.advance_seconds.is_none() && change.speed.is_none() {
        return Err(refused("give `advance_seconds`, `speed` or both"));
    }
    let advance = change.advance_seconds.map(Duration::try_from_secs_f64);
    let advance = advance
        .transpose()
        .map_err(|_| refused("`advance_seconds` must be a number of seconds, 0 or more"))?;
    if let Some(speed) = change.speed {
        clock::check_speed(speed).map_err(refused)?;
        app.clock.set_speed(speed);
        app.webhooks.wake();
    }
    if let Some(duration) = advance {
        app.clock.advance(duration);
        app.webhooks.wake();
    }
    Ok(good(time(app)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenChange {
    add: Option<NewToken>,
    expire: Option<String>,
}

fn change_tokens(app: &App, change: TokenChange) -> Outcome {
    match (change.add, change.expire) {
        (Some(token), None) => {
            app.add_token(token).map_err(refused)?;
            Ok(created(json!({"added": true})))
        }
        (None, Some(token)) => Ok(good(json!({"expired": app.tokens().expire(&token)}))),
        _ => Err(refused("give either `add` or `expire`")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Consent {
    /// If absent, every permission, as for a token.
    #[serde(default, rename = "permissions")]
    grant: Grant,
}
