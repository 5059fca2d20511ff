//! The admin endpoint: a running simulator driven from another process.
//!
//! Invariant: it is outside the API's path space, so that what is asked here is
//! neither recorded nor limited nor struck by a fault; only this machine, and no
//! web page of another one, is let in. Every answer is a JSON object; one that says
//! what went wrong has the member `error`, with the cure, and changed nothing.

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

const ROOT: &str = "/_simulator";
/// What can be asked: method, path, and what it does.
const ROUTES: &str = "\
GET /_simulator this list
GET /_simulator/faults the faults that are not spent
POST /_simulator/faults add a fault, such as {\"html\": 502, \"times\": 1}
DELETE /_simulator/faults end all faults
DELETE /_simulator/faults/{id} end one fault
GET /_simulator/requests what was asked, oldest first
DELETE /_simulator/requests forget what was asked
GET /_simulator/clock the simulated moment and the clock's speed
POST /_simulator/clock {\"advance_seconds\": 60}, or {\"speed\": 1}
POST /_simulator/limits replace the limits, such as {\"published\": true}; {} for none
POST /_simulator/tokens {\"add\": {\"token\": \"t\", \"permissions\": [\"read_vin\"], \
    \"lifetime_seconds\": 60}}, or {\"expire\": \"t\"}
POST /_simulator/authorization_codes a code to trade at /oauth/token, such as for \
    {\"permissions\": [\"read_vin\"]}; {} for all";

/// A status with what went wrong.
type Wrong = (StatusCode, String);
/// A status with a JSON object, or with what went wrong.
type Outcome = Result<(StatusCode, Value), Wrong>;

/// Whether a path is for this endpoint; everything else is the API's.
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
        let message = "a web page of another origin must not drive the simulator: \
             ask from this machine, without the origin header";
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
            // They are checked while they are read.
            let limits: Limits = read(body).await?;
            app.set_limits(limits);
            good(json!({"limits": limits.to_string()}))
        }
        ("POST", "/tokens") => change_tokens(app, read(body).await?)?,
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
        let problem = "the path does not take this method";
        (StatusCode::METHOD_NOT_ALLOWED, problem)
    } else {
        (StatusCode::NOT_FOUND, "there is no such path")
    };
    (status, format!("{problem}; GET {ROOT} lists what there is"))
}

/// The body as what it should be; its content type does not matter.
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
    let lists = format!("GET {ROOT}/faults lists those that are not spent");
    Err((
        StatusCode::NOT_FOUND,
        format!("there is no fault {id}; {lists}"),
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
    }
    if let Some(duration) = advance {
        app.clock.advance(duration);
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
    /// Every permission where it is left out, as for a token.
    #[serde(default, rename = "permissions")]
    grant: Grant,
}
