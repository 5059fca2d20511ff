//! The admin endpoint, which controls a running simulator from another process.
//!
//! Invariant: the endpoint is outside the API's path space, so its requests are not
//! recorded, not limited and not affected by faults. Only this machine has access,
//! and web pages of other origins do not. Every response is a JSON object. An error
//! has the member `error`, which says what to fix, and changes nothing.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, Request, StatusCode, Uri};
use hyper::body::Body;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::App;
use crate::clock;
use crate::dashboard;
use crate::fault::active::FaultId;
use crate::fault::help::KINDS;
use crate::fault::value::Fault;
use crate::known;
use crate::limits::Limits;
use crate::nearest::{explained, hint};
use crate::page;
use crate::request;
use crate::tokens::{Grant, NewToken};
use crate::webhook::fault::WebhookFault;
use crate::webhook::hooks::NewWebhook;
use crate::world::change::Change;
use crate::world::vehicle::SimulatedVehicle;

const ROOT: &str = "/_simulator";
/// The routes: method, path, and what each does.
const ROUTES: &str = "\
GET /_simulator this list
GET /_simulator/faults list the active faults
POST /_simulator/faults add a fault, such as {\"html\": 502, \"times\": 1}
DELETE /_simulator/faults end all faults
DELETE /_simulator/faults/{id} end one fault
GET /_simulator/unmatched_faults list the faults that never struck, with near misses
GET /_simulator/fault_kinds list the kinds of faults, with an example each
GET /_simulator/vehicles list the vehicles
POST /_simulator/vehicles add a vehicle, such as {\"id\": \"car-9\", \"make\": \"FORD\"}
PATCH /_simulator/vehicles/{id} change a vehicle, such as {\"plugged_in\": false}, \
    {\"asleep\": true}, {\"revoke\": \"read_fuel\"} or {\"battery_fraction\": 0.2}
DELETE /_simulator/vehicles/{id} remove a vehicle
GET /_simulator/log list the newest requests with times and bodies; ?after=NUMBER
DELETE /_simulator/log delete the log
POST /_simulator/reset go back to the start
POST /_simulator/deliver deliver all signals now; {\"kind\": \"duplicate\"} for a fault
GET /_simulator/state the whole simulation as one object
GET /_simulator/events the same as a stream of server-sent events
GET /_simulator/scenario the simulation as a scenario
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
/// Whether a request may read the stream of events.
pub(crate) fn is_stream<B>(app: &App, request: &Request<B>) -> bool {
    let headers = request.headers();
    let hosts = &app.gate.hosts;
    request.method() == http::Method::GET
        && request.uri().path() == "/_simulator/events"
        && request::has_host(headers, request.uri(), hosts)
        && request::is_from_here(headers, hosts)
        && app.gate.admits(headers)
}

pub(crate) async fn answer<B>(app: &App, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes> + Unpin,
{
    let below = request
        .uri()
        .path()
        .strip_prefix(ROOT)
        .unwrap_or_default()
        .to_owned();
    if below == "/page.css"
        && let Some(file) = page::file(&below)
    {
        return file;
    }
    let is_get = request.method() == http::Method::GET;
    let may = guard(app, request.headers(), request.uri());
    if let (true, Ok(()), Some(file)) = (is_get, &may, page::file(&below)) {
        return file;
    }
    let is_closed = may
        .as_ref()
        .is_err_and(|(status, _)| *status == StatusCode::UNAUTHORIZED);
    let done = match may {
        Ok(()) => act(app, request).await,
        Err(wrong) => Err(wrong),
    };
    let (status, body) = match done {
        Ok(done) => done,
        Err((status, message)) => (status, json!({"error": message})),
    };
    let answer = Answer::new(status, &body).with_header(CONTENT_TYPE, "application/json");
    if is_closed {
        return answer.with_header(WWW_AUTHENTICATE, "Basic realm=\"simulator\"");
    }
    answer
}

async fn act<B>(app: &App, request: Request<B>) -> Outcome
where
    B: Body<Data = Bytes> + Unpin,
{
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let below = path.strip_prefix(ROOT).unwrap_or_default();
    let method = parts.method.as_str().replace("HEAD", "GET");
    let done = match (method.as_str(), below) {
        ("GET", "") => good(json!({"routes": routes().collect::<Value>()})),
        ("GET", "/faults") => {
            let faults = app.faults().all().into_iter();
            let faults = faults.map(|(FaultId(id), fault)| json!({"id": id, "fault": fault}));
            good(json!({"faults": faults.collect::<Value>()}))
        }
        ("POST", "/faults") => {
            let fault = written_fault(read(body).await?)?;
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
            known::permissions(grant.named()).map_err(refused)?;
            let code = app.authority().code(grant, app.clock.now());
            created(json!({"code": code}))
        }
        ("GET", "/unmatched_faults") => good(json!({"unmatched": app.faults().unmatched()})),
        ("GET", "/fault_kinds") => good(json!({"kinds": KINDS, "webhook_kinds": WEBHOOK_KINDS})),
        ("GET", "/state") => good(dashboard::state(app)),
        ("GET", "/scenario") => good(json!({"toml": dashboard::scenario(app)})),
        ("GET", "/log") => {
            let query = parts.uri.query().unwrap_or_default();
            let after = query.strip_prefix("after=").unwrap_or("0");
            let after = after
                .parse()
                .map_err(|_| refused("`after` must be a number"))?;
            good(json!({"log": app.log().after(after, 100)}))
        }
        ("DELETE", "/log") => {
            app.log().clear();
            good(json!({}))
        }
        ("POST", "/reset") => {
            app.reset();
            good(time(app))
        }
        ("POST", "/deliver") => deliver(app, read(body).await?)?,
        ("GET", "/vehicles") => good(json!({"vehicles": dashboard::state(app)["vehicles"].take()})),
        ("POST", "/vehicles") => {
            let new: SimulatedVehicle = read(body).await?;
            known::permissions(new.granted()).map_err(refused)?;
            let now = app.clock.now();
            app.change_world(|world| world.add_at(&new, now))
                .map_err(refused)?;
            created(json!({"id": new.id()}))
        }
        (_, path) if path.starts_with("/vehicles/") => {
            vehicle(app, &method, &path["/vehicles/".len()..], body).await?
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
    serde_json::from_slice(&bytes).map_err(|error| refused(explained(&error.to_string())))
}

/// A fault as an object, or as TOML text in `toml`.
fn written_fault(given: Value) -> Result<Fault, Wrong> {
    match given.get("toml").and_then(Value::as_str) {
        Some(text) => text.parse().map_err(refused),
        None => {
            serde_json::from_value(given).map_err(|error| refused(explained(&error.to_string())))
        }
    }
}

/// Whether a request may use the admin routes.
fn guard(app: &App, headers: &HeaderMap, uri: &Uri) -> Result<(), Wrong> {
    let hosts = &app.gate.hosts;
    if !request::has_host(headers, uri, hosts) {
        let message = "the host header must name this machine: localhost or a loopback address";
        return Err((StatusCode::MISDIRECTED_REQUEST, message.to_owned()));
    }
    if !request::is_from_here(headers, hosts) {
        let message = "a web page of another origin cannot control the simulator: \
             send the request from this machine, without the origin header";
        return Err((StatusCode::FORBIDDEN, message.to_owned()));
    }
    if !app.gate.admits(headers) {
        let message = "the simulator's own token is required, as bearer token or as password";
        return Err((StatusCode::UNAUTHORIZED, message.to_owned()));
    }
    Ok(())
}

/// The faults of deliveries that the page offers.
const WEBHOOK_KINDS: [&str; 7] = [
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
struct Delivery {
    /// The kind of a fault that strikes it.
    #[serde(default)]
    kind: Option<String>,
}

/// Delivers everything now, with a fault for the first event if one is named.
fn deliver(app: &App, Delivery { kind }: Delivery) -> Outcome {
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
        app.webhooks.add_fault(fault).map_err(refused)?;
    }
    app.webhooks.forget_delivered();
    Ok((StatusCode::ACCEPTED, json!({})))
}

/// Changes or removes a vehicle.
async fn vehicle<B>(app: &App, method: &str, id: &str, body: B) -> Outcome
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
        _ => Err(unknown(true)),
    }
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
