//! Webhooks, subscriptions and the events to be sent.
//!
//! Invariant: events are sent in the order of their simulated times, and of their
//! numbers where those are equal.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Uri;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::event::Event;
use super::fault::{UnmatchedWebhookFault, Waiting, WebhookFault};
use super::known::{KnownWebhook, RecordedDelivery, Subscription};
use super::post;

/// The number of recorded deliveries; older ones are dropped.
const MOST_RECORDS: usize = 20_000;

/// A webhook to be added.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhook {
    pub(crate) url: String,
    pub(crate) token: String,
    /// If absent, it is numbered.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// If absent, true.
    #[serde(default)]
    pub(crate) enabled: Option<bool>,
    /// The subscribed vehicles. If absent, all listed ones.
    #[serde(default)]
    pub(crate) vehicles: Option<Vec<String>>,
    /// The codes of the selected signals. If absent, all.
    #[serde(default)]
    pub(crate) signals: Option<Vec<String>>,
    /// Whether its key came from code or from the environment, so that it may be a real one.
    #[serde(skip)]
    pub(crate) has_private_key: bool,
}

impl fmt::Debug for NewWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewWebhook")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl NewWebhook {
    /// A webhook for all listed vehicles and all signals, given in code.
    pub(crate) fn new(url: impl Into<String>, token: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            token: token.into(),
            name: None,
            enabled: None,
            vehicles: None,
            signals: None,
            has_private_key: true,
        }
    }

    pub(crate) fn check(&self) -> io::Result<Uri> {
        if self.token.is_empty() {
            let message = "the management token of a webhook is empty";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        post::check(&self.url)
    }
}

/// All webhooks of a simulator.
#[derive(Default)]
pub(crate) struct Hooks {
    state: Mutex<State>,
    /// Wakes the sender.
    pub(super) wake: Notify,
    /// Held while events are sent, so that there is one sender at a time.
    pub(super) turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) hooks: Vec<Hook>,
    pub(super) subscriptions: BTreeMap<Subscription, Tracked>,
    /// The events to be sent, by time and number.
    pub(super) queue: BTreeMap<(Timestamp, u64), Pending>,
    pub(super) faults: Vec<Waiting>,
    pub(super) records: VecDeque<RecordedDelivery>,
    /// Whether a store has nothing until its vehicle is subscribed.
    pub(super) empty_stores: bool,
    /// Counts everything that has an ID.
    pub(super) number: u64,
    pub(super) sequence: u64,
    /// The number of resets.
    pub(super) era: u64,
}

pub(super) struct Hook {
    pub(super) known: KnownWebhook,
    pub(super) uri: Uri,
    pub(super) token: String,
    pub(super) signals: Option<Vec<String>>,
    pub(super) has_private_key: bool,
    /// Whether its verification is queued.
    pub(super) is_asked: bool,
}

/// What was last delivered of a vehicle.
#[derive(Default)]
pub(super) struct Tracked {
    /// The last simulated time that was looked at.
    pub(super) looked: Option<Timestamp>,
    /// The text of each signal without its times.
    pub(super) delivered: HashMap<String, String>,
}

/// An event to be sent.
#[derive(Clone)]
pub(super) struct Pending {
    pub(super) hook: usize,
    pub(super) event: Event,
    pub(super) attempt: u32,
    pub(super) faults: Vec<WebhookFault>,
}

impl Pending {
    /// The first attempt.
    pub(super) fn first(hook: usize, event: Event, faults: Vec<WebhookFault>) -> Self {
        Self {
            hook,
            event,
            attempt: 1,
            faults,
        }
    }
}

impl Hooks {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Adds a webhook and subscribes vehicles to it. Returns its ID.
    pub(crate) fn add(&self, new: &NewWebhook, listed: &[String]) -> io::Result<String> {
        let uri = new.check()?;
        let mut state = self.lock();
        let id = state.next_id();
        let number = state.hooks.len() + 1;
        state.hooks.push(Hook {
            known: KnownWebhook {
                id: id.clone(),
                name: new
                    .name
                    .clone()
                    .unwrap_or_else(|| format!("webhook {number}")),
                url: new.url.clone(),
                is_enabled: new.enabled.unwrap_or(true),
                auto_subscribes: new.vehicles.is_none(),
                is_verified: false,
            },
            uri,
            token: new.token.clone(),
            signals: new.signals.clone(),
            has_private_key: new.has_private_key,
            // A webhook that is not enabled is never verified, so nothing is sent to it.
            is_asked: new.enabled == Some(false),
        });
        for vehicle in new.vehicles.as_deref().unwrap_or(listed) {
            state.subscribe(&id, vehicle);
        }
        drop(state);
        self.wake();
        Ok(id)
    }

    /// Subscribes a vehicle. Returns whether it is new; `None` for an unknown
    /// webhook.
    pub(crate) fn subscribe(&self, webhook: &str, vehicle: &str) -> Option<bool> {
        let mut state = self.lock();
        let known = state.hooks.iter().any(|hook| hook.known.id == webhook);
        let is_new = known.then(|| state.subscribe(webhook, vehicle));
        drop(state);
        self.wake();
        is_new
    }

    /// Ends a subscription. Returns whether there was one.
    pub(crate) fn unsubscribe(&self, webhook: &str, vehicle: &str) -> bool {
        let gone = Subscription {
            webhook: webhook.to_owned(),
            vehicle: vehicle.to_owned(),
        };
        self.lock().subscriptions.remove(&gone).is_some()
    }

    pub(crate) fn known(&self) -> Vec<KnownWebhook> {
        let state = self.lock();
        state.hooks.iter().map(|hook| hook.known.clone()).collect()
    }

    pub(crate) fn subscriptions(&self) -> Vec<Subscription> {
        self.lock().subscriptions.keys().cloned().collect()
    }

    pub(crate) fn deliveries(&self) -> Vec<RecordedDelivery> {
        self.lock().records.iter().cloned().collect()
    }

    /// So many of the newest deliveries, newest first.
    pub(crate) fn newest_deliveries(&self, most: usize) -> Vec<RecordedDelivery> {
        let state = self.lock();
        state.records.iter().rev().take(most).cloned().collect()
    }

    /// The events that are still to be sent, in their order.
    pub(crate) fn repeats(&self) -> Vec<Value> {
        let state = self.lock();
        let queue = state.queue.iter().map(|((due, _), pending)| {
            json!({
                "due": due,
                "event_id": pending.event.id,
                "vehicle": pending.event.vehicle,
                "attempt": pending.attempt,
            })
        });
        queue.collect()
    }

    /// Lets the next look at each vehicle find something new.
    pub(crate) fn forget_delivered(&self) {
        let mut state = self.lock();
        for tracked in state.subscriptions.values_mut() {
            tracked.looked = None;
            tracked.delivered.clear();
        }
        drop(state);
        self.wake();
    }

    pub(crate) fn add_fault(&self, fault: WebhookFault) -> io::Result<()> {
        fault
            .check()
            .map_err(|message| io::Error::new(io::ErrorKind::InvalidInput, message))?;
        self.lock().faults.push(Waiting::new(fault));
        Ok(())
    }

    /// The faults that can still strike, in the order they were added.
    pub(crate) fn faults(&self) -> Vec<WebhookFault> {
        self.lock()
            .faults
            .iter()
            .filter_map(Waiting::left)
            .collect()
    }

    /// The faults that never struck.
    pub(crate) fn unmatched(&self) -> Vec<UnmatchedWebhookFault> {
        let state = self.lock();
        state.faults.iter().filter_map(Waiting::unmatched).collect()
    }

    pub(crate) fn has_empty_stores(&self) -> bool {
        self.lock().empty_stores
    }

    pub(crate) fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    pub(crate) fn set_empty_stores(&self, empty: bool) {
        self.lock().empty_stores = empty;
    }

    /// Whether a vehicle's store has nothing, because no verified webhook has it.
    pub(crate) fn has_empty_store(&self, vehicle: &str) -> bool {
        let state = self.lock();
        state.empty_stores
            && !state.subscriptions.keys().any(|known| {
                let mut hooks = state.hooks.iter();
                let is_verified =
                    hooks.any(|hook| hook.known.id == known.webhook && hook.known.is_verified);
                known.vehicle == vehicle && is_verified
            })
    }
}

impl State {
    /// An ID in the form of a UUID, the same in every run.
    pub(super) fn next_id(&mut self) -> String {
        self.number += 1;
        format!("00000000-0000-4000-9000-{:012x}", self.number)
    }

    fn subscribe(&mut self, webhook: &str, vehicle: &str) -> bool {
        let new = Subscription {
            webhook: webhook.to_owned(),
            vehicle: vehicle.to_owned(),
        };
        let is_new = !self.subscriptions.contains_key(&new);
        self.subscriptions.entry(new).or_default();
        is_new
    }

    pub(super) fn record(&mut self, delivery: RecordedDelivery) {
        self.records.push_back(delivery);
        if self.records.len() > MOST_RECORDS {
            self.records.pop_front();
        }
    }

    /// Queues an event after all others of its time.
    pub(super) fn queue(&mut self, due: Timestamp, pending: Pending) {
        self.number += 1;
        self.queue.insert((due, self.number), pending);
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("known", &self.known())
            .finish_non_exhaustive()
    }
}

/// The members of a signal that say something new, as text.
pub(super) fn said(signal: &Value) -> String {
    let part = |name: &str| signal.get(name).map(Value::to_string).unwrap_or_default();
    format!("{}{}", part("status"), part("body"))
}
