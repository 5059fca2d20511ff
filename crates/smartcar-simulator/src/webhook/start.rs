//! The webhooks at the start, and as they are saved.
//!
//! Invariant: a reset leaves nothing of what came after the start. A key that may be a real
//! one is not saved.

use serde_json::{Value, json};

use super::fault::{Waiting, WebhookFault};
use super::hooks::{Hooks, State, Tracked};
use super::known::Subscription;

/// What is saved in place of the key of a webhook that may be a real one.
const REPLACED: &str = "replace-this-key";

/// The state of the webhooks at the start.
pub(crate) struct Start {
    /// The number of webhooks.
    hooks: usize,
    subscriptions: Vec<Subscription>,
    faults: Vec<WebhookFault>,
    number: u64,
}

impl Hooks {
    /// What a reset goes back to.
    pub(crate) fn start(&self) -> Start {
        let state = self.lock();
        Start {
            hooks: state.hooks.len(),
            subscriptions: state.subscriptions.keys().cloned().collect(),
            faults: state.faults.iter().map(|it| it.fault.clone()).collect(),
            number: state.number,
        }
    }

    /// Goes back to the start. Nothing of before is recorded or repeated any more, even if it
    /// is being sent.
    pub(crate) fn reset(&self, start: &Start) {
        let mut state = self.lock();
        let subscriptions = start.subscriptions.iter();
        let faults = start.faults.iter();
        *state = State {
            hooks: state.hooks.drain(..start.hooks).collect(),
            subscriptions: subscriptions
                .map(|it| (it.clone(), Tracked::default()))
                .collect(),
            faults: faults.cloned().map(Waiting::new).collect(),
            empty_stores: state.empty_stores,
            number: start.number,
            era: state.era + 1,
            ..State::default()
        };
        for hook in &mut state.hooks {
            hook.known.is_verified = false;
            hook.is_asked = !hook.known.is_enabled;
        }
        drop(state);
        self.wake();
    }

    /// The webhooks in the keys of a scenario. The `own` token for other machines is not in
    /// them.
    pub(crate) fn saved(&self, listed: &[String], own: Option<&str>) -> Vec<Value> {
        let state = self.lock();
        let saved = state.hooks.iter().map(|hook| {
            let is_private = hook.has_private_key || own == Some(&hook.token);
            let mut members = json!({
                "url": hook.known.url,
                "token": if is_private { REPLACED } else { &hook.token },
                "name": hook.known.name,
            });
            if !hook.known.is_enabled {
                members["enabled"] = false.into();
            }
            let subscribed: Vec<&String> = state
                .subscriptions
                .keys()
                .filter(|it| it.webhook == hook.known.id)
                .map(|it| &it.vehicle)
                .collect();
            let has_all = subscribed.len() == listed.len()
                && listed.iter().all(|id| subscribed.contains(&id));
            if !(has_all && hook.known.auto_subscribes) {
                members["vehicles"] = json!(subscribed);
            }
            if let Some(signals) = &hook.signals {
                members["signals"] = json!(signals);
            }
            members
        });
        saved.collect()
    }
}
