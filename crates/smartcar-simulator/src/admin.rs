//! The admin endpoint, which controls a running simulator from another process.
//!
//! Invariant: the endpoint is outside the API's path space, so its requests are not
//! recorded, not limited and not affected by faults. Only this machine has access,
//! and web pages of other origins do not. Every response is a JSON object. An error
//! has the member `error`, which says what to fix, and changes nothing.

mod clock;
mod faults;
mod outcome;
mod tokens;
mod vehicles;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, Request, StatusCode, Uri};
use hyper::body::Body;
use serde_json::{Value, json};

use self::outcome::{LISTS, Outcome, Wrong, created, good, read, refused, wrong_method};
use crate::answer::Answer;
use crate::app::App;
use crate::dashboard;
use crate::fault::active::FaultId;
use crate::fault::help::KINDS;
use crate::limits::Limits;
use crate::page;
use crate::request;
use crate::saved;
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
GET /_simulator/webhook_faults list the faults of deliveries
POST /_simulator/webhook_faults add a fault of deliveries, such as {\"kind\": \"duplicate\", \
    \"times\": 1}
DELETE /_simulator/webhook_faults end all faults of deliveries
POST /_simulator/authorization_codes create a code for /oauth/token, such as with \
    {\"permissions\": [\"read_vin\"]}; {} for all";

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
            let fault = faults::written(read(body).await?)?;
            let FaultId(id) = app.add_fault(fault).map_err(refused)?;
            created(json!({"id": id}))
        }
        ("DELETE", "/faults") => good(json!({"cleared": app.faults().clear()})),
        ("GET", "/requests") => good(json!({"requests": app.requests()})),
        ("DELETE", "/requests") => good(json!({"cleared": app.records().clear()})),
        ("GET", "/clock") => good(clock::time(app)),
        ("POST", "/clock") => clock::change(app, &read(body).await?)?,
        ("POST", "/limits") => {
            // Reading them checks them.
            let limits: Limits = read(body).await?;
            app.set_limits(limits);
            good(json!({"limits": limits.to_string()}))
        }
        ("POST", "/tokens") => tokens::change(app, read(body).await?)?,
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
            app.add_webhook_fault(fault).map_err(refused)?;
            created(json!({}))
        }
        ("GET", "/webhook_faults") => good(json!({"webhook_faults": app.webhooks.faults()})),
        ("DELETE", "/webhook_faults") => {
            app.webhooks.clear_faults();
            good(json!({}))
        }
        ("POST", "/authorization_codes") => tokens::code(app, read(body).await?)?,
        ("GET", "/unmatched_faults") => good(json!({
            "unmatched": app.faults().unmatched(),
            "unmatched_webhook_faults": app.webhooks.unmatched(),
        })),
        ("GET", "/fault_kinds") => {
            good(json!({"kinds": KINDS, "webhook_kinds": faults::WEBHOOK_KINDS}))
        }
        ("GET", "/state") => good(dashboard::state(app)),
        ("GET", "/scenario") => good(json!({"toml": saved::scenario(app)})),
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
            good(clock::time(app))
        }
        ("POST", "/deliver") => faults::deliver(app, read(body).await?)?,
        ("GET", "/vehicles") => good(vehicles::list(app)),
        ("POST", "/vehicles") => vehicles::add(app, &read(body).await?)?,
        (_, path) if path.starts_with("/vehicles/") => {
            vehicles::change(app, &method, &path["/vehicles/".len()..], body).await?
        }
        _ => match below.strip_prefix("/faults/") {
            Some(id) if method == "DELETE" && !id.contains('/') => faults::clear(app, id)?,
            id => {
                let is_fault = id.is_some_and(|id| !id.is_empty() && !id.contains('/'));
                let is_known = is_fault || routes().any(|route| route["path"] == path);
                return Err(unknown(is_known));
            }
        },
    };
    Ok(done)
}

fn unknown(is_known_path: bool) -> Wrong {
    if is_known_path {
        return wrong_method();
    }
    let message = format!("the path does not exist; {LISTS}");
    (StatusCode::NOT_FOUND, message)
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

fn routes() -> impl Iterator<Item = Value> {
    ROUTES.lines().map(|line| {
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default();
        json!({"method": word(), "path": word(), "does": word()})
    })
}
