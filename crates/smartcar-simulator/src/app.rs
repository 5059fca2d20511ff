//! One request from its arrival to its reply.
//!
//! Invariant: every request is recorded before its reply is held back or sent,
//! and faults are matched and applied in this one place.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::Request;
use axum::http::request::Parts;

use crate::answer::{self, Answer, Asked};
use crate::batch;
use crate::body;
use crate::clock::Clock;
use crate::errors::Refusal;
use crate::fault::active::{Faults, Shape, Target};
use crate::fault::apply;
use crate::fault::{Fault, FaultError, FaultId};
use crate::host;
use crate::record::{RecordedRequest, Records};
use crate::reply::Reply;
use crate::routing::{self, Route};
use crate::spec::Spec;
use crate::tokens::{Grant, Tokens};
use crate::units::UnitSystem;
use crate::validate::{self, with_slash};
use crate::world::World;

/// The simulator without its socket.
pub(crate) struct App {
    spec: &'static Spec,
    pub(crate) clock: Clock,
    world: World,
    tokens: Mutex<Tokens>,
    faults: Mutex<Faults>,
    records: Mutex<Records>,
    answered: AtomicU64,
}

impl App {
    pub(crate) fn new(spec: &'static Spec, clock: Clock, world: World, tokens: Tokens) -> Self {
        Self {
            spec,
            clock,
            world,
            tokens: Mutex::new(tokens),
            faults: Mutex::default(),
            records: Mutex::default(),
            answered: AtomicU64::new(0),
        }
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        locked(&self.records).all()
    }

    pub(crate) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        locked(&self.tokens)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        locked(&self.faults)
    }

    pub(crate) fn add_fault(&self, fault: Fault) -> Result<FaultId, FaultError> {
        self.faults().add(fault, &self.spec.catalogue)
    }

    /// Answers one request.
    pub(crate) async fn handle(&self, request: Request) -> Reply {
        let request_id = self.next_id();
        let (parts, body) = request.into_parts();
        let grant = self.tokens().grant(&parts.headers);
        let mut record = RecordedRequest::new(&parts, grant.is_some());
        let mut target = Target::default();
        let failed = |refusal| self.spec.catalogue.answer(refusal, &request_id);
        if !host::is_loopback(&parts) {
            let reply = Reply::new(failed(Refusal::foreign_host()), &request_id);
            record.status = reply.status_sent();
            locked(&self.records).push(record);
            return reply;
        }
        let outcome = match body::read(body).await {
            Ok(body) => {
                let seen = (&mut record, &mut target);
                self.dispatch(&parts, &body, grant.as_ref(), &request_id, seen)
            }
            Err(refusal) => Err(refusal),
        };
        let answer = outcome.unwrap_or_else(failed);
        record.vehicle.clone_from(&target.vehicle);
        let strikes = self.faults().strike(&target);
        let vehicle = target.vehicle.as_deref();
        let view = self.world.look(vehicle, self.clock.now()).ok();
        let shape = target.shape;
        let reply = apply::apply(
            self.spec,
            view.as_ref(),
            &strikes,
            shape,
            answer,
            &request_id,
        );
        let record = locked(&self.records).push(record);
        if let Some(delay) = apply::delay(&strikes) {
            tokio::time::sleep(delay).await;
        }
        locked(&self.records).answered(record, reply.status_sent());
        reply
    }

    /// A UUID in form, and the same one in every run.
    fn next_id(&self) -> String {
        let number = self.answered.fetch_add(1, Ordering::Relaxed) + 1;
        format!("00000000-0000-4000-8000-{number:012x}")
    }

    fn dispatch(
        &self,
        parts: &Parts,
        body: &[u8],
        grant: Option<&Grant>,
        request_id: &str,
        (record, target): (&mut RecordedRequest, &mut Target),
    ) -> Result<Answer, Refusal> {
        let Route { operation, vehicle } =
            routing::route(self.spec, &parts.method, parts.uri.path())?;
        let is_batch = operation.id == batch::OPERATION;
        target.vehicle.clone_from(&vehicle);
        let path = operation.vehicle_path.as_ref().unwrap_or(&operation.path);
        target.paths.push(path.clone());
        if is_batch {
            record.batch_paths = validate::paths_as_written(body);
            let asked = record.batch_paths.iter().map(|path| with_slash(path));
            target.paths.extend(asked);
        }
        let grant = grant.ok_or_else(Refusal::authentication)?;
        let units = if operation.takes_units {
            validate::unit_system(&parts.headers)?
        } else {
            UnitSystem::Metric
        };
        let view = self.world.look(vehicle.as_deref(), self.clock.now())?;
        let asked = Asked {
            view: &view,
            grant,
            units,
            query: parts.uri.query().unwrap_or_default(),
        };
        if is_batch {
            let entries = validate::batch(self.spec, &parts.headers, body)?;
            target.shape = Shape::Batch;
            // The query belongs to the batch, not to its paths.
            let asked = Asked { query: "", ..asked };
            Ok(batch::run(self.spec, &entries, asked, request_id))
        } else {
            target.shape = Shape::Alone;
            answer::read(self.spec, operation, asked)
        }
    }
}

/// A panic while holding a lock leaves nothing half-done, so poison means nothing.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "app_tests.rs"]
mod tests;
