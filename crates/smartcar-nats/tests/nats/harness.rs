//! A server, a queue, a simulator of the API, and a worker between them.
//!
//! Invariant: everything a test starts ends with it.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::stream::{Config, RetentionPolicy};
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde_json::Value;
use smartcar_batch::{AccessToken, Client, FleetVehicle, VehicleId};
use smartcar_nats::{DEAD, Depth, Finished, OUTCOMES, Queue, async_nats};
use smartcar_simulator::Simulator;
use smartcar_tests::Engine;
use tokio::time::{Instant, sleep};

/// What a test needs.
pub(crate) struct Bench {
    pub(crate) nats: Engine,
    pub(crate) queue: Queue,
    pub(crate) simulator: Simulator,
    pub(crate) client: Client,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let nats = Engine::nats().await.unwrap();
        let queue = Queue::connect(&nats.url()).await.unwrap();
        Self::of(nats, queue).await
    }

    pub(crate) async fn of(nats: Engine, queue: Queue) -> Self {
        let simulator = Simulator::start().await.unwrap();
        let client = Client::builder()
            .access_token(AccessToken::new(simulator.token()).unwrap())
            .api_origin(simulator.origin())
            .build()
            .unwrap();
        Self {
            nats,
            queue,
            simulator,
            client,
        }
    }

    /// Enqueues `vehicle-0` to `vehicle-(count - 1)`.
    pub(crate) async fn enqueue(&self, count: usize) {
        let queue = &self.queue;
        let adding = futures_util::stream::iter(0..count)
            .map(|number| async move { queue.enqueue(&vehicle(number)).await.unwrap() })
            .buffer_unordered(64);
        adding.for_each(|_| async {}).await;
    }

    /// Works until no job is ready or under way.
    pub(crate) async fn work(&self, slots: usize) -> Vec<Finished> {
        work(&self.queue, &self.client, slots, Depth::is_empty).await
    }

    /// The requests that the API got, by vehicle.
    pub(crate) fn asked(&self) -> BTreeMap<String, usize> {
        let mut asked = BTreeMap::new();
        for request in self.simulator.requests() {
            if let Some(vehicle) = request.vehicle {
                *asked.entry(vehicle).or_default() += 1;
            }
        }
        asked
    }

    pub(crate) async fn outcomes(&self) -> Vec<Stored> {
        stored(&self.nats.url(), OUTCOMES).await
    }

    pub(crate) async fn dead(&self) -> Vec<Stored> {
        stored(&self.nats.url(), DEAD).await
    }
}

pub(crate) fn vehicle(number: usize) -> FleetVehicle {
    VehicleId::new(format!("vehicle-{number}")).unwrap().into()
}

/// Works until the queue is as it should be, and looks again every 50 ms.
pub(crate) async fn work(
    queue: &Queue,
    client: &Client,
    slots: usize,
    is_done: fn(Depth) -> bool,
) -> Vec<Finished> {
    let fleet = client
        .fleet_paths(["/odometer"])
        .unwrap()
        .concurrency(slots);
    let mut outcomes = Box::pin(fleet.run(queue.jobs(slots)));
    let mut finishing = FuturesUnordered::new();
    let mut all = Vec::new();
    let mut look = tokio::time::interval(Duration::from_millis(50));
    loop {
        tokio::select! {
            Some(outcome) = outcomes.next() => finishing.push(queue.finish(outcome)),
            Some(finished) = finishing.next() => all.push(finished),
            _ = look.tick() => {
                // Away servers are waited out.
                if let Ok(depth) = queue.depth().await && is_done(depth) && finishing.is_empty() {
                    return all;
                }
            }
        }
    }
}

/// The stream of jobs, without schedules.
pub(crate) fn without_schedules() -> Config {
    Config {
        name: "SMARTCAR_VEHICLES".to_owned(),
        subjects: vec![
            "smartcar.vehicles.>".to_owned(),
            "smartcar.schedules.>".to_owned(),
        ],
        retention: RetentionPolicy::WorkQueue,
        max_messages_per_subject: 1,
        ..Config::default()
    }
}

/// A server whose consumer has an ack wait of 1 s. The queue does not change it.
pub(crate) async fn with_short_ack_wait() -> (Engine, Queue) {
    let nats = Engine::nats().await.unwrap();
    let config = Config {
        allow_message_schedules: true,
        ..without_schedules()
    };
    let context = jetstream(&nats.url()).await;
    let stream = context.create_stream(config).await.unwrap();
    let consumer = pull::Config {
        durable_name: Some("smartcar-worker".to_owned()),
        filter_subject: "smartcar.vehicles.>".to_owned(),
        ack_policy: AckPolicy::Explicit,
        ack_wait: Duration::from_secs(1),
        ..pull::Config::default()
    };
    stream.create_consumer(consumer).await.unwrap();
    let queue = Queue::connect(&nats.url()).await.unwrap();
    (nats, queue)
}

/// A stored message.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) subject: String,
    pub(crate) message_id: Option<String>,
    pub(crate) object: Value,
}

/// A client of its own, to look at the server from outside.
pub(crate) async fn jetstream(url: &str) -> jetstream::Context {
    jetstream::new(async_nats::connect(url).await.unwrap())
}

/// How often the server has delivered jobs, repeats included.
pub(crate) async fn deliveries(url: &str) -> u64 {
    let stream = jetstream(url).await.get_stream("SMARTCAR_VEHICLES").await;
    let consumer = stream.unwrap().consumer_info("smartcar-worker").await;
    consumer.unwrap().delivered.consumer_sequence
}

/// All messages of a stream, in order.
pub(crate) async fn stored(url: &str, stream: &str) -> Vec<Stored> {
    let stream = jetstream(url).await.get_stream(stream).await.unwrap();
    let state = stream.cached_info().state.clone();
    let mut all = Vec::new();
    for sequence in state.first_sequence..=state.last_sequence {
        let Ok(message) = stream.get_raw_message(sequence).await else {
            continue;
        };
        let id = message.headers.get("Nats-Msg-Id");
        all.push(Stored {
            subject: message.subject.to_string(),
            message_id: id.map(|id| id.as_str().to_owned()),
            object: serde_json::from_slice(&message.payload).unwrap(),
        });
    }
    all
}

/// Waits until the condition is true.
pub(crate) async fn eventually(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !so().await {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}
