//! What a test changes while the server runs.
//!
//! Invariant: a change holds for every request that arrives after the call.

use std::io;
use std::time::Duration;

use jiff::Timestamp;

use crate::{Fault, FaultError, FaultId, Simulator};
use crate::{clock, tokens};

/// # While it runs
impl Simulator {
    /// Makes something go wrong from now on.
    ///
    /// Fails if the catalogue does not have the fault's error, or if a status,
    /// header or number is out of range.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use smartcar_simulator::{Fault, Simulator};
    ///
    /// let simulator = Simulator::start().await?;
    /// simulator.fault(Fault::error("SERVER", Some("INTERNAL")).times(2))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn fault(&self, fault: Fault) -> Result<FaultId, FaultError> {
        self.app.add_fault(fault)
    }

    /// Ends a fault; whether it was still there, for one that is spent is gone.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use smartcar_simulator::{Fault, Simulator};
    ///
    /// let simulator = Simulator::start().await?;
    /// let id = simulator.fault(Fault::reset())?;
    /// assert!(simulator.clear_fault(id));
    /// assert!(!simulator.clear_fault(id));
    /// # Ok(())
    /// # }
    /// ```
    pub fn clear_fault(&self, id: FaultId) -> bool {
        self.app.faults().remove(id)
    }

    /// Ends all faults.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use smartcar_simulator::{Fault, Simulator};
    ///
    /// let simulator = Simulator::start().await?;
    /// simulator.fault(Fault::html(503))?;
    /// simulator.clear_faults();
    /// # Ok(())
    /// # }
    /// ```
    pub fn clear_faults(&self) {
        self.app.faults().clear();
    }

    /// Answers 401 to this token from now on; whether it was known. Also the
    /// default token can expire.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use smartcar_simulator::Simulator;
    ///
    /// let simulator = Simulator::start().await?;
    /// assert!(simulator.expire_token(simulator.token()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn expire_token(&self, token: &str) -> bool {
        self.app.tokens().expire(token)
    }

    /// Adds an access token with just these permissions, such as one that a
    /// client gets for an expired one. The same token again replaces what it may
    /// read.
    ///
    /// Fails with `InvalidInput` for a token that cannot be sent.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use smartcar_simulator::Simulator;
    ///
    /// let simulator = Simulator::start().await?;
    /// simulator.expire_token(simulator.token());
    /// simulator.add_token("fresh", ["read_odometer", "read_fuel"])?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_token(
        &self,
        token: impl Into<String>,
        permissions: impl IntoIterator<Item = impl Into<String>>,
    ) -> io::Result<()> {
        let token = token.into();
        tokens::check(&token)?;
        let permissions = permissions.into_iter().map(Into::into).collect();
        self.app.tokens().add(token, permissions);
        Ok(())
    }

    /// The simulated moment.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let simulator = smartcar_simulator::Simulator::start().await?;
    /// assert_eq!(simulator.now().to_string(), "2026-03-14T09:27:01Z");
    /// # Ok(())
    /// # }
    /// ```
    pub fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// Moves the simulated clock on.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use std::time::Duration;
    ///
    /// let simulator = smartcar_simulator::Simulator::start().await?;
    /// simulator.advance(Duration::from_secs(3600));
    /// assert_eq!(simulator.now().to_string(), "2026-03-14T10:27:01Z");
    /// # Ok(())
    /// # }
    /// ```
    pub fn advance(&self, duration: Duration) {
        self.app.clock.advance(duration);
    }

    /// Changes how fast the simulated clock runs: simulated seconds in a real
    /// one, 0 to let it stand still.
    ///
    /// Fails with `InvalidInput` for a speed that is negative or not finite.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let simulator = smartcar_simulator::Simulator::start().await?;
    /// simulator.set_clock_speed(60.0)?; // a minute in a second
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_clock_speed(&self, speed: f64) -> io::Result<()> {
        clock::check_speed(speed)?;
        self.app.clock.set_speed(speed);
        Ok(())
    }
}
