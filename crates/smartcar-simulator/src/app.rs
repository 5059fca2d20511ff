//! The simulator without its socket: its state, and how to change it.
//!
//! Invariant: a change applies to every request that arrives after it.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::applications::Applications;
use crate::authority::Authority;
use crate::clock::{self, Clock};
use crate::fault::active::{FaultId, Faults};
use crate::fault::check::{self, FaultError};
use crate::fault::value::Fault;
use crate::gate::Gate;
use crate::known;
use crate::limits::Limits;
use crate::log::{Entry, Log};
use crate::meter::Meter;
use crate::record::{RecordedRequest, Records};
use crate::spec::Spec;
use crate::tokens::{self, Grant, NewToken, Tokens};
use crate::v3::{Delivered, V3};
use crate::validate::Batches;
use crate::webhook::fault::WebhookFault;
use crate::webhook::hooks::{Hooks, NewWebhook};
use crate::webhook::start::Start;
use crate::world::World;
pub(crate) struct App {
    pub(crate) spec: &'static Spec,
    pub(crate) v3: &'static V3,
    pub(crate) clock: Clock,
    world: RwLock<Arc<World>>,
    pub(crate) batches: Batches,
    log: Mutex<Log>,
    /// The number of the newest request in the log, or of any other change.
    pub(crate) pulse: watch::Sender<u64>,
    pub(crate) applications: Applications,
    tokens: Mutex<Tokens>,
    authority: Mutex<Authority>,
    meter: Mutex<Meter>,
    faults: Mutex<Faults>,
    records: Mutex<Records>,
    pub(crate) webhooks: Hooks,
    answered: AtomicU64,
    pub(crate) gate: Gate,
    closed: AtomicBool,
    /// What a reset goes back to; empty until the simulator is set up.
    initial: OnceLock<Initial>,
}

/// The state at the start.
struct Initial {
    now: Timestamp,
    speed: f64,
    world: Arc<World>,
    tokens: Tokens,
    faults: Faults,
    webhooks: Start,
    limits: Limits,
}

impl App {
    /// Fails if one of the specs cannot be served.
    pub(crate) fn new(clock: Clock, world: World) -> io::Result<Self> {
        let now = clock.now();
        Ok(Self {
            spec: Spec::embedded()?,
            v3: V3::embedded()?,
            clock,
            world: RwLock::new(Arc::new(world)),
            batches: Batches::default(),
            log: Mutex::default(),
            pulse: watch::Sender::new(0),
            tokens: Mutex::default(),
            applications: Applications::default(),
            authority: Mutex::default(),
            meter: Mutex::new(Meter::new(Limits::off(), now)),
            faults: Mutex::default(),
            records: Mutex::default(),
            webhooks: Hooks::default(),
            answered: AtomicU64::new(0),
            gate: Gate::default(),
            closed: AtomicBool::new(false),
            initial: OnceLock::new(),
        })
    }

    /// The vehicles as they are now.
    pub(crate) fn world(&self) -> Arc<World> {
        let world = self.world.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&world)
    }

    /// Changes the vehicles. A change that fails changes nothing.
    pub(crate) fn change_world<T, E>(
        &self,
        change: impl FnOnce(&mut World) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut world = self.world.write().unwrap_or_else(PoisonError::into_inner);
        let mut new = World::clone(&world);
        let done = change(&mut new)?;
        *world = Arc::new(new);
        drop(world);
        self.webhooks.wake();
        self.changed();
        Ok(done)
    }

    /// Tells those who watch that something changed.
    pub(crate) fn changed(&self) {
        if self.pulse.receiver_count() > 0 {
            self.pulse.send_modify(|pulse| *pulse += 1);
        }
    }

    /// Ends the streams of events.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.changed();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Remembers the state for [`reset`](Self::reset).
    pub(crate) fn set_up(&self) {
        let initial = Initial {
            now: self.clock.now(),
            speed: self.clock.speed(),
            world: self.world(),
            tokens: self.tokens().clone(),
            faults: self.faults().clone(),
            webhooks: self.webhooks.start(),
            limits: self.limits(),
        };
        // Set once, at the start.
        let _ = self.initial.set(initial);
    }

    /// Goes back to the state at the start, and deletes what was recorded.
    pub(crate) fn reset(&self) {
        let Some(initial) = self.initial.get() else {
            return;
        };
        self.clock.set(initial.now);
        self.clock.set_speed(initial.speed);
        *self.world.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&initial.world);
        self.tokens().clone_from(&initial.tokens);
        self.faults().clone_from(&initial.faults);
        *self.authority() = Authority::default();
        self.set_limits(initial.limits);
        self.records().clear();
        self.log().clear();
        self.webhooks.reset(&initial.webhooks);
        self.answered.store(0, Ordering::Relaxed);
        self.changed();
    }

    /// What the limits leave to the application and to these vehicles.
    pub(crate) fn left(&self, ids: &[String]) -> Value {
        let (meter, now) = (locked(&self.meter), self.clock.now());
        let vehicles = ids.iter().take(100).filter_map(|id| {
            let (at_once, month) = meter.vehicle_left(id, now);
            let is_limited = at_once.is_some() || month.is_some();
            is_limited.then(|| json!({"id": id, "at_once": at_once, "month": month}))
        });
        json!({
            "application": meter.application_left(now),
            "vehicles": vehicles.collect::<Vec<_>>(),
        })
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        locked(&self.log)
    }

    pub(crate) fn note(&self, entry: Entry) {
        self.log().push(entry);
        self.changed();
    }

    pub(crate) fn limits(&self) -> Limits {
        locked(&self.meter).limits
    }

    /// Starts over with full buckets. The limits are already checked.
    pub(crate) fn set_limits(&self, limits: Limits) {
        *locked(&self.meter) = Meter::new(limits, self.clock.now());
    }

    pub(crate) fn authority(&self) -> MutexGuard<'_, Authority> {
        locked(&self.authority)
    }

    pub(crate) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        locked(&self.tokens)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        locked(&self.faults)
    }

    pub(crate) fn records(&self) -> MutexGuard<'_, Records> {
        locked(&self.records)
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.records().all()
    }
    pub(crate) fn add_token(&self, new: NewToken) -> io::Result<()> {
        tokens::check(&new.token)?;
        known::permissions(new.grant.named()).map_err(invalid)?;
        let ends = new
            .lifetime
            .map(|lifetime| clock::later(self.clock.now(), lifetime));
        self.tokens().set(new.token, new.grant, ends);
        Ok(())
    }

    /// Creates a code for these permissions.
    pub(crate) fn add_code(&self, grant: Grant) -> io::Result<String> {
        known::permissions(grant.named()).map_err(invalid)?;
        Ok(self.authority().code(grant, self.clock.now()))
    }

    /// Adds a fault of deliveries. Its vehicle has to be listed or subscribed, because only
    /// those have deliveries.
    pub(crate) fn add_webhook_fault(&self, fault: WebhookFault) -> io::Result<()> {
        if let Some(vehicle) = &fault.vehicle {
            let mut known = self.world().ids().to_vec();
            let subscribed = self.webhooks.subscriptions().into_iter();
            known.extend(subscribed.map(|it| it.vehicle));
            known::vehicle(vehicle, &known).map_err(invalid)?;
        }
        self.webhooks.add_fault(fault)
    }

    pub(crate) fn add_fault(&self, fault: Fault) -> Result<FaultId, FaultError> {
        let world = self.world();
        let listed = world.is_closed().then(|| world.ids());
        check::names(&fault, listed)?;
        let mut faults = self.faults();
        let added = faults.add(fault.clone(), &self.spec.catalogue);
        // Some errors exist only in version 3; their faults apply to its requests
        // only.
        added.or_else(|error| {
            let added = faults.add(fault, &self.v3.catalogue);
            added.map_err(|_| error)
        })
    }

    /// Adds a webhook and subscribes the listed vehicles, or those that it names.
    pub(crate) fn add_webhook(&self, new: &NewWebhook) -> io::Result<String> {
        known::signals(new.signals.iter().flatten()).map_err(invalid)?;
        let world = self.world();
        for vehicle in new.vehicles.iter().flatten().filter(|_| world.is_closed()) {
            known::vehicle(vehicle, world.ids()).map_err(invalid)?;
        }
        self.webhooks.add(new, world.ids())
    }

    /// The selected signals of a vehicle, as a webhook delivers them. `None` for a vehicle that
    /// is not known.
    pub(crate) fn signals_of(
        &self,
        vehicle: &str,
        at: Timestamp,
        selected: Option<&[String]>,
    ) -> Option<Delivered> {
        let world = self.world();
        let view = world.look(Some(vehicle), at).ok()?;
        let operations = &self.spec.operations.all;
        Some(self.v3.delivered(&view, operations, selected))
    }

    /// An id in the form of a UUID, the same in every run.
    pub(crate) fn next_id(&self) -> String {
        let number = self.answered.fetch_add(1, Ordering::Relaxed) + 1;
        format!("00000000-0000-4000-8000-{number:012x}")
    }

    /// Answers a request under the limits. The meter stays locked until the work is
    /// done, so that no other request takes what this one was promised. Without limits,
    /// requests do not wait for each other.
    pub(crate) fn metered<T>(&self, work: impl FnOnce(&mut Meter) -> T) -> T {
        let mut meter = locked(&self.meter);
        if meter.limits.is_off() {
            drop(meter);
            return work(&mut Meter::new(Limits::off(), self.clock.now()));
        }
        work(&mut meter)
    }
}

pub(crate) fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

/// A panic while holding a lock leaves nothing half-done, so poison means nothing.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
