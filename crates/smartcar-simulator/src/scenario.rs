//! A simulation in a file.
//!
//! Invariant: what was read can be set up: everything wrong with a scenario is
//! told while it is read, with its place and the cure.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use toml::Spanned;

use crate::fault::table::Table;
use crate::tokens::{self, Grant, Life};
use crate::{Fault, Limits, SimulatedVehicle, SimulatorBuilder};
use crate::{clock, world};

/// A simulation to set up, as a TOML file says it. All of its parts can be left
/// out:
///
/// ```toml
/// seed = 7                          # which timetables the vehicles follow
/// start_at = 2026-07-01T06:00:00Z   # when the simulated clock starts
/// clock_speed = 60                  # simulated seconds in a real one
/// only_known_vehicles = true        # left out: any other id is answered too
///
/// [[vehicles]]                      # see `SimulatedVehicle`
/// id = "car-1"
/// make = "FORD"
/// battery_fraction = 0.3
///
/// [[tokens]]
/// token = "driver"
/// permissions = ["read_odometer"]   # left out: every permission
/// lifetime_seconds = 7200           # left out: it never ends
///
/// [[applications]]
/// client_id = "my-app"
/// client_secret = "my-secret"
///
/// [limits]                          # see `Limits`
/// published = true
///
/// [[faults]]                        # see `Fault`
/// item = "/fuel"
/// error = "UPSTREAM/NO_RESPONSE"
/// times = 2
/// ```
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use smartcar_simulator::{Scenario, Simulator};
///
/// let scenario = Scenario::parse(r#"start_at = "2026-07-01T06:00:00Z""#)?;
/// let simulator = Simulator::builder().scenario(scenario).start().await?;
/// assert_eq!(simulator.now().to_string(), "2026-07-01T06:00:00Z");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a scenario does nothing before it is given to a builder"]
pub struct Scenario {
    document: Document,
    faults: Vec<Fault>,
}

/// The file's keys.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Document {
    seed: Option<u64>,
    start_at: Option<Moment>,
    clock_speed: Option<Spanned<f64>>,
    only_known_vehicles: bool,
    vehicles: Vec<Spanned<SimulatedVehicle>>,
    tokens: Vec<Spanned<NewToken>>,
    applications: Vec<Spanned<Application>>,
    limits: Option<Limits>,
    /// Tables still: only here is the line of each known.
    faults: Vec<Spanned<Table>>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    token: String,
    permissions: Option<Vec<String>>,
    lifetime_seconds: Option<u64>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Application {
    client_id: String,
    client_secret: String,
}

/// A moment, as a text or in TOML's own form.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "toml::Value")]
struct Moment(Timestamp);

impl TryFrom<toml::Value> for Moment {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Self, String> {
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Datetime(moment) => moment.to_string(),
            other => format!("a {}", other.type_str()),
        };
        text.parse().map(Self).map_err(|_| {
            format!("`{text}` is not a moment with an offset, such as 2026-07-01T06:00:00Z")
        })
    }
}

impl NewToken {
    pub(crate) fn into_parts(self) -> (String, Grant, Option<Duration>) {
        let grant = self.permissions.map_or(Grant::Everything, Grant::just);
        let lifetime = self.lifetime_seconds.map(Duration::from_secs);
        (self.token, grant, lifetime)
    }
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("NewToken");
        shown
            .field("permissions", &self.permissions)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Application")
    }
}

/// Why a scenario cannot be read: the file, the line and the cure.
///
/// ```
/// use smartcar_simulator::Scenario;
///
/// let error = Scenario::parse("[limits]\nvehicle_monthly = -1").unwrap_err();
/// assert!(error.to_string().starts_with("line 2: "));
/// ```
#[derive(Debug)]
pub struct ScenarioError {
    message: String,
    source: Option<io::Error>,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ScenarioError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.source.as_ref()?;
        Some(source)
    }
}

impl Scenario {
    /// Reads a TOML file.
    ///
    /// Fails if there is no such file or it is no scenario; the error's text
    /// begins with the file's path and, where one is known, the line.
    ///
    /// ```no_run
    /// use smartcar_simulator::Scenario;
    ///
    /// let scenario = Scenario::read("scenario.toml")?;
    /// # Ok::<(), smartcar_simulator::ScenarioError>(())
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ScenarioError> {
        let text = std::fs::read_to_string(&path);
        let path = path.as_ref().display();
        let text = text.map_err(|source| ScenarioError {
            message: format!("{path}: the scenario cannot be read"),
            source: Some(source),
        })?;
        Self::parse_of(&text, |line| match line {
            Some(line) => format!("{path}:{line}: "),
            None => format!("{path}: "),
        })
    }

    /// Reads a scenario from its TOML text.
    ///
    /// Fails if it is none; the error's text begins with the line.
    ///
    /// ```
    /// use smartcar_simulator::Scenario;
    ///
    /// let scenario = Scenario::parse("clock_speed = 60")?;
    /// # Ok::<(), smartcar_simulator::ScenarioError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        Self::parse_of(text, |line| {
            line.map_or(String::new(), |line| format!("line {line}: "))
        })
    }

    fn parse_of(
        text: &str,
        place: impl Fn(Option<usize>) -> String,
    ) -> Result<Self, ScenarioError> {
        let error = |at: Option<usize>, message: &str| {
            let before = at.and_then(|at| text.get(..at));
            let line = before.map(|before| before.matches('\n').count() + 1);
            // A parser's message may have several lines.
            let message = message.trim().replace('\n', ", ");
            ScenarioError {
                message: format!("{}{message}", place(line)),
                source: None,
            }
        };
        let mut document: Document = toml::from_str(text)
            .map_err(|wrong| error(wrong.span().map(|span| span.start), wrong.message()))?;
        if let Some((at, message)) = document.problem() {
            return Err(error(Some(at), &message));
        }
        let faults = std::mem::take(&mut document.faults)
            .into_iter()
            .map(|table| {
                let at = table.span().start;
                let fault = Fault::try_from(table.into_inner());
                fault.map_err(|wrong| error(Some(at), &wrong.to_string()))
            });
        Ok(Self {
            faults: faults.collect::<Result<_, _>>()?,
            document,
        })
    }

    /// Sets up what is said.
    pub(crate) fn set_up(self, mut builder: SimulatorBuilder) -> SimulatorBuilder {
        let Self { document, faults } = self;
        if let Some(Moment(start_at)) = document.start_at {
            builder = builder.start_at(start_at);
        }
        if let Some(seed) = document.seed {
            builder = builder.seed(seed);
        }
        if document.only_known_vehicles {
            builder = builder.only_known_vehicles(true);
        }
        for vehicle in document.vehicles {
            builder = builder.vehicle(vehicle.into_inner());
        }
        if let Some(speed) = document.clock_speed {
            builder = builder.clock_speed(speed.into_inner());
        }
        for token in document.tokens {
            let (token, grant, lifetime) = token.into_inner().into_parts();
            let life = lifetime.map_or(Life::Endless, Life::FromStart);
            builder = builder.grant(token, grant, life);
        }
        for application in document.applications {
            let Application {
                client_id,
                client_secret,
            } = application.into_inner();
            builder = builder.application(client_id, client_secret);
        }
        if let Some(limits) = document.limits {
            builder = builder.limits(limits);
        }
        for fault in faults {
            builder = builder.fault(fault);
        }
        builder
    }
}

impl Document {
    /// The first thing that a table alone cannot know to be wrong, and where.
    fn problem(&self) -> Option<(usize, String)> {
        let speed = self.clock_speed.iter().map(|speed| {
            let checked = clock::check_speed(*speed.get_ref());
            (
                speed.span().start,
                checked.map_err(|error| error.to_string()),
            )
        });
        let tokens = self.tokens.iter().map(|token| {
            let checked = tokens::check(&token.get_ref().token);
            (
                token.span().start,
                checked.map_err(|error| error.to_string()),
            )
        });
        let applications = self.applications.iter().map(|application| {
            let Application {
                client_id,
                client_secret,
            } = application.get_ref();
            let mut alone = crate::oauth::Applications::default();
            alone.add(client_id.clone(), client_secret.clone());
            let checked = alone.check();
            (
                application.span().start,
                checked.map_err(|error| error.to_string()),
            )
        });
        let mut known = BTreeSet::new();
        let vehicles = self.vehicles.iter().map(|vehicle| {
            let id = vehicle.get_ref().id();
            let checked = if known.insert(id) {
                world::check(vehicle.get_ref())
            } else {
                Err(world::declared_twice(id))
            };
            (vehicle.span().start, checked)
        });
        let all = speed.chain(tokens).chain(applications).chain(vehicles);
        all.into_iter()
            .find_map(|(at, checked)| Some((at, checked.err()?)))
    }
}

#[cfg(test)]
#[path = "scenario_tests.rs"]
mod tests;
