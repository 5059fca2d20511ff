//! Looks at the vehicles, makes events of what changed, and sends them.
//!
//! Invariant: nothing is sent before the webhook's verification was answered.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::event::{Attempt, Event};
use super::fault::{Kind, WebhookFault};
use super::hooks::{Hook, Hooks, Pending, State, said};
use super::known::{RecordedDelivery, Subscription};
use super::post::{self, post};
use crate::app::App;
use crate::random;

/// How often a vehicle is looked at, in simulated seconds.
const PERIOD: i64 = 60;
/// The most looks at a vehicle for one move of the clock. A longer move has longer
/// periods.
const MOST_LOOKS: i64 = 1_000;
/// The waits before the repeats, in simulated seconds.
const REPEATS: [i64; 3] = [25, 50, 100];
/// How often a running clock is looked at.
const TICK: Duration = Duration::from_millis(20);

/// Sends events as the clock moves, until it is dropped.
pub(crate) async fn run(app: Arc<App>) {
    loop {
        deliver(&app).await;
        if app.clock.speed() > 0.0 && app.webhooks.has_any() {
            tokio::time::sleep(TICK).await;
        } else {
            app.webhooks.wake.notified().await;
        }
    }
}

/// Sends everything that is due.
pub(crate) async fn deliver(app: &App) {
    let _turn = app.webhooks.turn.lock().await;
    let now = app.clock.now();
    verify(app, now);
    look(app, now);
    loop {
        let next = {
            let mut state = app.webhooks.lock();
            let due = state.queue.first_key_value().map(|((due, _), _)| *due);
            if due.is_none_or(|due| due > now) {
                return;
            }
            let era = state.era;
            state.queue.pop_first().map(|next| (next, era))
        };
        if let Some((((due, _), pending), era)) = next {
            let is_verify = pending.event.kind == "VERIFY";
            send(app, due, pending, era).await;
            app.changed();
            if is_verify {
                // Its webhook may have events now.
                look(app, now);
            }
        }
    }
}

impl Hooks {
    fn has_any(&self) -> bool {
        !self.lock().hooks.is_empty()
    }
}

/// Queues the verification of new webhooks.
fn verify(app: &App, now: Timestamp) {
    let mut state = app.webhooks.lock();
    for hook in 0..state.hooks.len() {
        if std::mem::replace(&mut state.hooks[hook].is_asked, true) {
            continue;
        }
        let id = state.next_id();
        let number = random::number(app.world().seed(), hook as u64);
        let event = Event {
            id,
            kind: "VERIFY",
            vehicle: None,
            data: json!({"challenge": format!("challenge_{number:016x}")}),
            triggers: Vec::new(),
            is_test: false,
            sequence: 0,
        };
        state.queue(now, Pending::first(hook, event, Vec::new()));
    }
}

/// Queues events for what changed until now.
fn look(app: &App, now: Timestamp) {
    let mut state = app.webhooks.lock();
    let state = &mut *state;
    let subscriptions: Vec<_> = state.subscriptions.keys().cloned().collect();
    for subscription in subscriptions {
        let wanted = |hook: &Hook| hook.known.id == subscription.webhook && hook.known.is_verified;
        let Some(hook) = state.hooks.iter().position(wanted) else {
            continue;
        };
        let looked = state.subscriptions[&subscription].looked;
        let (mut at, period) = match looked {
            None => (now, PERIOD),
            Some(looked) => {
                let passed = now.duration_since(looked).as_secs();
                let period = PERIOD.max(passed / MOST_LOOKS);
                (later(looked, period), period)
            }
        };
        while at <= now {
            look_at(app, state, hook, &subscription, at);
            if let Some(tracked) = state.subscriptions.get_mut(&subscription) {
                tracked.looked = Some(at);
            }
            at = later(at, period);
        }
    }
}

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    let later = at.checked_add(SignedDuration::from_secs(seconds));
    later.unwrap_or(Timestamp::MAX)
}

/// Queues an event if a vehicle's signals changed.
fn look_at(app: &App, state: &mut State, hook: usize, key: &Subscription, at: Timestamp) {
    let vehicle = &key.vehicle;
    let selected = state.hooks[hook].signals.as_deref();
    let Some(seen) = app.signals_of(vehicle, at, selected) else {
        return;
    };
    let Some(tracked) = state.subscriptions.get_mut(key) else {
        return;
    };
    let is_first = tracked.delivered.is_empty();
    let mut triggers = Vec::new();
    for signal in &seen.signals {
        let code = signal["code"].as_str().unwrap_or_default().to_owned();
        let said = said(signal);
        if tracked.delivered.get(&code) != Some(&said) {
            triggers.push(json!({
                "type": "SIGNAL_UPDATED",
                "signal": {"code": code, "name": signal["name"], "group": signal["group"]},
            }));
            tracked.delivered.insert(code, said);
        }
    }
    if triggers.is_empty() {
        return;
    }
    if is_first {
        triggers = vec![json!({"type": "FIRST_DELIVERY"})];
    }
    state.sequence += 1;
    let id = state.next_id();
    let data = json!({"user": seen.user, "vehicle": seen.vehicle, "signals": seen.signals});
    let event = Event {
        id,
        kind: "VEHICLE_STATE",
        vehicle: Some(vehicle.to_owned()),
        data,
        triggers,
        is_test: false,
        sequence: state.sequence,
    };
    queue(app, state, hook, event, at);
}

/// Queues an event with the faults that strike it.
fn queue(app: &App, state: &mut State, hook: usize, event: Event, at: Timestamp) {
    let seed = app.world().seed();
    let vehicle = event.vehicle.clone().unwrap_or_default();
    let number = event.sequence;
    let mut faults = Vec::new();
    for (place, waiting) in state.faults.iter_mut().enumerate() {
        let seed = random::number(seed, place as u64 + 1_000);
        if waiting.strikes(&vehicle, seed, number) {
            faults.push(waiting.fault.clone());
        }
    }
    let has = |faults: &[WebhookFault], kind| faults.iter().any(|fault| fault.kind == kind);
    if has(&faults, Kind::VehicleError) {
        for (is_over, due) in [(false, at), (true, later(at, 1))] {
            let error = errors(state, &event, is_over);
            state.queue(due, Pending::first(hook, error, Vec::new()));
        }
    }
    if has(&faults, Kind::TestMode) {
        // Besides the event, because a test says nothing about the vehicle.
        let mut test = event.clone();
        test.id = state.next_id();
        invent(&mut test);
        state.queue(at, Pending::first(hook, test, faults.clone()));
    }
    let due = if has(&faults, Kind::Disorder) {
        later(at, PERIOD + 1)
    } else {
        at
    };
    let pending = Pending::first(hook, event, faults);
    if has(&pending.faults, Kind::Duplicate) {
        state.queue(due, pending.clone());
    }
    state.queue(due, pending);
}

/// Replaces the values of a test by invented ones.
fn invent(event: &mut Event) {
    event.is_test = true;
    let signals = event.data.get_mut("signals").and_then(Value::as_array_mut);
    for signal in signals.into_iter().flatten() {
        let value = signal.pointer_mut("/body/value");
        if let Some(value) = value.filter(|value| value.is_number()) {
            *value = 42.into();
        }
    }
}

/// An error of the event's vehicle, or its end.
fn errors(state: &mut State, event: &Event, is_over: bool) -> Event {
    let id = state.next_id();
    state.sequence += 1;
    let error = json!({
        "type": "CONNECTED_SERVICES_ACCOUNT",
        "code": "ACCOUNT_ISSUE",
        "state": if is_over { "RESOLVED" } else { "ERROR" },
        "description": "The account at the car maker has an issue.",
        "suggestedUserMessage": "Open the app of your car maker.",
        "docURL": "https://smartcar.com/docs/errors",
        "resolution": {"type": null},
        "signals": ["odometer-traveleddistance"],
    });
    Event {
        id,
        kind: "VEHICLE_ERROR",
        vehicle: event.vehicle.clone(),
        data: json!({
            "user": event.data["user"],
            "vehicle": event.data["vehicle"],
            "errors": [error],
        }),
        triggers: Vec::new(),
        is_test: false,
        sequence: state.sequence,
    }
}

/// Sends one attempt, records it, and queues a repeat if it failed. After a reset, which begins
/// another era, it does nothing.
async fn send(app: &App, due: Timestamp, pending: Pending, era: u64) {
    let (uri, token, webhook, delivery_id) = {
        let mut state = app.webhooks.lock();
        if state.era != era {
            return;
        }
        let id = state.next_id();
        let hook = &state.hooks[pending.hook];
        (
            hook.uri.clone(),
            hook.token.clone(),
            hook.known.id.clone(),
            id,
        )
    };
    let forms = pending.faults.iter();
    let forms: Vec<_> = forms
        .filter_map(|fault| match fault.kind {
            Kind::Form(form) => Some(form),
            _ => None,
        })
        .collect();
    let attempt = Attempt {
        delivery_id: &delivery_id,
        webhook: &webhook,
        at: due,
    };
    let body = pending.event.write(&attempt, &forms);
    let has = |kind| pending.faults.iter().any(|fault| fault.kind == kind);
    let is_first = pending.attempt == 1;
    let is_verify = pending.event.kind == "VERIFY";
    let signature = if is_verify {
        None
    } else if has(Kind::OtherKey) {
        Some(post::sign(
            "the key of another application",
            body.as_bytes(),
        ))
    } else if has(Kind::WrongSignature) && is_first {
        Some(post::sign(&token, &body.as_bytes()[1..]))
    } else {
        Some(post::sign(&token, body.as_bytes()))
    };
    let answer = if has(Kind::Dropped) && is_first {
        None
    } else {
        post(&uri, signature.as_deref(), Bytes::from(body.clone())).await
    };
    let mut state = app.webhooks.lock();
    if state.era != era {
        return;
    }
    let status = answer.as_ref().map(|answer| answer.status);
    let record = RecordedDelivery {
        webhook,
        event_type: pending.event.kind.to_owned(),
        event_id: pending.event.id.clone(),
        delivery_id,
        vehicle: pending.event.vehicle.clone(),
        attempt: pending.attempt,
        at: due,
        faults: pending.faults.clone(),
        body,
        status,
    };
    let mut is_taken = record.is_taken();
    state.record(record);
    if is_verify {
        let challenge = pending.event.data["challenge"].as_str().unwrap_or_default();
        let expected = post::sign(&token, challenge.as_bytes());
        let answered = answer.and_then(|answer| serde_json::from_slice::<Value>(&answer.body).ok());
        is_taken &= answered.is_some_and(|answered| answered["challenge"] == expected.as_str());
        state.hooks[pending.hook].known.is_verified |= is_taken;
    }
    if is_taken {
        return;
    }
    let place = usize::try_from(pending.attempt - 1).unwrap_or(usize::MAX);
    let wait = match REPEATS.get(place) {
        Some(wait) => *wait,
        // A verification is asked for again until it succeeds, as its owner would.
        None if is_verify => REPEATS[2],
        None => return,
    };
    let attempt = pending.attempt + 1;
    state.queue(later(due, wait), Pending { attempt, ..pending });
}
