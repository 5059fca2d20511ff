//! Stores outcomes, dead letters and schedules, and acknowledges jobs.
//!
//! Invariant: a job is acknowledged only after what replaces it is stored.

use std::time::Duration;

use async_nats::header::{
    NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_SCHEDULE, NATS_SCHEDULE_TARGET,
};
use async_nats::jetstream::Context;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use bytes::Bytes;
use smartcar_batch::jiff::Timestamp;
use smartcar_batch::{Error, VehicleId};

use crate::error::QueueError;
use crate::job::Job;
use crate::letter::{self, Cause};
use crate::subject;
use crate::ticket::Ticket;

/// The first wait after a message was not stored. It doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// The longest wait after a message was not stored.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The subject whose last sequence is expected. The client has no constant for it.
const EXPECTED_SUBJECT: &str = "Nats-Expected-Last-Subject-Sequence-Subject";

/// Publishes a message and waits until the server has stored it. Returns whether it
/// was a duplicate.
pub(crate) async fn store(
    context: &Context,
    subject: String,
    message_id: Option<&str>,
    object: Bytes,
) -> Result<bool, QueueError> {
    let mut message = PublishMessage::build().payload(object);
    if let Some(id) = message_id {
        message = message.message_id(id);
    }
    publish(context, subject, message).await.map_err(not_stored)
}

pub(crate) async fn publish(
    context: &Context,
    subject: String,
    message: PublishMessage,
) -> Result<bool, PublishError> {
    let acknowledged = context.send_publish(subject, message).await?.await?;
    Ok(acknowledged.duplicate)
}

pub(crate) fn not_stored(error: PublishError) -> QueueError {
    match error.kind() {
        PublishErrorKind::MaxPayloadExceeded => QueueError::TooLarge,
        _ => QueueError::not_stored(error),
    }
}

/// The pause before the next attempt. It grows.
struct Pause(Duration);

impl Pause {
    async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(LONGEST_WAIT);
    }
}

/// Stores a message, however long that takes. Only a message that is too large is an
/// error.
pub(crate) async fn store_for_sure(
    context: &Context,
    subject: &str,
    message_id: &str,
    object: &Bytes,
) -> Result<bool, QueueError> {
    let mut pause = Pause(FIRST_WAIT);
    loop {
        let stored = store(
            context,
            subject.to_owned(),
            Some(message_id),
            object.clone(),
        )
        .await;
        match stored {
            Err(QueueError::TooLarge) | Ok(_) => return stored,
            Err(_) => pause.wait().await,
        }
    }
}

/// Schedules a job of the ticket's vehicle, however long that takes. Returns false if
/// the ticket's job was removed or replaced in the meantime; then nothing is scheduled.
pub(crate) async fn schedule(context: &Context, ticket: &Ticket, job: &Job, at: Timestamp) -> bool {
    let vehicle = job.vehicle.id();
    // The server reads milliseconds. One more, so that it is never early.
    let at = at
        .checked_add(Duration::from_millis(1))
        .unwrap_or(Timestamp::MAX);
    let mut pause = Pause(FIRST_WAIT);
    loop {
        let message = PublishMessage::build()
            .payload(job.payload())
            .header(NATS_SCHEDULE, format!("@at {at:.3}").as_str())
            .header(NATS_SCHEDULE_TARGET, subject::job(vehicle).as_str())
            .header(
                NATS_EXPECTED_LAST_SUBJECT_SEQUENCE,
                ticket.sequence.to_string().as_str(),
            )
            .header(EXPECTED_SUBJECT, ticket.subject.as_str());
        match publish(context, subject::schedule(vehicle), message).await {
            Ok(_) => return true,
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => return false,
            Err(_) => pause.wait().await,
        }
    }
}

/// Stores a dead letter and acknowledges the job.
pub(crate) async fn bury(
    context: &Context,
    ticket: Ticket,
    vehicle: Option<&VehicleId>,
    error: &Error,
    reason: &str,
) {
    let subject = match vehicle {
        Some(vehicle) => subject::dead(vehicle),
        None => subject::dead_of(&ticket.subject),
    };
    let mut cause = Cause {
        reason,
        deliveries: ticket.deliveries,
        job: &ticket.payload,
    };
    let id = ticket.message_id();
    let object = letter::dead(vehicle, error, cause);
    if store_for_sure(context, &subject, &id, &object)
        .await
        .is_err()
    {
        // The job itself is too large for its letter.
        cause.job = b"null";
        let object = letter::dead(vehicle, error, cause);
        let _ = store_for_sure(context, &subject, &id, &object).await;
    }
    ticket.acknowledge().await;
}
