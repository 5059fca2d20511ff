//! Applies faults to a response.
//!
//! Invariant: without a fault a response passes through unchanged; with any fault
//! it can still be sent.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::active::Strike;
use super::check;
use super::effect::Effect;
use super::items;
use super::target::{Scene, Shape};
use super::value::Fault;
use crate::answer::{Answer, Extent};
use crate::exchange::Response;

/// How long the response is delayed.
pub(crate) fn delay(strikes: &[Strike]) -> Option<Duration> {
    strikes.iter().find_map(|strike| match strike.fault.effect {
        Some(Effect::LatencyMs(latency)) => Some(latency.0),
        _ => None,
    })
}

/// The response as it is sent.
pub(crate) fn apply(answered: Response, strikes: &[Strike], scene: &Scene<'_>) -> Answer {
    let Response {
        mut answer, shape, ..
    } = answered;
    for strike in strikes {
        match shape {
            Shape::Batch => items::strike_items(&mut answer, strike, scene),
            Shape::Alone => alone(&mut answer, &strike.fault, scene),
            Shape::Signals | Shape::Signal => {
                items::strike_signals(&mut answer, strike, scene.catalogue);
            }
            Shape::Refused => {}
        }
    }
    let mut answer = answer.identified(scene.request_id);
    for strike in strikes.iter().filter(|it| it.fault.item.is_none()) {
        whole(&mut answer, &strike.fault, scene);
    }
    // This comes last, because another fault may change the headers of a replaced
    // response.
    for strike in strikes {
        change_head(&mut answer, &strike.fault);
    }
    answer
}

fn whole(answer: &mut Answer, fault: &Fault, scene: &Scene<'_>) {
    match &fault.effect {
        Some(Effect::Status(_)) => {
            answer.headers = HeaderMap::new();
            answer.body = Bytes::new();
        }
        Some(Effect::Html(status)) => {
            let html = HeaderValue::from_static("text/html");
            answer.headers = HeaderMap::from_iter([(CONTENT_TYPE, html)]);
            answer.body = page(check::status(*status)).into();
        }
        Some(Effect::Error(name)) => {
            if let Some(error) = scene.error(name) {
                *answer = error.identified(scene.request_id);
            }
        }
        Some(Effect::RawBody(text)) => answer.body = text.clone().into(),
        Some(Effect::Reset(_)) => answer.extent = Extent::Nothing,
        Some(Effect::Truncated(length)) => answer.extent = Extent::Until(*length),
        _ => {}
    }
}

/// Changes the response of a single endpoint.
fn alone(answer: &mut Answer, fault: &Fault, scene: &Scene<'_>) {
    match &fault.effect {
        Some(Effect::Error(name)) if fault.item.is_some() => {
            if let Some(error) = scene.error(name) {
                *answer = error;
            }
        }
        Some(Effect::Body(body)) => {
            answer.status = StatusCode::OK;
            answer.body = body.to_string().into();
        }
        _ => {}
    }
    for (name, value) in &fault.item_headers {
        let value = value.as_str().map_or(value.to_string(), str::to_owned);
        // Not every item header is valid as an HTTP header.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
            && !check::is_framing(&name)
        {
            answer.headers.insert(name, value);
        }
    }
}

/// Sets the fault's status and headers.
fn change_head(answer: &mut Answer, fault: &Fault) {
    if let Some(status) = fault.sent_status() {
        answer.status = check::status(status);
    }
    for name in &fault.without_headers {
        answer.headers.remove(name);
    }
    for (name, value) in &fault.headers {
        let name = HeaderName::try_from(name);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            answer.headers.insert(name, value);
        }
    }
}

/// The error page of a proxy whose backend fails.
fn page(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or("Error");
    let title = format!("{} {reason}", status.as_u16());
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n\
         <center><h1>{title}</h1></center>\r\n<hr><center>proxy</center>\r\n</body>\r\n</html>\r\n"
    )
}

#[cfg(test)]
mod tests;
