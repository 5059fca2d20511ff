//! The queue: what a service calls.
//!
//! Invariant: a job is acknowledged only after its outcome, its dead letter or its
//! schedule is stored.

use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use bytes::Bytes;
use futures_util::stream::Stream;
use serde::Serialize;
use smartcar_batch::jiff::Timestamp;
use smartcar_batch::{Error, ErrorKind, FleetOutcome, FleetVehicle, VehicleId};
use tokio::sync::{mpsc, oneshot};

use crate::connect;
use crate::error::QueueError;
use crate::job::Job;
use crate::keeper;
use crate::letter;
use crate::pull;
use crate::settle;
use crate::shared::{Shared, Task};
use crate::state::{Depth, Enqueued, Finished};
use crate::streams;
use crate::subject;
use crate::ticket::Ticket;
use crate::verdict::{self, Verdict};

/// Time for [`Queue::close`] to reach the server.
const CLOSING: Duration = Duration::from_secs(5);

/// A queue of vehicles on NATS JetStream. Clones share one connection.
///
/// See the [crate's documentation](crate) for the guarantees and for an example.
#[derive(Debug, Clone)]
pub struct Queue {
    shared: Arc<Shared>,
    every: Option<Duration>,
}

impl Queue {
    /// Connects to a NATS server, such as `nats://127.0.0.1:4222`, and creates the
    /// streams and the consumer if they are missing.
    ///
    /// The URL can have a user and password, or a token as the user; several URLs are
    /// separated by commas. For other credentials, connect a client yourself and use
    /// [`Queue::of`]. Later outages are waited out.
    pub async fn connect(url: &str) -> Result<Self, QueueError> {
        Self::of(connect::open(url).await?).await
    }

    /// A queue on a connected client. Starts a task that keeps jobs in progress, on the
    /// current runtime.
    ///
    /// Fails as [`Queue::connect`] does: if the server is too old, if it has no
    /// JetStream, or if a stream exists that does not work for the queue.
    pub async fn of(client: Client) -> Result<Self, QueueError> {
        let context = connect::jetstream(&client).await?;
        let ready = streams::ensure(&context).await?;
        let ack_wait = ready.ack_wait;
        let (tasks, todo) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared::new(client.clone(), context, ready, tasks));
        let keeper = keeper::keep(Arc::downgrade(&shared), client, ack_wait, todo);
        tokio::spawn(keeper);
        Ok(Self {
            shared,
            every: None,
        })
    }

    /// Polls each vehicle again this long after its outcome, or at the outcome's
    /// [`retry_at`](FleetOutcome::retry_at) if that is later. The default is never.
    #[must_use]
    pub fn every(mut self, period: Duration) -> Self {
        self.every = Some(period);
        self
    }

    /// Puts a vehicle into the queue, unless it is in it already.
    pub async fn enqueue(&self, vehicle: &FleetVehicle) -> Result<Enqueued, QueueError> {
        if self.is_scheduled(vehicle.id()).await? {
            return Ok(Enqueued::Waiting);
        }
        let message = PublishMessage::build()
            .payload(Job::new(vehicle.clone()).payload())
            .expected_last_subject_sequence(0);
        let subject = subject::job(vehicle.id());
        match settle::publish(&self.shared.context, subject, message).await {
            Ok(_) => Ok(Enqueued::Added),
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => {
                Ok(Enqueued::Present)
            }
            Err(error) => Err(settle::not_stored(error)),
        }
    }

    async fn is_scheduled(&self, vehicle: &VehicleId) -> Result<bool, QueueError> {
        let stream = &self.shared.ready.stream;
        let subject = subject::schedule(vehicle);
        match stream.get_last_raw_message_by_subject(&subject).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(false),
            Err(error) => Err(QueueError::setup(subject::VEHICLES, error)),
        }
    }

    /// Removes a vehicle's job and its schedule. A call under way goes on and its
    /// outcome is stored, but the vehicle is not scheduled again. Returns whether there
    /// was anything to remove.
    pub async fn remove(&self, vehicle: &VehicleId) -> Result<bool, QueueError> {
        let mut removed = 0;
        // The schedule first: it cannot become a job after the job was removed.
        for subject in [subject::schedule(vehicle), subject::job(vehicle)] {
            let purge = self.shared.ready.stream.purge().filter(subject).await;
            removed += purge
                .map_err(|error| QueueError::setup(subject::VEHICLES, error))?
                .purged;
        }
        Ok(removed > 0)
    }

    /// The jobs, as entries for [`Fleet::run`](smartcar_batch::Fleet::run). `slots` is
    /// the fleet's concurrency: never more jobs are fetched than slots are free, so that
    /// other workers get the rest.
    ///
    /// The stream ends after [`Queue::stop`]. It fetches nothing while a shared budget
    /// or the token endpoint is away, and waits for NATS if that is away. A job that
    /// cannot be read becomes a dead letter and is not an item.
    pub fn jobs(&self, slots: usize) -> impl Stream<Item = (FleetVehicle, Ticket)> + Send + use<> {
        pull::jobs(Arc::clone(&self.shared), slots)
    }

    /// Stores the outcome and then acknowledges the job. What happens otherwise is in
    /// [`Finished`].
    ///
    /// If NATS does not store it, this waits and tries again without end, and the job
    /// stays in progress. Call it for several outcomes at once, while the stream of
    /// outcomes is polled. If the future is dropped, the job is given back.
    pub async fn finish<T: Serialize>(&self, outcome: FleetOutcome<T, Ticket>) -> Finished {
        let now = Timestamp::now();
        let retry_at = outcome.retry_at();
        let FleetOutcome {
            vehicle,
            result,
            mut ticket,
            ..
        } = outcome;
        ticket.answered();
        let retries = ticket.job.as_ref().map_or(0, |job| job.retries);
        let error = match result {
            Ok(response) => {
                self.shared.gate.succeeded();
                match letter::answered(&vehicle, &response) {
                    Ok(object) => return self.keep(&vehicle, object, ticket, now, retry_at).await,
                    Err(error) => {
                        let error = Error::new(ErrorKind::Decode, error.to_string());
                        return self
                            .bury(&vehicle, error, ticket, "it cannot be stored")
                            .await;
                    }
                }
            }
            Err(error) => error,
        };
        match verdict::of(&error, retries, now) {
            Verdict::Outcome => {
                self.shared.gate.succeeded();
                let object = letter::failed(&vehicle, &error);
                self.keep(&vehicle, object, ticket, now, retry_at).await
            }
            Verdict::Later { at, retries } => match self.schedule(&ticket, at, retries).await {
                true => {
                    ticket.acknowledge().await;
                    Finished::Scheduled { at }
                }
                false => {
                    ticket.acknowledge().await;
                    Finished::Removed
                }
            },
            Verdict::Dead { reason } => self.bury(&vehicle, error, ticket, &reason).await,
            Verdict::Wait(wait) => {
                self.shared.gate.pause(wait);
                Finished::GivenBack { error }
            }
            Verdict::Refused => {
                self.stop();
                Finished::Refused { error }
            }
        }
    }

    /// Stores an outcome, schedules the next poll if there is one, and acknowledges.
    async fn keep(
        &self,
        vehicle: &VehicleId,
        object: Bytes,
        ticket: Ticket,
        now: Timestamp,
        retry_at: Option<Timestamp>,
    ) -> Finished {
        let (subject, id) = (subject::outcome(Some(vehicle)), ticket.message_id());
        let stored = settle::store_for_sure(&self.shared.context, &subject, &id, &object).await;
        let Ok(is_duplicate) = stored else {
            let error = Error::new(ErrorKind::Decode, "the outcome is larger than NATS accepts");
            return self
                .bury(vehicle, error, ticket, "it cannot be stored")
                .await;
        };
        let mut next = None;
        if let Some(every) = self.every {
            let at = verdict::after(now, every).max(retry_at.unwrap_or(Timestamp::MIN));
            if self.schedule(&ticket, at, 0).await {
                next = Some(at);
            }
        }
        ticket.acknowledge().await;
        Finished::Stored { is_duplicate, next }
    }

    async fn schedule(&self, ticket: &Ticket, at: Timestamp, retries: u32) -> bool {
        let Some(job) = &ticket.job else {
            return false;
        };
        let job = Job {
            retries,
            vehicle: job.vehicle.clone(),
        };
        settle::schedule(&self.shared.context, ticket, &job, at).await
    }

    async fn bury(
        &self,
        vehicle: &VehicleId,
        error: Error,
        ticket: Ticket,
        reason: &str,
    ) -> Finished {
        settle::bury(&self.shared.context, ticket, Some(vehicle), &error, reason).await;
        Finished::Dead { error }
    }

    /// Stores an object in the stream of outcomes, once: for outcomes that come from
    /// elsewhere, such as deliveries of webhooks. Without a vehicle the subject is
    /// `smartcar.outcomes._`.
    ///
    /// The server stores two objects with one `message_id`, such as `event-<eventId>`,
    /// within ten minutes only once. Returns whether this one was a duplicate. If it
    /// fails, the object may still have been stored.
    pub async fn store(
        &self,
        vehicle: Option<&VehicleId>,
        message_id: Option<&str>,
        object: impl Into<Bytes>,
    ) -> Result<bool, QueueError> {
        let subject = subject::outcome(vehicle);
        settle::store(&self.shared.context, subject, message_id, object.into()).await
    }

    /// How many jobs there are, in the whole queue.
    pub async fn depth(&self) -> Result<Depth, QueueError> {
        let ready = &self.shared.ready;
        let consumer = ready
            .consumer
            .get_info()
            .await
            .map_err(|error| QueueError::setup(subject::CONSUMER, error))?;
        let stream = ready
            .stream
            .get_info()
            .await
            .map_err(|error| QueueError::setup(subject::VEHICLES, error))?;
        Ok(Depth::of(&consumer, &stream))
    }

    /// Whether the connection to NATS is up.
    pub fn is_connected(&self) -> bool {
        self.shared.client.connection_state() == async_nats::connection::State::Connected
    }

    /// Whether fetching is paused, because a shared budget or the token endpoint is
    /// away.
    pub fn is_paused(&self) -> bool {
        self.shared.gate.is_paused()
    }

    /// Fetches no more jobs: all streams of [`Queue::jobs`] end. Jobs under way go on.
    pub fn stop(&self) {
        self.shared.gate.stop();
    }

    /// Waits until the server has the acknowledgements and the jobs that were given
    /// back, 5 s at most. Call it before the process ends, after the stream of outcomes
    /// is dropped.
    pub async fn close(self) {
        let (done, flushed) = oneshot::channel();
        if self.shared.tasks.send(Task::Flush(done)).is_ok() {
            let _ = tokio::time::timeout(CLOSING, flushed).await;
        }
    }

    /// The number of jobs in the queue of a server, scheduled ones included. Creates
    /// nothing. `None` if the stream of jobs does not exist.
    pub async fn count(url: &str) -> Result<Option<u64>, QueueError> {
        let context = connect::jetstream(&connect::open(url).await?).await?;
        let stream = streams::existing(&context).await?;
        Ok(stream.map(|stream| stream.cached_info().state.messages))
    }

    /// The settings of the streams and the consumer as the queue creates them: the
    /// JSON objects that the server gets, by name.
    pub fn settings() -> Vec<(String, serde_json::Value)> {
        let [vehicles, outcomes, dead] = streams::configs().map(|config| {
            let object = serde_json::to_value(&config);
            (config.name, object)
        });
        let consumer = serde_json::to_value(streams::consumer_config());
        let consumer = (subject::CONSUMER.to_owned(), consumer);
        [vehicles, outcomes, dead, consumer]
            .map(|(name, object)| (name, object.expect("settings are plain values")))
            .into()
    }
}
