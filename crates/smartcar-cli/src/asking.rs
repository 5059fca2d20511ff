//! The options shared by all commands that call the API, and the client built from them.
//!
//! Invariant: connection, retry and unit options are defined only here.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use smartcar_batch::{Api, Client, ClientBuilder, RateBudget, RetryPolicy, UnitSystem, UserId};
use smartcar_simulator::Simulator;

use crate::environment::{self, Refusal};
use crate::record::Recorder;
use crate::report::failed::Failed;
use crate::tap::{self, Tap};

/// The help's section on environment variables.
pub(crate) const ENVIRONMENT: &str = "\
Environment:
  SMARTCAR_ACCESS_TOKEN
      The access token. There is no flag for it because other users of this \
machine can read a command's arguments
  SMARTCAR_API_ORIGIN
      Default for --api-origin
  SMARTCAR_API
      Default for --api, also with --simulate: v2 or v3
  SMARTCAR_BUDGET_URL
      Default for --budget
  SMARTCAR_USER_ID
      Default for --user
  SMARTCAR_CLIENT_ID, SMARTCAR_CLIENT_SECRET
      The application's credentials. With --api v3 they are exchanged for a token \
unless SMARTCAR_ACCESS_TOKEN is set
  NO_COLOR
      Disables colours. CLICOLOR_FORCE=1 enables them in a pipe";

// No doc comment: it would replace the command's.
#[derive(Debug, clap::Args)]
pub(crate) struct Asking {
    /// Scheme, host and port of the API, without a version. Must be https, except on this machine
    #[arg(long, value_name = "URL", conflicts_with = "simulate")]
    api_origin: Option<String>,
    /// API version [default: v2]
    #[arg(long, value_enum)]
    api: Option<Version>,
    /// Smartcar user ID of the vehicle's owner. Version 3 needs it to read signals; with --account, only this user's vehicles are listed
    #[arg(long, value_name = "USER_ID", value_parser = user)]
    user: Option<UserId>,
    /// Unit system of the results; the API's default is metric
    #[arg(long, value_enum)]
    units: Option<Units>,
    /// On version 3, show the last known value of a failed signal, marked as such, if the response has the value and its time
    #[arg(long)]
    last_known: bool,
    /// Maximum attempts per vehicle, 1 or more [default: 3]. Only failed items that may succeed later are retried. Every path sent is charged. On version 3 an attempt can take several requests
    #[arg(long, value_name = "N", value_parser = one_or_more)]
    attempts: Option<NonZeroU32>,
    /// Total time limit per vehicle [default: 310; the API may take 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    deadline: Option<Duration>,
    /// Use a simulator inside this process instead of the API; needs no token
    #[arg(long)]
    simulate: bool,
}

/// API version.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Version {
    /// Version 2.0, which reads the vehicle
    V2,
    /// Version 3, which reads signals that Smartcar has stored
    V3,
}

/// Unit system of the results.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Units {
    /// Kilometres, litres, kilopascals
    Metric,
    /// Miles, gallons, pounds per square inch
    Imperial,
}

/// A client, and its simulator with `--simulate`.
pub(crate) struct Session {
    pub(crate) client: Client,
    // Kept alive: dropping it stops the simulator.
    _simulator: Option<Simulator>,
}

impl Asking {
    /// Builds the client. The vehicle is named in the error if that fails.
    pub(crate) async fn session(
        &self,
        vehicle: Option<&str>,
        budget: Option<Arc<dyn RateBudget>>,
    ) -> Result<Session, Failed> {
        self.recorded(vehicle, budget, None).await
    }

    /// The same, with a recorder of all responses.
    pub(crate) async fn recorded(
        &self,
        vehicle: Option<&str>,
        budget: Option<Arc<dyn RateBudget>>,
        recorder: Option<Recorder>,
    ) -> Result<Session, Failed> {
        let refuse = |refusal| Failed::refused(vehicle.map(str::to_owned), refusal);
        let api = self.version().map_err(refuse)?;
        let (builder, simulator) = if self.simulate {
            let simulator = environment::simulator()
                .await
                .map_err(|error| Failed::no_simulator(vehicle, &error))?;
            let builder = environment::simulated(api, &simulator).map_err(refuse)?;
            (builder, Some(simulator))
        } else {
            let builder = environment::builder(api, self.api_origin.as_deref()).map_err(refuse)?;
            (builder, None)
        };
        let is_local = self.simulate || tap::is_local_api(self.api_origin.as_deref());
        let builder = match recorder {
            None => builder,
            Some(recorder) => {
                let tap = Tap::new(recorder, is_local).map_err(|error| refuse(error.into()))?;
                builder.transport(tap)
            }
        };
        let client = self.build(builder, budget).map_err(refuse)?;
        Ok(Session {
            client,
            _simulator: simulator,
        })
    }

    /// The API version: from the flag, else from the environment.
    fn version(&self) -> Result<Api, Refusal> {
        Ok(match self.api {
            Some(Version::V2) => Api::V2,
            Some(Version::V3) => Api::V3,
            None => environment::api()?.unwrap_or_default(),
        })
    }

    fn build(
        &self,
        mut builder: ClientBuilder,
        budget: Option<Arc<dyn RateBudget>>,
    ) -> Result<Client, Refusal> {
        if let Some(user) = &self.user {
            builder = builder.user(user.clone());
        }
        if let Some(deadline) = self.deadline {
            builder = builder.deadline(deadline);
        }
        if let Some(attempts) = self.attempts {
            builder = builder.retry(RetryPolicy::standard().attempts(attempts.get()));
        }
        if let Some(budget) = budget {
            builder = builder.budget(budget);
        }
        Ok(builder.build()?)
    }

    /// The unit system to request; `None` means the API's default.
    pub(crate) fn units(&self) -> Option<UnitSystem> {
        self.units.map(|units| match units {
            Units::Metric => UnitSystem::Metric,
            Units::Imperial => UnitSystem::Imperial,
        })
    }

    /// The user given by `--user`.
    pub(crate) fn user(&self) -> Option<&UserId> {
        self.user.as_ref()
    }

    /// Whether to show the last known value of a failed signal.
    pub(crate) fn last_known(&self) -> bool {
        self.last_known
    }

    /// Maximum attempts per vehicle.
    pub(crate) fn attempts(&self) -> u32 {
        let standard = RetryPolicy::standard().max_attempts();
        self.attempts.map_or(standard, NonZeroU32::get)
    }
}

fn user(text: &str) -> Result<UserId, smartcar_batch::Error> {
    UserId::new(text)
}

/// Parses a whole number above zero.
pub(crate) fn one_or_more(text: &str) -> Result<NonZeroU32, String> {
    text.parse()
        .map_err(|_| "expected a whole number, 1 or more".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    /// Longer waits are not useful, and much longer ones would overflow a clock.
    const DAY: f64 = 86_400.0;
    let fault = || format!("expected seconds above 0 and up to {DAY}, such as 30 or 2.5");
    let seconds: f64 = text.parse().map_err(|_| fault())?;
    if !(seconds > 0.0 && seconds <= DAY) {
        return Err(fault());
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| fault())
}
