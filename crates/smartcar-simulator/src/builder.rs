//! Sets up a simulator.
//!
//! Invariant: nothing is bound and nothing can fail before `start`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use toml::Spanned;

use crate::app::{App, invalid};
use crate::applications::{Application, DEFAULT_CLIENT_ID};
use crate::clock::{self, Clock};
use crate::fault::value::Fault;
use crate::gate::Gate;
use crate::known;
use crate::limits::Limits;
use crate::scenario::{Moment, Scenario, Settings};
use crate::server::Simulator;
use crate::spec::Spec;
use crate::tokens::{DEFAULT_TOKEN, Grant, NewToken};
use crate::webhook::fault::WebhookFault;
use crate::webhook::hooks::NewWebhook;
use crate::world::vehicle::SimulatedVehicle;
use crate::world::{Plan, World};

/// Sets up a [`Simulator`]; create one with [`Simulator::builder`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use smartcar_simulator::{Fault, Limits, Scenario, SimulatedVehicle, Simulator};
///
/// let simulator = Simulator::builder()
///     .addr(([127, 0, 0, 1], 0).into())
///     .scenario(Scenario::parse("[limits]\npublished = true")?)
///     .token("driver", ["read_odometer", "read_location"])
///     .token_for("visitor", ["read_odometer"], Duration::from_secs(7200))
///     .application("my-app", "my-secret")
///     .vehicle(SimulatedVehicle::new("car-1").make("TESLA"))
///     .vehicle(SimulatedVehicle::new("car-2").make("FORD").battery_fraction(0.3))
///     .only_known_vehicles(true)
///     .seed(7)
///     .start_at("2026-07-01T06:00:00Z".parse()?)
///     .clock_speed(60.0)
///     .fault(Fault::html(502).times(1))
///     .start()
///     .await?;
/// assert_eq!(simulator.limits(), Limits::published());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing before `start`"]
pub struct SimulatorBuilder {
    addr: SocketAddr,
    gate: Gate,
    settings: Settings,
}

/// Wraps a value that does not come from a file.
fn unplaced<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}

impl Simulator {
    /// Starts with the defaults: a free port of `127.0.0.1` and the token
    /// [`DEFAULT_TOKEN`](crate::DEFAULT_TOKEN).
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Returns a builder, to change the address or add tokens, vehicles, limits and
    /// faults.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            gate: Gate::default(),
            settings: Settings::default(),
        }
    }
}

impl SimulatorBuilder {
    /// The address to listen on: a loopback address, by default `127.0.0.1` with a
    /// free port. Port 0 also means a free port. `start` fails with `InvalidInput`
    /// for any other address.
    pub fn addr(mut self, addr: SocketAddr) -> Self {
        self.addr = addr;
        self
    }

    /// Adds an access token with exactly these permissions, such as
    /// `read_odometer`. It never expires. The default token stays valid. Adding the
    /// same token again replaces its permissions.
    pub fn token(
        self,
        token: impl Into<String>,
        permissions: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.add_token(NewToken::new(token, permissions, None))
    }

    /// Adds an access token as [`token`](Self::token) does. It expires after this
    /// time on the simulated clock.
    pub fn token_for(
        self,
        token: impl Into<String>,
        permissions: impl IntoIterator<Item = impl Into<String>>,
        lifetime: Duration,
    ) -> Self {
        self.add_token(NewToken::new(token, permissions, Some(lifetime)))
    }

    pub(crate) fn add_webhook(mut self, webhook: NewWebhook) -> Self {
        self.settings.webhooks.push(unplaced(webhook));
        self
    }

    /// Adds a fault of deliveries, as
    /// [`Simulator::webhook_fault`] does.
    ///
    /// `start` fails with `InvalidInput` if its chance is out of range, or if its vehicle is
    /// neither listed nor subscribed.
    pub fn webhook_fault(mut self, fault: WebhookFault) -> Self {
        self.settings.webhook_faults.push(unplaced(fault));
        self
    }

    /// Whether version 3 has no signals of a vehicle before a verified webhook is
    /// subscribed to it, as was seen of the live service. The default is false.
    pub fn empty_stores(mut self, empty: bool) -> Self {
        self.settings.empty_stores = empty;
        self
    }

    fn add_token(mut self, token: NewToken) -> Self {
        self.settings.tokens.push(unplaced(token));
        self
    }

    /// Adds an application that can get access tokens at `POST /oauth/token`, in
    /// addition to [`DEFAULT_CLIENT_ID`](crate::DEFAULT_CLIENT_ID); see
    /// [`Simulator::authorization_code`]. At `POST /oauth2/token` it gets its own
    /// token for version 3, valid for 3600 s. Adding the same id again replaces its
    /// secret.
    ///
    /// `start` fails with `InvalidInput` for an empty id or secret, and for an id
    /// with a colon, which HTTP Basic cannot carry.
    pub fn application(
        mut self,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Self {
        let application = Application::new(client_id, client_secret);
        self.settings.applications.push(unplaced(application));
        self
    }

    /// Sets the rate limits; by default there are none.
    ///
    /// `start` fails with `InvalidInput` if a number is out of range.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = Some(limits);
        self
    }

    /// Adds a fault that is active from the start; [`Simulator::fault`] adds one
    /// later.
    ///
    /// `start` fails with `InvalidInput` for a fault that is not possible.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.settings.faults.push(fault);
        self
    }

    /// Applies a scenario; settings that it does not contain stay unchanged.
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        let (own, new) = (&mut self.settings, scenario.0);
        own.start_at = new.start_at.or(own.start_at);
        own.clock_speed = new.clock_speed.or(own.clock_speed.take());
        own.seed = new.seed.or(own.seed);
        own.limits = new.limits.or(own.limits);
        own.only_known_vehicles |= new.only_known_vehicles;
        own.example_values |= new.example_values;
        own.empty_stores |= new.empty_stores;
        own.webhooks.extend(new.webhooks);
        own.webhook_faults.extend(new.webhook_faults);
        own.vehicles.extend(new.vehicles);
        own.tokens.extend(new.tokens);
        own.applications.extend(new.applications);
        own.faults.extend(new.faults);
        self
    }

    /// The moment at which the simulation starts, by default always
    /// 2026-03-14T09:27:01Z.
    pub fn start_at(mut self, moment: Timestamp) -> Self {
        self.settings.start_at = Some(Moment(moment));
        self
    }

    /// The speed of the simulated clock, in simulated seconds per real second. The
    /// default is 0: the clock does not run until [`advance`](Simulator::advance)
    /// moves it, so that a test sees the same responses in every run. 1 is real
    /// time.
    ///
    /// `start` fails with `InvalidInput` for a speed that is negative or not
    /// finite.
    pub fn clock_speed(mut self, speed: f64) -> Self {
        self.settings.clock_speed = Some(unplaced(speed));
        self
    }

    /// Declares a vehicle: its make, its powertrain and its initial state.
    ///
    /// The list of vehicles then contains the declared ones, in this order.
    /// Requests for an undeclared id are still answered, see
    /// [`only_known_vehicles`](Self::only_known_vehicles).
    ///
    /// `start` fails with `InvalidInput` for a duplicate id and for a number out of
    /// range.
    pub fn vehicle(mut self, vehicle: SimulatedVehicle) -> Self {
        self.settings.vehicles.push(unplaced(vehicle));
        self
    }

    /// The seed of the vehicles' timetables, by default 0. The same seed gives the
    /// same responses in every run; another seed gives other trips.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = Some(seed);
        self
    }

    /// Whether to reject an undeclared id with 403 `PERMISSION`, as the live
    /// service rejects a vehicle that was not granted to the token. By default it
    /// is answered: its make, its powertrain and its values follow from its id, and its
    /// owner granted all permissions. If no vehicle is declared, the three listed ones are
    /// known.
    pub fn only_known_vehicles(mut self, only_known: bool) -> Self {
        self.settings.only_known_vehicles = only_known;
        self
    }

    /// Lets other machines use the simulator, under these host names (without a port)
    /// and with this token, which then replaces the public
    /// [`DEFAULT_TOKEN`](crate::DEFAULT_TOKEN). It also becomes the secret of
    /// [`DEFAULT_CLIENT_ID`](crate::DEFAULT_CLIENT_ID), and the page and the admin routes
    /// require it: as bearer token, or as the password of HTTP Basic. An address that is
    /// not loopback requires this.
    ///
    /// Everything is sent as plain HTTP, so it is meant for a network of containers or a
    /// test laboratory.
    ///
    /// `start` fails with `InvalidInput` for a token with less than 16 characters.
    pub fn allow_hosts(
        mut self,
        hosts: impl IntoIterator<Item = impl Into<String>>,
        token: impl Into<String>,
    ) -> Self {
        self.gate.hosts = hosts.into_iter().map(Into::into).collect();
        self.gate.token = Some(token.into());
        self
    }

    /// Whether every undeclared vehicle has all endpoints of all makes, and starts with
    /// the values of the spec's examples, although they describe different cars. By
    /// default its make, its powertrain and all its values follow from its id, so that
    /// no two vehicles are equal.
    pub fn example_values(mut self, examples: bool) -> Self {
        self.settings.example_values = examples;
        self
    }

    /// Binds the address and serves on a task of the current tokio runtime.
    ///
    /// Fails with `InvalidInput`, before binding, for an address that is not
    /// loopback and for any other invalid setting. Fails with the error of the
    /// bind, for example if the port is taken.
    pub async fn start(self) -> io::Result<Simulator> {
        self.gate.check().map_err(invalid)?;
        if !self.addr.ip().is_loopback() && self.gate.token.is_none() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "{} is not a loopback address: the simulator's token is public, so other \
                     machines must not reach it; use 127.0.0.1 or [::1], or allow hosts with a \
                     token of their own",
                    self.addr
                ),
            ));
        }
        let settings = self.settings;
        let start_at = settings
            .start_at
            .map_or_else(Clock::default_start, |it| it.0);
        let speed = settings.clock_speed.map_or(0.0, Spanned::into_inner);
        clock::check_speed("clock_speed", speed)?;
        let vehicles = settings.vehicles.into_iter();
        let plan = Plan {
            seed: settings.seed.unwrap_or_default(),
            vehicles: vehicles.map(Spanned::into_inner).collect(),
            only_known: settings.only_known_vehicles,
            example_values: settings.example_values,
        };
        let world = World::new(&Spec::embedded()?.samples, start_at, &plan)?;
        for vehicle in &plan.vehicles {
            known::permissions(vehicle.granted())
                .map_err(|message| invalid(format!("vehicle `{}`: {message}", vehicle.id())))?;
        }
        let mut app = App::new(Clock::new(start_at, speed), world)?;
        if let Some(token) = &self.gate.token {
            app.tokens().expire(DEFAULT_TOKEN);
            app.tokens().set(token.clone(), Grant::Everything, None);
            app.applications
                .add(Application::new(DEFAULT_CLIENT_ID, token))?;
        }
        app.gate = self.gate;
        for application in settings.applications {
            app.applications.add(application.into_inner())?;
        }
        let limits = settings.limits.unwrap_or_default();
        limits.check()?;
        app.set_limits(limits);
        for token in settings.tokens {
            app.add_token(token.into_inner())?;
        }
        for fault in settings.faults {
            let added = app.add_fault(fault);
            added.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        }
        app.webhooks.set_empty_stores(settings.empty_stores);
        for webhook in settings.webhooks {
            app.add_webhook(&webhook.into_inner())?;
        }
        for fault in settings.webhook_faults {
            app.add_webhook_fault(fault.into_inner())?;
        }
        app.set_up();
        Simulator::serve(self.addr, Arc::new(app)).await
    }
}
