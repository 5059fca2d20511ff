//! The webhooks and subscriptions of the management API.
//!
//! Invariant: they are those of the simulator's sender. A subscription has no state
//! of its own, so its ID is made of its webhook and its vehicle.

use http::StatusCode;
use http::request::Parts;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::page::{Filter, Pages, Query};
use super::resource::{Operations, operation};
use super::site::Site;
use crate::answer::Answer;
use crate::document::SpecError;
use crate::errors::Refusal;
use crate::exchange::Source;
use crate::tokens::DEFAULT_USER;
use crate::validate::has_type;
use crate::webhook::known::{KnownWebhook, Subscription};

/// The mode of every vehicle here.
const MODE: &str = "live";
const WEBHOOK_FILTERS: [Filter; 4] = [
    ("filter[name]", "/attributes/name"),
    ("filter[callbackUri]", "/attributes/callbackUri"),
    ("filter[isEnabled]", "/attributes/isEnabled"),
    ("filter[autoSubscribe]", "/attributes/autoSubscribe"),
];
const SUBSCRIPTION_FILTERS: [Filter; 3] = [
    ("filter[userId]", "/attributes/userId"),
    ("filter[webhookId]", "/attributes/webhookId"),
    ("filter[vehicleId]", "/attributes/vehicleId"),
];

/// The limits of the lists.
#[derive(Debug)]
pub(super) struct Management {
    webhooks: Pages,
    subscriptions: Pages,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Want<'r> {
    Webhooks,
    Webhook(&'r str),
    Subscriptions,
    Subscribe(&'r NewSubscription),
    Subscription(&'r str),
    Unsubscribe(&'r str),
}

/// A subscription to be created.
#[derive(Debug)]
pub(super) struct NewSubscription {
    webhook: String,
    pub(super) vehicle: String,
}

impl NewSubscription {
    /// Reads the body of a request.
    pub(super) fn read(parts: &Parts, body: &[u8]) -> Result<Self, Refusal> {
        if !has_type(&parts.headers, "application/json") {
            return Err(Refusal::invalid_parameter(
                "content-type",
                "must be application/json",
            ));
        }
        let body: Value = serde_json::from_slice(body)
            .map_err(|_| Refusal::invalid_parameter("body", "is not JSON"))?;
        let attribute = |name: &str| {
            let value = body["data"]["attributes"].get(name).and_then(Value::as_str);
            let value = value.filter(|value| !value.is_empty()).map(str::to_owned);
            value.ok_or_else(|| {
                Refusal::invalid_parameter(&format!("data.attributes.{name}"), "is missing")
            })
        };
        attribute("userId")?;
        Ok(Self {
            webhook: attribute("webhookId")?,
            vehicle: attribute("vehicleId")?,
        })
    }
}

impl Management {
    pub(super) fn read(document: &Value, operations: &Operations<'_>) -> Result<Self, SpecError> {
        let pages = |name: &str| Pages::read(document, operation(operations, name)?);
        Ok(Self {
            webhooks: pages("list_webhooks")?,
            subscriptions: pages("list_subscriptions")?,
        })
    }

    pub(super) fn answer(
        &self,
        want: Want<'_>,
        site: Site<'_>,
        source: Source<'_>,
        query: &str,
        now: Timestamp,
    ) -> Result<Answer, Refusal> {
        let hooks = source.webhooks;
        let subscription = |known: &Subscription| of_subscription(site, known);
        let query = Query::read(query);
        let find = |id: &str| {
            let mut known = hooks.subscriptions().into_iter();
            let known = known.find(|known| id_of(known) == id);
            known.ok_or_else(Refusal::no_resource)
        };
        let body = match want {
            Want::Webhooks => {
                let known = hooks.known();
                let all = known.iter().map(|known| webhook(site, known)).collect();
                let pages = &self.webhooks;
                pages.cut(site, "webhooks", &WEBHOOK_FILTERS, &query, all)?
            }
            Want::Webhook(id) => {
                let known = hooks.known();
                let known = known.iter().find(|known| known.id == id);
                json!({"data": webhook(site, known.ok_or_else(Refusal::no_resource)?)})
            }
            Want::Subscribe(new) => {
                let known = Subscription {
                    webhook: new.webhook.clone(),
                    vehicle: new.vehicle.clone(),
                };
                let found = source.world.look(Some(&new.vehicle), now);
                found.map_err(|_| Refusal::no_vehicle())?;
                let is_new = hooks.subscribe(&new.webhook, &new.vehicle);
                if !is_new.ok_or_else(Refusal::no_resource)? {
                    return Err(Refusal::subscribed());
                }
                let body = json!({"data": subscription(&known)});
                return Ok(Answer::new(StatusCode::ACCEPTED, &body));
            }
            Want::Subscriptions => {
                let known = hooks.subscriptions();
                let is_other = query
                    .get("filter[vehicle.mode]")
                    .is_some_and(|it| it != MODE);
                let known = known.iter().filter(|_| !is_other);
                let all = known.map(subscription).collect();
                let pages = &self.subscriptions;
                pages.cut(site, "subscriptions", &SUBSCRIPTION_FILTERS, &query, all)?
            }
            Want::Subscription(id) => json!({"data": subscription(&find(id)?)}),
            Want::Unsubscribe(id) => {
                let known = find(id)?;
                hooks.unsubscribe(&known.webhook, &known.vehicle);
                return Ok(Answer::written(StatusCode::NO_CONTENT, String::new()));
            }
        };
        Ok(Answer::new(StatusCode::OK, &body))
    }
}

fn webhook(site: Site<'_>, known: &KnownWebhook) -> Value {
    json!({
        "id": known.id,
        "type": "webhook",
        "attributes": {
            "name": known.name,
            "callbackUri": known.url,
            "isEnabled": known.is_enabled,
            "autoSubscribe": known.auto_subscribes,
        },
        "links": {"self": site.address(&["webhooks", &known.id])},
    })
}

fn of_subscription(site: Site<'_>, known: &Subscription) -> Value {
    let id = id_of(known);
    json!({
        "id": id,
        "type": "subscription",
        "attributes": {
            "webhookId": known.webhook,
            "userId": DEFAULT_USER,
            "vehicleId": known.vehicle,
        },
        "links": {"self": site.address(&["subscriptions", &id])},
    })
}

fn id_of(known: &Subscription) -> String {
    format!("{}.{}", known.webhook, known.vehicle)
}
