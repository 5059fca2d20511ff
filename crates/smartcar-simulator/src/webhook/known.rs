//! What a test sees of webhooks, subscriptions and deliveries.
//!
//! Invariant: no management token is shown.

use jiff::Timestamp;
use serde::Serialize;

use super::fault::WebhookFault;

/// A webhook that the simulator sends to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KnownWebhook {
    /// Its ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The callback URI.
    pub url: String,
    /// Whether it is enabled. Nothing is sent otherwise.
    pub is_enabled: bool,
    /// Whether the vehicles were subscribed when it was added.
    pub auto_subscribes: bool,
    /// Whether the receiver answered its verification. Nothing else is sent before.
    pub is_verified: bool,
}

/// A vehicle that is subscribed to a webhook.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Subscription {
    /// The webhook's ID.
    pub webhook: String,
    /// The vehicle's ID.
    pub vehicle: String,
}

/// One attempt to deliver an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RecordedDelivery {
    /// The webhook's ID.
    pub webhook: String,
    /// `VERIFY`, `VEHICLE_STATE` or `VEHICLE_ERROR`.
    pub event_type: String,
    /// The event's ID, the same over repeats.
    pub event_id: String,
    /// The delivery's ID, new for each attempt.
    pub delivery_id: String,
    /// The vehicle; `None` for a verification.
    pub vehicle: Option<String>,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The simulated time of the attempt.
    pub at: Timestamp,
    /// The faults of the attempt.
    pub faults: Vec<WebhookFault>,
    /// The body as it was sent.
    pub body: String,
    /// The status of the answer. `None` if the attempt was dropped, or there was no
    /// answer within 15 s.
    pub status: Option<u16>,
}

impl RecordedDelivery {
    /// Whether the receiver took the event: any 2xx.
    pub fn is_taken(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }
}
