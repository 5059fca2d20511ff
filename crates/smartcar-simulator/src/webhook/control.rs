//! What a test can do with webhooks.
//!
//! Invariant: everything that is due is sent before [`Simulator::deliver`] returns.

use std::io;

use super::fault::{UnmatchedWebhookFault, WebhookFault};
use super::hooks::NewWebhook;
use super::known::{KnownWebhook, RecordedDelivery, Subscription};
use super::sender;
use crate::builder::SimulatorBuilder;
use crate::server::Simulator;

/// # Webhooks
///
/// ```no_run
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use smartcar_simulator::{Simulator, WebhookFault};
///
/// let simulator = Simulator::start().await?;
/// simulator.webhook("http://127.0.0.1:8080/", "a-management-token")?;
/// simulator.webhook_fault(WebhookFault::duplicate().chance(0.02))?;
/// simulator.advance(Duration::from_secs(3600));
/// simulator.deliver().await; // waits until everything that is due was sent
/// let taken = simulator.deliveries().iter().filter(|it| it.is_taken()).count();
/// println!("{taken} deliveries taken");
/// # Ok(())
/// # }
/// ```
impl Simulator {
    /// Adds a webhook with the management token that signs its deliveries, and
    /// subscribes all listed vehicles to it. Returns its ID.
    ///
    /// The receiver is verified first. Then the first delivery of each vehicle
    /// follows, and further ones as the clock moves and signals change, at most one
    /// per simulated minute. An event that is not answered with 2xx within 15 s is
    /// sent again after 25, 50 and 100 simulated seconds.
    ///
    /// Fails with `InvalidInput` for an empty token, and for a URL that is not plain
    /// `http`.
    pub fn webhook(&self, url: impl Into<String>, token: impl Into<String>) -> io::Result<String> {
        let new = NewWebhook::new(url, token);
        self.app.add_webhook(&new)
    }

    /// The webhooks, in the order they were added.
    pub fn webhooks(&self) -> Vec<KnownWebhook> {
        self.app.webhooks.known()
    }

    /// Subscribes a vehicle to a webhook. Returns whether it is new.
    ///
    /// Fails with `NotFound` for an unknown webhook.
    pub fn subscribe(&self, webhook: &str, vehicle: &str) -> io::Result<bool> {
        let is_new = self.app.webhooks.subscribe(webhook, vehicle);
        is_new.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no such webhook"))
    }

    /// Ends a subscription. Returns whether there was one.
    pub fn unsubscribe(&self, webhook: &str, vehicle: &str) -> bool {
        self.app.webhooks.unsubscribe(webhook, vehicle)
    }

    /// The subscriptions, sorted.
    pub fn subscriptions(&self) -> Vec<Subscription> {
        self.app.webhooks.subscriptions()
    }

    /// Adds a fault of deliveries.
    ///
    /// Fails with `InvalidInput` if its chance is out of range, or if its vehicle is neither
    /// listed nor subscribed.
    pub fn webhook_fault(&self, fault: WebhookFault) -> io::Result<()> {
        self.app.add_webhook_fault(fault)
    }

    /// The faults of deliveries that can still strike, in the order they were added.
    pub fn webhook_faults(&self) -> Vec<WebhookFault> {
        self.app.webhooks.faults()
    }

    /// The faults of deliveries that never struck an event, which a test most likely did not
    /// intend.
    pub fn unmatched_webhook_faults(&self) -> Vec<UnmatchedWebhookFault> {
        self.app.webhooks.unmatched()
    }

    /// Ends all faults of deliveries.
    pub fn clear_webhook_faults(&self) {
        self.app.webhooks.clear_faults();
    }

    /// The recorded attempts, oldest first. At most the newest 20,000 are kept.
    pub fn deliveries(&self) -> Vec<RecordedDelivery> {
        self.app.webhooks.deliveries()
    }

    /// Sends everything that is due at the simulated time, and waits for the answers.
    pub async fn deliver(&self) {
        sender::deliver(&self.app).await;
    }
}

impl SimulatorBuilder {
    /// Adds a webhook, as [`Simulator::webhook`] does.
    ///
    /// `start` fails with `InvalidInput` for an empty token, and for a URL that is not
    /// plain `http`.
    pub fn webhook(self, url: impl Into<String>, token: impl Into<String>) -> Self {
        self.add_webhook(NewWebhook::new(url, token))
    }
}
