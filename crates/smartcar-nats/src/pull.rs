//! The stream of jobs.
//!
//! Invariant: never more jobs are fetched than there are free slots. A job that was
//! fetched and not yielded is given back.

use std::sync::Arc;
use std::time::Duration;

use async_nats::connection;
use async_nats::jetstream::consumer::pull::Batch;
use futures_util::future::FutureExt;
use futures_util::stream::{self, Stream, StreamExt};
use smartcar_batch::{Error, ErrorKind, FleetVehicle};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::gate::State;
use crate::job::Job;
use crate::settle;
use crate::shared::Shared;
use crate::slots::Slots;
use crate::streams;
use crate::ticket::Ticket;

/// How long the server keeps a request for jobs.
const EXPIRES: Duration = Duration::from_secs(5);

/// The wait after the server did not accept a request, or is away.
const AWAY: Duration = Duration::from_millis(250);

/// The jobs of a queue, for a worker with this many slots.
pub(crate) fn jobs(
    shared: Arc<Shared>,
    slots: usize,
) -> impl Stream<Item = (FleetVehicle, Ticket)> + Send {
    let gate = shared.gate.watch();
    let connection = gate.borrow().connection;
    let pull = Pull {
        slots: Slots::new(slots),
        connection,
        shared,
        gate,
        batch: None,
    };
    stream::unfold(pull, |mut pull| async move {
        let job = pull.next().await?;
        Some((job, pull))
    })
}

struct Pull {
    shared: Arc<Shared>,
    slots: Arc<Slots>,
    gate: watch::Receiver<State>,
    connection: u64,
    batch: Option<Batch>,
}

impl Pull {
    async fn next(&mut self) -> Option<(FleetVehicle, Ticket)> {
        loop {
            let state = *self.gate.borrow_and_update();
            if state.stopped {
                return None;
            }
            if let Some(until) = state.paused_until.filter(|until| *until > Instant::now()) {
                self.give_back();
                tokio::select! {
                    () = sleep_until(until) => {}
                    _ = self.gate.changed() => {}
                }
                continue;
            }
            if state.connection != self.connection {
                // The server forgets requests when the connection ends.
                self.connection = state.connection;
                self.give_back();
            }
            let Some(batch) = &mut self.batch else {
                self.fetch().await;
                continue;
            };
            let message = tokio::select! {
                biased;
                message = batch.next() => message,
                _ = self.gate.changed() => continue,
            };
            match message {
                // All that was asked for has come, or the request has expired.
                None => self.batch = None,
                Some(Ok(message)) => {
                    if let Some(ticket) = Ticket::of(&self.shared, &self.slots, message)
                        && let Some(job) = self.read(ticket).await
                    {
                        return Some(job);
                    }
                }
                Some(Err(_)) => {
                    self.give_back();
                    // The stream or the consumer may be gone, for example because the
                    // server lost its disk. A failure shows at the next request.
                    let _ = streams::ensure(&self.shared.context).await;
                    sleep(AWAY).await;
                }
            }
        }
    }

    /// Asks for as many jobs as there are free slots, or waits for one.
    async fn fetch(&mut self) {
        let is_away = self.shared.client.connection_state() != connection::State::Connected;
        let free = self.slots.free();
        if is_away {
            sleep(AWAY).await;
        } else if free == 0 {
            tokio::select! {
                () = self.slots.freed() => {}
                _ = self.gate.changed() => {}
            }
        } else {
            let consumer = &self.shared.ready.consumer;
            let batch = consumer.batch().max_messages(free).expires(EXPIRES);
            match batch.messages().await {
                Ok(batch) => self.batch = Some(batch),
                Err(_) => sleep(AWAY).await,
            }
        }
    }

    /// Reads the job. One that cannot be read is a dead letter.
    async fn read(&self, mut ticket: Ticket) -> Option<(FleetVehicle, Ticket)> {
        match Job::read(&ticket.payload) {
            Ok(job) => {
                let vehicle = job.vehicle.clone();
                ticket.job = Some(job);
                Some((vehicle, ticket))
            }
            Err(fault) => {
                let error = Error::new(ErrorKind::InvalidRequest, fault.as_str());
                settle::bury(&self.shared.context, ticket, None, &error, &fault).await;
                None
            }
        }
    }

    /// Ends the request, and gives back the jobs that have arrived for it.
    fn give_back(&mut self) {
        let Some(mut batch) = self.batch.take() else {
            return;
        };
        while let Some(Some(Ok(message))) = batch.next().now_or_never() {
            if let Some(reply) = message.message.reply {
                self.shared.give_back(reply);
            }
        }
    }
}

impl Drop for Pull {
    fn drop(&mut self) {
        self.give_back();
    }
}
