//! What a test changes while the server runs.
//!
//! Invariant: a change holds for every request that arrives after the call.

use std::io;
use std::time::Duration;

use jiff::Timestamp;

use crate::clock;
use crate::fault::active::FaultId;
use crate::fault::check::FaultError;
use crate::fault::value::Fault;
use crate::limits::Limits;
use crate::server::Simulator;
use crate::tokens::{Grant, KnownToken, NewToken};
use crate::world::vehicle::KnownVehicle;

/// # While it runs
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use smartcar_simulator::{Fault, Limits, Powertrain, SimulatedVehicle, Simulator};
///
/// let tesla = SimulatedVehicle::new("car-1").make("TESLA").model("Model Y");
/// let simulator = Simulator::builder().vehicle(tesla).start().await?;
///
/// // What goes wrong, and how much may be asked:
/// let id = simulator.fault(Fault::error("SERVER", Some("INTERNAL")).times(2))?;
/// assert_eq!(simulator.faults().len(), 1);
/// assert!(simulator.clear_fault(id));
/// assert!(!simulator.clear_fault(id));
/// simulator.set_limits(Limits::off().vehicle_monthly(3))?;
///
/// // Who is let in:
/// simulator.add_token_for("short", ["read_vin"], Duration::from_secs(60))?;
/// simulator.advance(Duration::from_secs(60));
/// assert_eq!(simulator.tokens().len(), 1);
/// assert!(simulator.expire_token(simulator.token()));
/// // … let a client send it with the client id and secret as HTTP Basic:
/// let code = simulator.authorization_code(["read_odometer"]);
/// let body = format!("grant_type=authorization_code&code={code}");
///
/// // What there is, and what time it is:
/// let [car] = &simulator.vehicles()[..] else { panic!("one vehicle") };
/// let kind = ("TESLA".to_owned(), "Model Y".to_owned(), Powertrain::Bev);
/// assert_eq!((car.id.as_str(), &car.kind), ("car-1", &Some(kind)));
/// assert_eq!(simulator.now().to_string(), "2026-03-14T09:28:01Z");
/// simulator.set_clock_speed(60.0)?; // a minute in a second
/// # Ok(())
/// # }
/// ```
impl Simulator {
    /// Makes something go wrong from now on.
    ///
    /// Fails if the catalogue does not have the fault's error, or if a status,
    /// header or number is out of range.
    pub fn fault(&self, fault: Fault) -> Result<FaultId, FaultError> {
        self.app.add_fault(fault)
    }

    /// Ends a fault; whether it was still there, for one that is spent is gone.
    pub fn clear_fault(&self, id: FaultId) -> bool {
        self.app.faults().remove(id)
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.app.faults().clear();
    }

    /// The faults that are not spent, in the order they were added.
    pub fn faults(&self) -> Vec<(FaultId, Fault)> {
        self.app.faults().all()
    }

    /// Forgets what was asked so far.
    pub fn clear_requests(&self) {
        self.app.records().clear();
    }

    /// Limits how much may be asked from now on: with full buckets and an unused
    /// month, whatever was asked before.
    ///
    /// Fails with `InvalidInput` if a number is out of range.
    pub fn set_limits(&self, limits: Limits) -> io::Result<()> {
        limits.check()?;
        self.app.set_limits(limits);
        Ok(())
    }

    /// How much may be asked.
    pub fn limits(&self) -> Limits {
        self.app.limits()
    }

    /// The access tokens that are good now, in the order of their texts.
    pub fn tokens(&self) -> Vec<KnownToken> {
        self.app.tokens().known(self.now())
    }

    /// The vehicles that the list names, in its order: the declared ones, else
    /// three that stand for any.
    pub fn vehicles(&self) -> Vec<KnownVehicle> {
        self.app.world.known().collect()
    }

    /// Whether an id that the list does not name is refused, see
    /// [`only_known_vehicles`](crate::SimulatorBuilder::only_known_vehicles).
    pub fn knows_only_listed(&self) -> bool {
        self.app.world.is_closed()
    }

    /// A code as an owner's consent gives it: any application that the simulator
    /// knows may trade it once, within ten simulated minutes, at
    /// `POST /oauth/token`. The tokens it gets have these permissions; the access
    /// token ends after 7200 s and the refresh token after 60 days, or a minute
    /// after its use, which gives a new one.
    pub fn authorization_code(
        &self,
        permissions: impl IntoIterator<Item = impl Into<String>>,
    ) -> String {
        let grant = Grant::just(permissions);
        self.app.authority().code(grant, self.now())
    }

    /// Answers 401 to this token from now on; whether it was known. Also the
    /// default token can expire.
    pub fn expire_token(&self, token: &str) -> bool {
        self.app.tokens().expire(token)
    }

    /// Adds an access token with just these permissions, such as one that a
    /// client gets for an expired one. The same token again replaces what it may
    /// read.
    ///
    /// Fails with `InvalidInput` for a token that cannot be sent.
    pub fn add_token(
        &self,
        token: impl Into<String>,
        permissions: impl IntoIterator<Item = impl Into<String>>,
    ) -> io::Result<()> {
        self.app.add_token(NewToken::new(token, permissions, None))
    }

    /// Adds an access token as [`add_token`](Self::add_token) does, which is
    /// refused after this time on the simulated clock.
    pub fn add_token_for(
        &self,
        token: impl Into<String>,
        permissions: impl IntoIterator<Item = impl Into<String>>,
        lifetime: Duration,
    ) -> io::Result<()> {
        self.app
            .add_token(NewToken::new(token, permissions, Some(lifetime)))
    }

    /// The simulated moment.
    pub fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// Moves the simulated clock on.
    pub fn advance(&self, duration: Duration) {
        self.app.clock.advance(duration);
    }

    /// Changes how fast the simulated clock runs: simulated seconds in a real
    /// one, 0 to let it stand still.
    ///
    /// Fails with `InvalidInput` for a speed that is negative or not finite.
    pub fn set_clock_speed(&self, speed: f64) -> io::Result<()> {
        clock::check_speed(speed)?;
        self.app.clock.set_speed(speed);
        Ok(())
    }

    /// How fast the simulated clock runs: simulated seconds in a real one, 0 if it
    /// stands still.
    pub fn clock_speed(&self) -> f64 {
        self.app.clock.speed()
    }
}
