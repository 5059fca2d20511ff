//! One request from its arrival to its reply.
//!
//! Invariant: every request is recorded before its reply is held back or sent,
//! and faults are matched and applied in this one place.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use axum::http::request::Parts;
use hyper::body::Body;
use jiff::Timestamp;

use crate::answer::{self, Answer, Asked};
use crate::batch;
use crate::body;
use crate::clock::{self, Clock};
use crate::errors::Refusal;
use crate::fault::active::{Faults, Shape, Target};
use crate::fault::apply;
use crate::fault::{Fault, FaultError, FaultId};
use crate::host;
use crate::limits::{Limits, meter::Meter};
use crate::oauth::{self, Applications, authority::Authority};
use crate::record::{Record, RecordedRequest, Records};
use crate::reply::Reply;
use crate::routing::{self, Route};
use crate::spec::Spec;
use crate::tokens::{self, Grant, Life, Tokens};
use crate::units::UnitSystem;
use crate::v3::{self, Understood};
use crate::validate::{self, Batch};
use crate::world::World;

/// The simulator without its socket.
pub(crate) struct App {
    spec: &'static Spec,
    pub(crate) clock: Clock,
    world: World,
    tokens: Mutex<Tokens>,
    applications: Applications,
    authority: Mutex<Authority>,
    meter: Mutex<Meter>,
    faults: Mutex<Faults>,
    records: Mutex<Records>,
    answered: AtomicU64,
}

impl App {
    pub(crate) fn new(spec: &'static Spec, clock: Clock, world: World, mut tokens: Tokens) -> Self {
        let now = clock.now();
        tokens.begin(now);
        Self {
            spec,
            clock,
            world,
            tokens: Mutex::new(tokens),
            applications: Applications::default(),
            authority: Mutex::default(),
            meter: Mutex::new(Meter::new(Limits::off(), now)),
            faults: Mutex::default(),
            records: Mutex::default(),
            answered: AtomicU64::new(0),
        }
    }

    pub(crate) fn with_applications(mut self, applications: Applications) -> Self {
        self.applications = applications;
        self
    }

    pub(crate) fn limits(&self) -> Limits {
        locked(&self.meter).limits()
    }

    /// Full buckets from now on. The limits are in range.
    pub(crate) fn set_limits(&self, limits: Limits) {
        *locked(&self.meter) = Meter::new(limits, self.clock.now());
    }

    pub(crate) fn authority(&self) -> MutexGuard<'_, Authority> {
        locked(&self.authority)
    }

    /// Forgets what was asked; how many requests that were.
    pub(crate) fn clear_requests(&self) -> usize {
        locked(&self.records).clear()
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        locked(&self.records).all()
    }

    pub(crate) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        locked(&self.tokens)
    }

    /// Fails for a token that cannot be sent.
    pub(crate) fn add_token(
        &self,
        token: String,
        grant: Grant,
        lifetime: Option<Duration>,
    ) -> io::Result<()> {
        tokens::check(&token)?;
        let life = lifetime.map_or(Life::Endless, |lifetime| {
            Life::Until(clock::later(self.clock.now(), lifetime))
        });
        self.tokens().set(token, grant, life);
        Ok(())
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        locked(&self.faults)
    }

    pub(crate) fn add_fault(&self, fault: Fault) -> Result<FaultId, FaultError> {
        let mut faults = self.faults();
        let added = faults.add(fault.clone(), &self.spec.catalogue);
        // An error that only version 3 has can strike its requests.
        added.or_else(|error| {
            let added = faults.add(fault, &self.spec.v3.catalogue);
            added.map_err(|_| error)
        })
    }

    /// Answers one request.
    pub(crate) async fn handle<B>(&self, request: Request<B>) -> Reply
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let request_id = self.next_id();
        let (parts, body) = request.into_parts();
        let now = self.clock.now();
        let grant = self.tokens().grant(&parts.headers, now);
        let oauth = oauth::path_of(parts.uri.path());
        let is_v3 = self.spec.v3.is_meant(parts.uri.path());
        let application = oauth.and_then(|_| self.applications.authenticate(&parts.headers));
        let authorized = match (oauth, &grant) {
            (Some(_), _) => application.is_some(),
            (None, Some(grant)) if is_v3 => grant.is_for_v3(),
            (None, grant) => grant.as_ref().is_some_and(Grant::is_for_v2),
        };
        let mut record = Record::new(&parts, authorized);
        if let Some(path) = oauth {
            // A query is no place for a secret, but one may have been put there.
            path.clone_into(&mut record.path);
        }
        let mut seen = Understood::default();
        let catalogue = if is_v3 {
            &self.spec.v3.catalogue
        } else {
            &self.spec.catalogue
        };
        let failed = |refusal| catalogue.answer(refusal, &request_id);
        if !host::is_loopback(&parts) {
            let reply = Reply::new(failed(Refusal::foreign_host()), &request_id);
            record.status = reply.status_sent();
            locked(&self.records).push(record);
            return reply;
        }
        let outcome = match body::read(body).await {
            Ok(body) if oauth == Some(oauth::client::PATH) => {
                seen.path = oauth;
                let (mut authority, mut tokens) = (self.authority(), self.tokens());
                let issuing = (&mut *authority, &mut *tokens);
                let asked = (&parts, body.as_slice());
                let (answer, authorized) =
                    oauth::client::answer(&self.applications, issuing, asked, now);
                record.authorized = authorized;
                Ok(answer)
            }
            Ok(body) if oauth.is_some() => {
                seen.path = oauth;
                let asked = (&parts, body.as_slice());
                let (mut authority, mut tokens) = (self.authority(), self.tokens());
                let application = application.as_deref();
                Ok(oauth::answer(
                    &mut authority,
                    &mut tokens,
                    asked,
                    application,
                    now,
                ))
            }
            Ok(_) if is_v3 => self.dispatch_v3(&parts, now, grant.as_ref(), &mut record, &mut seen),
            Ok(body) => {
                let seen = (&mut record, &mut seen);
                self.dispatch((&parts, &body), now, grant.as_ref(), &request_id, seen)
            }
            Err(refusal) => Err(refusal),
        };
        let answer = outcome.unwrap_or_else(failed);
        let vehicle = record.vehicle.as_deref();
        let strikes = self.faults().strike(&Target {
            vehicle,
            path: seen.path,
            batch_paths: &record.batch_paths,
            signals: seen.signals,
            shape: seen.shape,
        });
        let look = || self.world.look(vehicle, now).ok();
        let struck = (strikes.as_slice(), seen.shape);
        let reply = apply::apply((self.spec, catalogue), &look, struck, answer, &request_id);
        let Some(delay) = apply::delay(&strikes) else {
            record.status = reply.status_sent();
            locked(&self.records).push(record);
            return reply;
        };
        let record = locked(&self.records).push(record);
        tokio::time::sleep(delay).await;
        locked(&self.records).answered(record, reply.status_sent());
        reply
    }

    /// A UUID in form, and the same one in every run.
    fn next_id(&self) -> String {
        let number = self.answered.fetch_add(1, Ordering::Relaxed) + 1;
        let mut id = String::with_capacity(36);
        id.push_str("00000000-0000-4000-8000-");
        // Every request has one, and a format takes several times as long.
        for place in (0..12).rev() {
            let digit = number >> (4 * place) & 0xf;
            id.push(char::from(b"0123456789abcdef"[digit as usize]));
        }
        id
    }

    /// Answers under the limits. They are kept to the end, so that no other
    /// request takes what this one was promised; without any, nobody waits.
    fn metered<T>(&self, work: impl FnOnce(&mut Meter) -> T) -> T {
        let mut meter = locked(&self.meter);
        if meter.is_off() {
            drop(meter);
            return work(&mut Meter::off());
        }
        work(&mut meter)
    }

    fn dispatch_v3(
        &self,
        parts: &Parts,
        now: Timestamp,
        grant: Option<&Grant>,
        record: &mut Record,
        seen: &mut Understood,
    ) -> Result<Answer, Refusal> {
        let request = v3::Request {
            spec: self.spec,
            world: &self.world,
            parts,
            grant,
            now,
        };
        let meter = |work: v3::Work<'_>| self.metered(|meter| work.run(meter, now));
        let answer = self.spec.v3.answer(&request, meter, seen);
        record.vehicle.clone_from(&seen.vehicle);
        answer
    }

    fn dispatch(
        &self,
        (parts, body): (&Parts, &[u8]),
        now: Timestamp,
        grant: Option<&Grant>,
        request_id: &str,
        (record, seen): (&mut Record, &mut Understood),
    ) -> Result<Answer, Refusal> {
        let Route { operation, vehicle } =
            routing::route(self.spec, &parts.method, parts.uri.path())?;
        let is_batch = operation.id == batch::OPERATION;
        record.vehicle = vehicle;
        seen.path = Some(operation.vehicle_path.as_ref().unwrap_or(&operation.path));
        let mut batch = is_batch.then(|| Batch::read(self.spec, body));
        if let Some(batch) = &mut batch {
            record.batch_paths = std::mem::take(&mut batch.written);
        }
        let grant = grant.filter(|grant| grant.is_for_v2());
        let grant = grant.ok_or_else(Refusal::authentication)?;
        let units = if operation.takes_units {
            validate::unit_system(&parts.headers)?
        } else {
            UnitSystem::Metric
        };
        let view = self.world.look(record.vehicle.as_deref(), now)?;
        let asked = Asked {
            view: &view,
            grant,
            units,
            query: parts.uri.query().unwrap_or_default(),
        };
        if let Some(batch) = batch {
            let entries = batch.entries(&parts.headers)?;
            // The query belongs to the batch, not to its paths.
            let asked = Asked { query: "", ..asked };
            self.metered(|meter| {
                meter.request(entries.len(), now)?;
                seen.shape = Shape::Batch;
                Ok(batch::run(self.spec, meter, &entries, asked, request_id))
            })
        } else {
            self.metered(|meter| {
                meter.request(1, now)?;
                seen.shape = Shape::Alone;
                let read = || answer::read(self.spec, operation, asked);
                meter.read(operation, asked, read).map(Answer::from)
            })
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
