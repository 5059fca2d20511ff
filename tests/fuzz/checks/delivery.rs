//! Reads bytes as an event of a webhook.
//!
//! Invariant: every element of `signals` is a signal, a duplicate or reported, and each
//! path has one result, the same each time. A part that was not understood is never
//! shown.

use smartcar_model::v3::{MemberError, signal};
use smartcar_model::webhook::{About, Event, VehicleState, Verify};
use smartcar_model::{
    Attributes, Batch, ENDPOINTS, Endpoint, ItemError, Odometer, PathResults, Reading, Security,
};

use super::answers::{printable, shown};

type Typed = (
    signal::odometer::TraveledDistance,
    signal::closure::Doors,
    Attributes,
    Odometer,
    Security,
);

/// Checks one input.
pub(crate) fn check(bytes: &[u8]) {
    let event = match Event::from_bytes(bytes) {
        Ok(event) => event,
        Err(malformed) => {
            shown(&malformed);
            return;
        }
    };
    let text = std::str::from_utf8(bytes).expect("an event is UTF-8");
    let is_verify = matches!(event, Event::Verify(_));
    assert_eq!(Verify::read(text).is_some(), is_verify);
    match event {
        Event::Verify(_) => {}
        Event::State(state) => {
            about(&state);
            reported(state.unread());
            counted(&state);
            read(&state);
        }
        Event::Error(errors) => {
            about(&errors);
            reported(errors.unread());
            for code in errors.errors().iter().flat_map(|error| &error.signals) {
                assert!(!code.is_empty());
            }
        }
        Event::Other(other) => {
            about(&other);
            reported(other.unread());
            assert_eq!(other.raw().get(), text.trim_ascii());
        }
    }
}

fn about(about: &About) {
    assert!(about.event_id().is_none_or(|id| !id.trim().is_empty()));
    let _ = (about.mode(), about.delivered_at(), about.triggers());
}

fn reported(unread: &[MemberError]) {
    for part in unread {
        assert!(part.path.is_empty() && part.member.starts_with('/'));
        printable(&part.member);
        shown(&part.error);
    }
}

/// Nothing that was sent is lost without a word.
fn counted(state: &VehicleState) {
    let list: Vec<&serde_json::value::RawValue> =
        serde_json::from_str(state.list()).expect("a list");
    let response = state.results();
    let nameless = state.unread().iter().filter(|part| {
        let parts: Vec<_> = part.member.split('/').collect();
        parts.len() > 3 && parts[2] == "signals"
    });
    let told = response.data.len() + response.warnings.len() + nameless.count();
    // At most a hundred duplicates are told.
    assert!(
        told == list.len() || response.warnings.len() >= 99,
        "{told} of {}",
        list.len()
    );
}

fn read(state: &VehicleState) {
    for info in ENDPOINTS {
        let response = state.batch_paths([info.path]).expect("a path of the spec");
        if let Some(Err(error)) = response.data.raw(info.path) {
            shown(error);
        }
        for part in response.member_errors() {
            shown(&part.error);
        }
    }
    let paths = Typed::PATHS.to_vec();
    let dynamic = state.batch_paths(paths).expect("paths of the spec").data;
    let typed = state
        .batch::<Typed>()
        .expect("each item can hold its error");
    fn one<E: Endpoint + PartialEq + std::fmt::Debug>(
        dynamic: &PathResults,
        item: &Result<Reading<E>, ItemError>,
    ) {
        assert_eq!(dynamic.get::<E>().as_ref(), Some(item));
    }
    one(&dynamic, &typed.data.0);
    one(&dynamic, &typed.data.1);
    one(&dynamic, &typed.data.2);
    one(&dynamic, &typed.data.3);
    one(&dynamic, &typed.data.4);
}
