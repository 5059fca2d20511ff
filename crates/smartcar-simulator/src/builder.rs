//! How a simulator is set up.
//!
//! Invariant: nothing is bound and nothing can fail before `start`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use toml::Spanned;

use crate::app::App;
use crate::clock::{self, Clock};
use crate::fault::value::Fault;
use crate::limits::Limits;
use crate::scenario::{Moment, Scenario, Settings};
use crate::server::Simulator;
use crate::spec::Spec;
use crate::tokens::{Application, NewToken};
use crate::world::vehicle::SimulatedVehicle;
use crate::world::{Plan, World};

/// Sets up a [`Simulator`]; [`Simulator::builder`] makes one.
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
    settings: Settings,
}

/// What comes from no file.
fn unplaced<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}

impl Simulator {
    /// Starts with the defaults: a free port of `127.0.0.1` and the token
    /// [`DEFAULT_TOKEN`](crate::DEFAULT_TOKEN).
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Sets up another address, more tokens, vehicles, limits and faults.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            settings: Settings::default(),
        }
    }
}

impl SimulatorBuilder {
    /// Where to listen: a loopback address, by default `127.0.0.1` with a free
    /// port. Port 0 is a free port too. `start` fails with `InvalidInput` for any
    /// other address.
    pub fn addr(mut self, addr: SocketAddr) -> Self {
        self.addr = addr;
        self
    }

    /// Adds an access token with just these permissions, such as
    /// `read_odometer`. It never ends. The default token stays; the same token
    /// again replaces what it may read.
    pub fn token(
        self,
        token: impl Into<String>,
        permissions: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.add_token(NewToken::new(token, permissions, None))
    }

    /// Adds an access token as [`token`](Self::token) does, which is refused once
    /// it is this old on the simulated clock.
    pub fn token_for(
        self,
        token: impl Into<String>,
        permissions: impl IntoIterator<Item = impl Into<String>>,
        lifetime: Duration,
    ) -> Self {
        self.add_token(NewToken::new(token, permissions, Some(lifetime)))
    }

    fn add_token(mut self, token: NewToken) -> Self {
        self.settings.tokens.push(unplaced(token));
        self
    }

    /// Adds an application that may ask `POST /oauth/token` for access tokens,
    /// beside [`DEFAULT_CLIENT_ID`](crate::DEFAULT_CLIENT_ID); see
    /// [`Simulator::authorization_code`]. At `POST /oauth2/token` it gets its own
    /// token for version 3, good for 3600 s. The same id again replaces its secret.
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

    /// How much may be asked; by default there is no limit.
    ///
    /// `start` fails with `InvalidInput` if a number is out of range.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = Some(limits);
        self
    }

    /// Adds a fault that is there from the start, as
    /// [`Simulator::fault`] adds one later.
    ///
    /// `start` fails with `InvalidInput` for a fault that cannot be done.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.settings.faults.push(fault);
        self
    }

    /// Sets up what a scenario says; what it does not say stays as it is.
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        let (own, new) = (&mut self.settings, scenario.0);
        own.start_at = new.start_at.or(own.start_at);
        own.clock_speed = new.clock_speed.or(own.clock_speed.take());
        own.seed = new.seed.or(own.seed);
        own.limits = new.limits.or(own.limits);
        own.only_known_vehicles |= new.only_known_vehicles;
        own.vehicles.extend(new.vehicles);
        own.tokens.extend(new.tokens);
        own.applications.extend(new.applications);
        own.faults.extend(new.faults);
        self
    }

    /// The moment at which the simulation begins, by default
    /// 2026-03-14T09:27:01Z whatever day it is.
    pub fn start_at(mut self, moment: Timestamp) -> Self {
        self.settings.start_at = Some(Moment(moment));
        self
    }

    /// How fast the simulated clock runs: simulated seconds in a real one. By
    /// default 0: it stands still until
    /// [`advance`](Simulator::advance) moves it, so that a test sees the same
    /// answers in every run. 1 is real time.
    ///
    /// `start` fails with `InvalidInput` for a speed that is negative or not
    /// finite.
    pub fn clock_speed(mut self, speed: f64) -> Self {
        self.settings.clock_speed = Some(unplaced(speed));
        self
    }

    /// Declares a vehicle: its make, what drives it, how it is at the start.
    ///
    /// The list of vehicles names the declared ones then, in this order. An id
    /// that nobody declared is answered all the same, see
    /// [`only_known_vehicles`](Self::only_known_vehicles).
    ///
    /// `start` fails with `InvalidInput` for an id that was declared before and
    /// for a number out of range.
    pub fn vehicle(mut self, vehicle: SimulatedVehicle) -> Self {
        self.settings.vehicles.push(unplaced(vehicle));
        self
    }

    /// From what the vehicles' timetables follow, by default 0. The same seed
    /// gives the same answers in every run; another one other trips.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = Some(seed);
        self
    }

    /// Whether an id that nobody declared is refused with 403 `PERMISSION`, as
    /// the live service refuses a vehicle that was not granted to the token. By
    /// default it is answered: it has every endpoint of every make, its owner
    /// granted everything, and it begins as the description's examples say.
    /// Without a declared vehicle the three of the list are known.
    pub fn only_known_vehicles(mut self, only_known: bool) -> Self {
        self.settings.only_known_vehicles = only_known;
        self
    }

    /// Binds the address and serves on a task of the current tokio runtime.
    ///
    /// Fails with `InvalidInput`, before anything is bound, for an address that is
    /// not loopback and for anything else that was set up and cannot be; and as
    /// binding does, for example when the port is taken.
    pub async fn start(self) -> io::Result<Simulator> {
        if !self.addr.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "{} is not a loopback address: the simulator's token is public, so other \
                     machines must not reach it; use 127.0.0.1 or [::1]",
                    self.addr
                ),
            ));
        }
        let settings = self.settings;
        let start_at = settings
            .start_at
            .map_or_else(Clock::default_start, |it| it.0);
        let speed = settings.clock_speed.map_or(0.0, Spanned::into_inner);
        clock::check_speed(speed)?;
        let vehicles = settings.vehicles.into_iter();
        let plan = Plan {
            seed: settings.seed.unwrap_or_default(),
            vehicles: vehicles.map(Spanned::into_inner).collect(),
            only_known: settings.only_known_vehicles,
        };
        let world = World::new(&Spec::embedded()?.samples, start_at, &plan)?;
        let mut app = App::new(Clock::new(start_at, speed), world)?;
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
        Simulator::serve(self.addr, Arc::new(app)).await
    }
}
