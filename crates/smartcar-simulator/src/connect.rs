//! The Connect page, on which a test plays the owner of the vehicles.
//!
//! Invariant: an address that is not a known application's request is never redirected.
//! What was not granted is not in the code.

use std::collections::HashMap;
use std::fmt::Write as _;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode};
use hyper::body::Body;

use crate::answer::Answer;
use crate::app::App;
use crate::known;
use crate::page;
use crate::request;
use crate::tokens::{DEFAULT_USER, Grant};

/// The page's path.
const PATH: &str = "/oauth/authorize";
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Marks a permission without which the owner cannot connect.
const REQUIRED: &str = "required:";
/// The parameters that the page passes on to its form.
const PARAMETERS: [&str; 7] = [
    "response_type",
    "client_id",
    "application_id",
    "redirect_uri",
    "scope",
    "state",
    "mode",
];

/// Whether a path is the page's.
pub(crate) fn is_meant(path: &str) -> bool {
    path == PATH
}

/// What an application asks the owner for.
struct Wish {
    parameters: HashMap<String, String>,
    /// Each permission, and whether it is required.
    scope: Vec<(String, bool)>,
}

/// Answers a request for the page or its form.
pub(crate) async fn answer<B>(app: &App, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes> + Unpin,
{
    let (parts, body) = request.into_parts();
    match act(app, &parts, body).await {
        Ok(answer) => answer,
        Err(message) => {
            let text = format!(
                "<h1>Not possible</h1><p role=\"alert\">{}</p>",
                escaped(&message)
            );
            html(StatusCode::BAD_REQUEST, &text)
        }
    }
}

async fn act<B>(app: &App, parts: &Parts, body: B) -> Result<Answer, String>
where
    B: Body<Data = Bytes> + Unpin,
{
    let hosts = &app.gate.hosts;
    if !request::is_meant(parts, hosts) || !request::is_from_here(&parts.headers, hosts) {
        return Err("the host and the origin must name this simulator".to_owned());
    }
    if parts.method == Method::GET || parts.method == Method::HEAD {
        let query = parts.uri.query().unwrap_or_default();
        let (wish, _) = Wish::read(app, query.as_bytes())?;
        return Ok(html(StatusCode::OK, &wish.form(app)));
    }
    if parts.method != Method::POST {
        return Err("the page supports GET and POST".to_owned());
    }
    let body = request::read_body(body).await;
    let body = body.map_err(|refusal| refusal.description)?;
    let (wish, form) = Wish::read(app, &body)?;
    let granted = wish.scope.iter().filter(|(name, _)| {
        form.iter()
            .any(|(key, value)| key == "grant" && value == name)
    });
    let granted: Vec<&String> = granted.map(|(name, _)| name).collect();
    let is_whole = wish
        .scope
        .iter()
        .all(|(name, required)| !required || granted.contains(&name));
    let is_given = form
        .iter()
        .any(|(key, value)| key == "answer" && value == "grant");
    let mut told = form_urlencoded::Serializer::new(String::new());
    if is_given && is_whole && !granted.is_empty() {
        let grant = Grant::just(granted);
        let code = app.authority().code(grant, app.clock.now());
        told.append_pair("code", &code);
        if wish.parameters.contains_key("application_id") {
            told.append_pair("user_id", DEFAULT_USER);
        }
    } else {
        told.append_pair("error", "access_denied");
        told.append_pair(
            "error_description",
            "User denied access to the requested scope of permissions.",
        );
    }
    if let Some(state) = wish.parameters.get("state") {
        told.append_pair("state", state);
    }
    app.changed();
    let to = wish.redirect(&told.finish());
    let location = HeaderValue::from_str(&to).map_err(|_| "the redirect_uri cannot be sent")?;
    let mut answer = html(StatusCode::FOUND, "");
    answer.headers.insert(LOCATION, location);
    Ok(answer)
}

impl Wish {
    fn read(app: &App, query: &[u8]) -> Result<(Self, Vec<(String, String)>), String> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query).into_owned().collect();
        let known = pairs
            .iter()
            .filter(|(name, _)| PARAMETERS.contains(&name.as_str()));
        let parameters: HashMap<String, String> = known.cloned().collect();
        let of = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
        if of("response_type") != "code" {
            return Err("response_type must be code".to_owned());
        }
        let id = if of("client_id").is_empty() {
            of("application_id")
        } else {
            of("client_id")
        };
        if !app.applications.has(id) {
            return Err(format!(
                "the application `{id}` is not known; the simulator's own is `simulator-client`"
            ));
        }
        let to = of("redirect_uri");
        let scheme = to
            .split_once("://")
            .map(|(scheme, _)| scheme.to_ascii_lowercase());
        let is_safe = scheme.is_some_and(|it| !it.is_empty() && it != "javascript" && it != "file");
        if !is_safe || !to.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(
                "redirect_uri must be an absolute address, such as http://localhost:8000/back"
                    .to_owned(),
            );
        }
        let scope = of("scope")
            .split_whitespace()
            .map(|name| match name.strip_prefix(REQUIRED) {
                Some(name) => (name.to_owned(), true),
                None => (name.to_owned(), false),
            });
        let scope: Vec<(String, bool)> = scope.collect();
        if scope.is_empty() {
            return Err(
                "scope must name at least one permission, such as read_odometer".to_owned(),
            );
        }
        known::permissions(scope.iter().map(|(name, _)| name))?;
        Ok((Self { parameters, scope }, pairs))
    }

    fn form(&self, app: &App) -> String {
        let mut text = String::from("<h1>Connect your car</h1>\n<p>You play the owner. ");
        let id = ["client_id", "application_id"]
            .iter()
            .find_map(|name| self.parameters.get(*name));
        let id = id.map(String::as_str).unwrap_or_default();
        let _ = writeln!(
            text,
            "The application <strong>{}</strong> asks for these permissions.</p>",
            escaped(id)
        );
        text.push_str("<form method=\"post\">\n");
        for name in PARAMETERS {
            if let Some(value) = self.parameters.get(name) {
                let _ = writeln!(
                    text,
                    "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
                    escaped(value)
                );
            }
        }
        text.push_str("<fieldset><legend>Permissions</legend>\n");
        for (name, required) in &self.scope {
            let name = escaped(name);
            let note = if *required { " (required)" } else { "" };
            let _ = writeln!(
                text,
                "<label><input type=\"checkbox\" name=\"grant\" value=\"{name}\" checked> {name}{note}</label>"
            );
        }
        text.push_str("</fieldset>\n<h2>Your vehicles</h2>\n<ul>\n");
        for vehicle in app.world().known().take(20) {
            let kind = vehicle
                .kind
                .map(|(make, model, _)| format!("{make} {model}, "));
            let _ = writeln!(
                text,
                "<li>{}{}</li>",
                escaped(&kind.unwrap_or_default()),
                escaped(&vehicle.id)
            );
        }
        text.push_str(
            "</ul>\n<p class=\"actions\"><button name=\"answer\" value=\"grant\">Grant</button> \
             <button name=\"answer\" value=\"refuse\">Refuse</button></p>\n</form>\n",
        );
        text
    }

    /// The application's address with this query.
    fn redirect(&self, query: &str) -> String {
        let to = self
            .parameters
            .get("redirect_uri")
            .map(String::as_str)
            .unwrap_or_default();
        let (to, fragment) = to
            .split_once('#')
            .map_or((to, None), |(to, it)| (to, Some(it)));
        let mark = if to.contains('?') { '&' } else { '?' };
        let fragment = fragment.map(|it| format!("#{it}")).unwrap_or_default();
        format!("{to}{mark}{query}{fragment}")
    }
}

fn html(status: StatusCode, main: &str) -> Answer {
    let text = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Connect · Smartcar simulator</title>\
         <link rel=\"stylesheet\" href=\"/_simulator/page.css\"></head>\n\
         <body class=\"connect\"><main>\n{main}</main></body></html>\n"
    );
    let answer = Answer::written(status, text);
    let answer = answer.with_header(CONTENT_TYPE, "text/html; charset=utf-8");
    page::secured(answer, POLICY)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
