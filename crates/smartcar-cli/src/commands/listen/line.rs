//! One delivery as a line of JSON.
//!
//! Invariant: the line has the members of `smartcar batch --json`, and those of the
//! event beside them.

use serde::Serialize;
use serde_json::value::RawValue;
use smartcar_batch::__private::Noted;
use smartcar_batch::{ItemError, MemberError};
use smartcar_webhook::{About, Delivery, DeliveryMode, Errors, Other, State};

use super::sink::Kept;
use crate::{text, unknown};

/// What the event says about itself.
#[derive(Serialize)]
struct Facts<'a> {
    event_type: &'a str,
    event_id: Option<&'a str>,
    delivery_id: Option<&'a str>,
    mode: Option<&'static str>,
    triggers: Option<&'a RawValue>,
    sequence: Option<i64>,
    user: Option<User<'a>>,
}

#[derive(Serialize)]
struct User<'a> {
    id: Option<&'a str>,
    #[serde(rename = "externalId")]
    external_id: Option<&'a str>,
}

/// A delivery with signals.
#[derive(Serialize)]
struct StateLine<'a> {
    vehicle: Option<&'a str>,
    #[serde(flatten)]
    response: Noted<'a>,
    #[serde(flatten)]
    event: Facts<'a>,
}

/// A delivery without signals.
#[derive(Serialize)]
struct OtherLine<'a> {
    vehicle: Option<&'a str>,
    request_id: Option<&'a str>,
    attempts: u32,
    requests: u32,
    charged: u32,
    retry_at: Option<&'a str>,
    stop_reason: Option<&'a str>,
    warnings: [u8; 0],
    member_errors: &'a [MemberError],
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'a RawValue>,
    #[serde(flatten)]
    event: Facts<'a>,
}

/// The line of a delivery, without its newline, and the event's ID. `None` for a
/// verification.
pub(super) fn of<'d>(delivery: &'d Delivery, paths: &[String]) -> Option<(Kept, Option<&'d str>)> {
    let (line, about) = match delivery {
        Delivery::State(state) => (state_line(state, paths), &***state),
        Delivery::Error(errors) => (errors_line(errors), &***errors),
        Delivery::Other(other) => (other_line(other), &***other),
        _ => return None,
    };
    let vehicle = about.vehicle().cloned();
    Some((Kept { line, vehicle }, about.event_id()))
}

fn state_line(state: &State, paths: &[String]) -> String {
    let all = || state.results();
    // What was delivered is not misspelt, and each hint takes long.
    let no_note: fn(&str, &ItemError) -> Option<String> = |_, _| None;
    let (response, note) = if paths.is_empty() {
        (all(), no_note)
    } else {
        // The paths were checked at the start.
        let response = state.batch_paths(paths).unwrap_or_else(|_| all());
        (response, unknown::note as _)
    };
    text::line(&StateLine {
        vehicle: vehicle(state),
        response: Noted {
            response: &response,
            note,
        },
        event: event("VEHICLE_STATE", state),
    })
}

fn errors_line(errors: &Errors) -> String {
    let none = serde_json::from_str("[]").ok();
    text::line(&OtherLine {
        errors: errors.raw().or(none),
        ..other("VEHICLE_ERROR", errors, errors.unread())
    })
}

fn other_line(event: &Other) -> String {
    text::line(&OtherLine {
        raw: Some(event.raw()),
        ..other(event.event_type(), event, event.unread())
    })
}

fn other<'a>(kind: &'a str, about: &'a About, unread: &'a [MemberError]) -> OtherLine<'a> {
    OtherLine {
        vehicle: vehicle(about),
        request_id: None,
        attempts: 0,
        requests: 0,
        charged: 0,
        retry_at: None,
        stop_reason: None,
        warnings: [],
        member_errors: unread,
        errors: None,
        raw: None,
        event: event(kind, about),
    }
}

fn vehicle(about: &About) -> Option<&str> {
    about.vehicle().map(smartcar_batch::VehicleId::as_str)
}

fn event<'a>(event_type: &'a str, about: &'a About) -> Facts<'a> {
    let id = about.user().map(smartcar_batch::UserId::as_str);
    let external_id = about.external_user_id();
    let has_user = id.is_some() || external_id.is_some();
    Facts {
        event_type,
        event_id: about.event_id(),
        delivery_id: about.delivery_id(),
        mode: about.mode().and_then(|mode| match mode {
            DeliveryMode::Live => Some("LIVE"),
            DeliveryMode::Test => Some("TEST"),
            _ => None,
        }),
        triggers: about.raw_triggers(),
        sequence: about.sequence(),
        user: has_user.then_some(User { id, external_id }),
    }
}
