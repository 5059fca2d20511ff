//! What a test can change while the server runs.
//!
//! Invariant: a change applies to every request that arrives after the call.

use std::io;
use std::time::Duration;

use jiff::Timestamp;

use crate::clock;
use crate::fault::active::{FaultId, UnmatchedFault};
use crate::fault::check::FaultError;
use crate::fault::value::Fault;
use crate::limits::Limits;
use crate::log::LoggedRequest;
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
/// // Faults and limits:
/// let id = simulator.fault(Fault::error("SERVER", Some("INTERNAL")).times(2))?;
/// assert_eq!(simulator.faults().len(), 1);
/// assert!(simulator.clear_fault(id));
/// assert!(!simulator.clear_fault(id));
/// simulator.set_limits(Limits::off().vehicle_monthly(3))?;
///
/// // Tokens:
/// simulator.add_token_for("short", ["read_vin"], Duration::from_secs(60))?;
/// simulator.advance(Duration::from_secs(60));
/// assert_eq!(simulator.tokens().len(), 1);
/// assert!(simulator.expire_token(simulator.token()));
/// // … let a client send it with the client id and secret as HTTP Basic:
/// let code = simulator.authorization_code(["read_odometer"])?;
/// let body = format!("grant_type=authorization_code&code={code}");
///
/// // Vehicles and the clock:
/// let [car] = &simulator.vehicles()[..] else { panic!("one vehicle") };
/// let kind = ("TESLA".to_owned(), "Model Y".to_owned(), Powertrain::Bev);
/// assert_eq!((car.id.as_str(), &car.kind), ("car-1", &Some(kind)));
/// assert_eq!(simulator.now().to_string(), "2026-03-14T09:28:01Z");
/// simulator.set_clock_speed(60.0)?; // one minute per second
/// # Ok(())
/// # }
/// ```
impl Simulator {
    /// Adds a fault, which is active from now on.
    ///
    /// Fails if the catalogue does not have the fault's error, or if a status,
    /// header or number is out of range.
    pub fn fault(&self, fault: Fault) -> Result<FaultId, FaultError> {
        self.app.add_fault(fault)
    }

    /// Ends a fault. Returns whether it was still active; a used-up fault is not.
    pub fn clear_fault(&self, id: FaultId) -> bool {
        self.app.faults().remove(id)
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.app.faults().clear();
    }

    /// The active faults, in the order they were added.
    pub fn faults(&self) -> Vec<(FaultId, Fault)> {
        self.app.faults().all()
    }

    /// The active faults that never applied to a request, which a test most likely did
    /// not intend.
    pub fn unmatched_faults(&self) -> Vec<UnmatchedFault> {
        self.app.faults().unmatched()
    }

    /// The newest requests after this number, oldest first, with times and bodies, and
    /// without tokens. At most the newest 1000 requests and 8 MiB of text are kept.
    pub fn log(&self, after: u64) -> Vec<LoggedRequest> {
        self.app.log().after(after, usize::MAX)
    }

    /// Waits until there is a request after this number, and returns what
    /// [`log`](Self::log) returns.
    pub async fn logged(&self, after: u64) -> Vec<LoggedRequest> {
        let mut pulse = self.app.pulse.subscribe();
        loop {
            let logged = self.log(after);
            // The sender lives as long as the simulator.
            if !logged.is_empty() || pulse.changed().await.is_err() {
                return logged;
            }
        }
    }

    /// The number of requests so far. Those that are no longer recorded count too.
    pub fn request_count(&self) -> usize {
        self.app.records().count()
    }

    /// Deletes the recorded requests.
    pub fn clear_requests(&self) {
        self.app.records().clear();
    }

    /// Replaces the limits. All buckets are full and the monthly count is zero,
    /// whatever was requested before.
    ///
    /// Fails with `InvalidInput` if a number is out of range.
    pub fn set_limits(&self, limits: Limits) -> io::Result<()> {
        limits.check()?;
        self.app.set_limits(limits);
        Ok(())
    }

    /// The current limits.
    pub fn limits(&self) -> Limits {
        self.app.limits()
    }

    /// The access tokens that are valid now, sorted by their text.
    pub fn tokens(&self) -> Vec<KnownToken> {
        self.app.tokens().known(self.now())
    }

    /// The vehicles on the list, in its order: the declared ones, or three default
    /// vehicles if none is declared.
    pub fn vehicles(&self) -> Vec<KnownVehicle> {
        self.app.world().known().collect()
    }

    /// Whether an id that is not on the list is rejected, see
    /// [`only_known_vehicles`](crate::SimulatorBuilder::only_known_vehicles).
    pub fn knows_only_listed(&self) -> bool {
        self.app.world().is_closed()
    }

    /// Returns a code as if an owner had given consent. Any application that the
    /// simulator knows can use it once, within ten simulated minutes, at `POST
    /// /oauth/token`. The tokens that it gets have these permissions. The access
    /// token expires after 7200 s. The refresh token expires after 60 days, or one
    /// minute after its use, which returns a new one.
    ///
    /// Fails with `InvalidInput` for an unknown permission, with the nearest known one.
    pub fn authorization_code(
        &self,
        permissions: impl IntoIterator<Item = impl Into<String>>,
    ) -> io::Result<String> {
        self.app.add_code(Grant::just(permissions))
    }

    /// Rejects this token with 401 from now on. Returns whether it was known. The
    /// default token can expire too.
    pub fn expire_token(&self, token: &str) -> bool {
        self.app.tokens().expire(token)
    }

    /// Adds an access token with exactly these permissions, for example to replace
    /// an expired one. Adding the same token again replaces its permissions.
    ///
    /// Fails with `InvalidInput` for a token that cannot be sent in a header.
    pub fn add_token(
        &self,
        token: impl Into<String>,
        permissions: impl IntoIterator<Item = impl Into<String>>,
    ) -> io::Result<()> {
        self.app.add_token(NewToken::new(token, permissions, None))
    }

    /// Adds an access token as [`add_token`](Self::add_token) does. It expires
    /// after this time on the simulated clock.
    pub fn add_token_for(
        &self,
        token: impl Into<String>,
        permissions: impl IntoIterator<Item = impl Into<String>>,
        lifetime: Duration,
    ) -> io::Result<()> {
        self.app
            .add_token(NewToken::new(token, permissions, Some(lifetime)))
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// Moves the simulated clock forward.
    pub fn advance(&self, duration: Duration) {
        self.app.clock.advance(duration);
        self.app.webhooks.wake();
    }

    /// Changes the speed of the simulated clock, in simulated seconds per real
    /// second; 0 stops it.
    ///
    /// Fails with `InvalidInput` for a speed that is negative or not finite.
    pub fn set_clock_speed(&self, speed: f64) -> io::Result<()> {
        clock::check_speed("speed", speed)?;
        self.app.clock.set_speed(speed);
        self.app.webhooks.wake();
        Ok(())
    }

    /// The speed of the simulated clock, in simulated seconds per real second; 0 if
    /// it does not run.
    pub fn clock_speed(&self) -> f64 {
        self.app.clock.speed()
    }
}
