//! Deliveries of webhooks with every fault, to a receiver that is killed twice.
//!
//! Invariant: the last word of each vehicle is sent without faults, and all repeats are
//! over when a storm is.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

use serde_json::Value;
use smartcar_simulator::{Scenario, SimulatedVehicle, Simulator, WebhookFault, WebhookForm};
use smartcar_webhook::{Event, Latest};

/// The management token that signs the deliveries.
pub const KEY: &str = "6c1b2c1e-9f6a-4a0b-8c2c-0c5a8b7d3e21";

/// How likely each fault is for an event.
const CHANCE: f64 = 0.02;
/// After this many rounds without faults, all repeats are over.
const LAST_ROUNDS: u32 = 6;
/// The most rounds. More mean that the vehicles do not change.
const MOST_ROUNDS: u32 = 2_000;

/// A selection, as an application has it.
const SIGNALS: [&str; 8] = [
    "odometer-traveleddistance",
    "tractionbattery-stateofcharge",
    "tractionbattery-range",
    "location-preciselocation",
    "charge-ischarging",
    "closure-doors",
    "closure-windows",
    "internalcombustionengine-fuellevel",
];

/// A receiver of deliveries that are signed with [`KEY`].
pub trait Receives {
    /// Where it listens, also after a restart.
    fn url(&self) -> String;

    /// Kills it while a round of deliveries is under way.
    fn kill(&mut self) -> impl Future<Output = ()>;

    /// Starts it again.
    fn restart(&mut self) -> impl Future<Output = ()>;
}

/// A storm that is over.
#[derive(Debug)]
pub struct Storm {
    simulator: Simulator,
}

/// What a vehicle's signals are: each path with its body, or its error.
pub type Signals = BTreeMap<String, Result<Value, String>>;

impl Storm {
    /// The number of attempts: `SMARTCAR_DELIVERIES`, or else the given one.
    ///
    /// # Panics
    /// If the variable is not a number.
    pub fn deliveries(usual: usize) -> usize {
        let set = std::env::var("SMARTCAR_DELIVERIES").ok();
        set.map_or(usual, |set| set.parse().expect("a number of deliveries"))
    }

    /// Sends at least this many attempts, a fiftieth of as many vehicles, and kills the
    /// receiver twice. It is away for the rest of a round, and the vendor's repeats reach
    /// into the next.
    ///
    /// # Panics
    /// If the vehicles do not change.
    pub async fn over(wanted: usize, receiver: &mut impl Receives) -> io::Result<Self> {
        let mut builder = Simulator::builder().seed(3);
        for number in 0..(wanted / 50).max(20) {
            builder = builder.vehicle(SimulatedVehicle::new(format!("car-{number}")).make("KIA"));
        }
        for fault in faults() {
            builder = builder.webhook_fault(fault);
        }
        let scenario = format!(
            "[[webhooks]]\nurl = \"{}\"\ntoken = \"{KEY}\"\nsignals = {SIGNALS:?}\n",
            receiver.url()
        );
        let scenario = Scenario::parse(&scenario).map_err(io::Error::other)?;
        let simulator = builder.scenario(scenario).start().await?;
        simulator.deliver().await;
        let (mut kills, mut rounds, mut sent) = (0, 0, 0);
        while sent < wanted {
            let is_struck = kills < 2 && sent > (kills + 1) * wanted / 4;
            simulator.advance(Duration::from_secs(60));
            if is_struck {
                kills += 1;
                tokio::join!(simulator.deliver(), receiver.kill());
                receiver.restart().await;
            } else {
                simulator.deliver().await;
            }
            sent = simulator.deliveries().len();
            rounds += 1;
            assert!(rounds < MOST_ROUNDS, "the vehicles do not change");
        }
        assert_eq!(kills, 2);
        simulator.clear_webhook_faults();
        for _ in 0..LAST_ROUNDS {
            simulator.advance(Duration::from_secs(60));
            simulator.deliver().await;
        }
        // A vehicle that is parked has nothing new to say, but a new subscription has.
        for subscription in simulator.subscriptions() {
            simulator.unsubscribe(&subscription.webhook, &subscription.vehicle);
            simulator.subscribe(&subscription.webhook, &subscription.vehicle)?;
        }
        simulator.deliver().await;
        Ok(Self { simulator })
    }

    /// Checks the IDs of the events that the receiver kept: every event that any attempt
    /// brought, and no other. Returns the counts in words.
    ///
    /// # Panics
    /// If one is missing, or was lost although a repeat could have brought it.
    pub fn check(&self, kept: &BTreeSet<String>) -> String {
        let deliveries = self.simulator.deliveries();
        let other_key = WebhookFault::other_key().chance(CHANCE);
        // Whether an attempt was taken, and whether any was signed with the right key.
        let mut events: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
        let mut unanswered = 0;
        for delivery in deliveries.iter().filter(|it| it.event_type != "VERIFY") {
            let event = events.entry(&delivery.event_id).or_default();
            event.0 |= delivery.is_taken();
            event.1 |= !delivery.faults.contains(&other_key);
            unanswered += usize::from(delivery.status.is_none());
        }
        let mut lost = 0;
        for (id, (is_taken, is_ours)) in &events {
            assert_eq!(kept.contains(*id), *is_taken, "{id} is kept");
            assert!(*is_taken || !is_ours, "{id} was lost");
            lost += usize::from(!is_taken);
        }
        let known = |id: &String| events.contains_key(id.as_str());
        assert!(kept.iter().all(known), "an event was never sent");
        format!(
            "{} attempts of {} events: {} kept, {unanswered} attempts without an answer, \
             {lost} events with another application's key",
            deliveries.len(),
            events.len(),
            kept.len(),
        )
    }

    /// What each vehicle's signals are now, as a fresh delivery says it. It is sent to
    /// this receiver.
    pub async fn truth(&self, receiver: &impl Receives) -> io::Result<BTreeMap<String, Signals>> {
        let fresh = self.simulator.webhook(receiver.url(), KEY)?;
        self.simulator.deliver().await;
        let mut truth = BTreeMap::new();
        for delivery in self.simulator.deliveries() {
            if delivery.webhook != fresh {
                continue;
            }
            let event = Event::read(&delivery.body).map_err(io::Error::other)?;
            if let (Event::State(state), Some(vehicle)) = (event, delivery.vehicle) {
                let mut latest = Latest::new();
                latest.take(&state).map_err(io::Error::other)?;
                truth.insert(vehicle, signals(&latest));
            }
        }
        Ok(truth)
    }
}

/// The newest value of each selected signal.
///
/// # Panics
/// If a body is not JSON.
pub fn signals(latest: &Latest) -> Signals {
    let paths = SIGNALS.map(|code| format!("/signals/{code}"));
    let results = latest.view().batch_paths(paths).expect("paths").data;
    let each = results.iter().map(|(path, outcome)| {
        let outcome = outcome.as_ref().map_err(ToString::to_string);
        let read = |body: &str| serde_json::from_str(body).expect("a body is JSON");
        let value = outcome.map(|reading| read(&reading.body.to_string()));
        (path.to_owned(), value)
    });
    each.collect()
}

/// Every fault that leaves the newest values as they are.
fn faults() -> Vec<WebhookFault> {
    let mut faults = vec![
        WebhookFault::duplicate(),
        WebhookFault::disorder(),
        WebhookFault::wrong_signature(),
        WebhookFault::other_key(),
        WebhookFault::test_mode(),
        WebhookFault::dropped(),
        WebhookFault::vehicle_error(),
    ];
    // These two say less than was true, so the newest values would differ.
    let loses = [WebhookForm::UnknownStatus, WebhookForm::NoPowertrain];
    let forms = WebhookForm::ALL
        .into_iter()
        .filter(|form| !loses.contains(form));
    faults.extend(forms.map(WebhookFault::form));
    faults
        .into_iter()
        .map(|fault| fault.chance(CHANCE))
        .collect()
}
