//! The options of every verb that asks the API, and the client they describe.
//!
//! Invariant: a verb adds what it asks; how it is asked is here only.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use smartcar_batch::{Api, Client, ClientBuilder, RateBudget, RetryPolicy, UnitSystem, UserId};
use smartcar_simulator::Simulator;

use crate::environment::{self, Refusal};
use crate::report::failed::Failed;

/// What the help of these verbs says about variables.
pub(crate) const ENVIRONMENT: &str = "\
Environment:
  SMARTCAR_ACCESS_TOKEN
      The access token. There is no flag for it, since other users of this \
machine can read a command's arguments
  SMARTCAR_API_ORIGIN
      Used without --api-origin
  SMARTCAR_API
      Used without --api, with --simulate too: v2, which is also the default, or v3
  SMARTCAR_USER_ID
      Used without --user
  SMARTCAR_CLIENT_ID, SMARTCAR_CLIENT_SECRET
      The application's credentials. With --api v3 they get a token where \
SMARTCAR_ACCESS_TOKEN is not set
  NO_COLOR
      No colours; CLICOLOR_FORCE=1 shows them in a pipe too";

// No doc comment: it would replace that of the verb.
#[derive(Debug, clap::Args)]
pub(crate) struct Asking {
    /// Scheme, host and port of the API, without a version; https, or http to this machine
    #[arg(long, value_name = "URL", conflicts_with = "simulate")]
    api_origin: Option<String>,
    /// Version of the API
    #[arg(long, value_enum)]
    api: Option<Version>,
    /// The vehicle's owner as the API names them; version 3 reads signals for a user only, and lists with --account the vehicles of that user
    #[arg(long, value_name = "USER_ID", value_parser = user)]
    user: Option<UserId>,
    /// Unit system of the answers; the API's default is metric
    #[arg(long, value_enum)]
    units: Option<Units>,
    /// On version 3, show the last value of a signal that failed, marked as such, where it carries one with its time
    #[arg(long)]
    last_known: bool,
    /// How many attempts a vehicle has at most, 1 or more; the default is 3. Only items that failed and that another attempt may get are asked again, and each path asked is charged. An attempt on version 3 can take several requests
    #[arg(long, value_name = "N", value_parser = one_or_more)]
    attempts: Option<NonZeroU32>,
    /// How long a vehicle may take in all; 310 where not given, since the API may take 300
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    deadline: Option<Duration>,
    /// Ask a simulator inside this process instead of the API; needs no token
    #[arg(long)]
    simulate: bool,
}

/// Version of the API.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Version {
    /// 2.0, with its batches
    V2,
    /// 3, which answers from a store of signals
    V3,
}

/// Unit system of the answers.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Units {
    /// Kilometres, litres, kilopascals
    Metric,
    /// Miles, gallons, pounds per square inch
    Imperial,
}

/// A client, and the simulator that it asks, if it does.
pub(crate) struct Session {
    pub(crate) client: Client,
    // Serves until it is dropped.
    _simulator: Option<Simulator>,
}

impl Asking {
    /// The client; the vehicle is the one to name where there is none.
    pub(crate) async fn session(
        &self,
        vehicle: Option<&str>,
        budget: Option<Arc<dyn RateBudget>>,
    ) -> Result<Session, Failed> {
        let refuse = |refusal| Failed::refused(vehicle.map(str::to_owned), refusal);
        let api = self.version().map_err(refuse)?;
        let (builder, simulator) = if self.simulate {
            let simulator = Simulator::start()
                .await
                .map_err(|error| Failed::no_simulator(vehicle, &error))?;
            let builder = environment::simulated(api, &simulator).map_err(refuse)?;
            (builder, Some(simulator))
        } else {
            let builder = environment::builder(api, self.api_origin.as_deref()).map_err(refuse)?;
            (builder, None)
        };
        let client = self.build(builder, budget).map_err(refuse)?;
        Ok(Session {
            client,
            _simulator: simulator,
        })
    }

    /// The version to ask: of the flag, else of the environment.
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

    /// The unit system to ask for; `None` leaves it to the API.
    pub(crate) fn units(&self) -> Option<UnitSystem> {
        self.units.map(|units| match units {
            Units::Metric => UnitSystem::Metric,
            Units::Imperial => UnitSystem::Imperial,
        })
    }

    /// Whether the last value of a signal that failed is shown.
    pub(crate) fn last_known(&self) -> bool {
        self.last_known
    }

    /// How many attempts a vehicle has at most.
    pub(crate) fn attempts(&self) -> u32 {
        let standard = RetryPolicy::standard().max_attempts();
        self.attempts.map_or(standard, NonZeroU32::get)
    }
}

fn user(text: &str) -> Result<UserId, smartcar_batch::Error> {
    UserId::new(text)
}

/// A whole number above zero.
pub(crate) fn one_or_more(text: &str) -> Result<NonZeroU32, String> {
    text.parse()
        .map_err(|_| "write a whole number, 1 or more".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    /// Nobody waits longer; more would overflow a clock.
    const DAY: f64 = 86_400.0;
    let fault = || format!("write seconds above 0 and up to {DAY}, such as 30 or 2.5");
    let seconds: f64 = text.parse().map_err(|_| fault())?;
    if !(seconds > 0.0 && seconds <= DAY) {
        return Err(fault());
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| fault())
}
