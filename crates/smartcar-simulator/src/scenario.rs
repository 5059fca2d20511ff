//! A simulation described in a file.
//!
//! Invariant: a scenario that was read can be set up. Every error in a scenario is
//! reported while it is read, with its location and what to fix.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use toml::Spanned;

use crate::applications::Application;
use crate::clock;
use crate::fault::check;
use crate::fault::effect::Table;
use crate::fault::value::Fault;
use crate::known;
use crate::limits::Limits;
use crate::nearest::explained;
use crate::spec::Spec;
use crate::tokens::{self, NewToken};
use crate::webhook::fault::WebhookFault;
use crate::webhook::hooks::NewWebhook;
use crate::world::{self, vehicle::SimulatedVehicle};

/// A simulation to set up, as described in a TOML file. Every part is optional:
///
/// ```toml
/// seed = 7                          # decides the vehicles' timetables
/// start_at = 2026-07-01T06:00:00Z   # when the simulated clock starts
/// clock_speed = 60                  # simulated seconds per real second
/// only_known_vehicles = true        # if absent, any other id is answered too
/// example_values = false            # see `SimulatorBuilder::example_values`
/// empty_stores = true               # version 3 has no signals of a vehicle before a
///                                   # verified webhook is subscribed to it
///
/// [[vehicles]]                      # see `SimulatedVehicle`
/// id = "car-1"
/// make = "FORD"
/// battery_fraction = 0.3
/// plugged_in = false                # if absent, true
/// asleep = true                     # if absent, false
///
/// [[tokens]]
/// token = "driver"
/// permissions = ["read_odometer"]   # if absent, every permission
/// lifetime_seconds = 7200           # if absent, it never expires
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
///
/// [[webhooks]]                      # see `Simulator::webhook`
/// url = "http://127.0.0.1:8080/"
/// token = "a-management-token"
/// name = "fleet"                    # if absent, it is numbered
/// enabled = true                    # if absent, true; nothing is sent otherwise
/// vehicles = ["car-1"]              # if absent, all listed vehicles
/// signals = ["odometer-traveleddistance"]  # if absent, all signals
///
/// [[webhook_faults]]                # see `WebhookFault`
/// kind = "duplicate"                # or disorder, wrong_signature, other_key, test_mode,
///                                   # dropped, vehicle_error, or a `WebhookForm`
/// chance = 0.02                     # if absent, 1
/// times = 3                         # if absent, any number of events
/// vehicle = "car-1"                 # if absent, all
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
pub struct Scenario(pub(crate) Settings);

/// The settings, named by the file's keys.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) seed: Option<u64>,
    pub(crate) start_at: Option<Moment>,
    pub(crate) clock_speed: Option<Spanned<f64>>,
    pub(crate) only_known_vehicles: bool,
    pub(crate) example_values: bool,
    pub(crate) vehicles: Vec<Spanned<SimulatedVehicle>>,
    pub(crate) tokens: Vec<Spanned<NewToken>>,
    pub(crate) applications: Vec<Spanned<Application>>,
    pub(crate) limits: Option<Limits>,
    pub(crate) webhooks: Vec<Spanned<NewWebhook>>,
    pub(crate) webhook_faults: Vec<Spanned<WebhookFault>>,
    pub(crate) empty_stores: bool,
    /// The faults as read, each with its place in the text.
    #[serde(rename = "faults")]
    tables: Vec<Spanned<Table>>,
    #[serde(skip)]
    pub(crate) faults: Vec<Fault>,
}

/// A moment, as a string or as a TOML date-time.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "toml::Value")]
pub(crate) struct Moment(pub(crate) Timestamp);

impl TryFrom<toml::Value> for Moment {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Self, String> {
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Datetime(moment) => moment.to_string(),
            other => format!("a {}", other.type_str()),
        };
        text.parse().map(Self).map_err(|_| {
            format!("`{text}` is not a time with an offset, such as 2026-07-01T06:00:00Z")
        })
    }
}

/// Why a scenario cannot be read: the file, the line and what to fix.
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
    /// A scenario with every part, explained by comments.
    ///
    /// ```
    /// use smartcar_simulator::Scenario;
    ///
    /// assert!(Scenario::parse(Scenario::EXAMPLE).is_ok());
    /// ```
    pub const EXAMPLE: &'static str = include_str!("../examples/scenario.toml");

    /// Reads a TOML file.
    ///
    /// Fails if the file does not exist or is not a valid scenario. The error
    /// message begins with the file's path and, if known, the line.
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
    /// Fails if it is not a valid scenario. The error message begins with the line.
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
            // The parser's message may have several lines.
            let message = explained(message);
            let message = message.trim().replace('\n', ", ");
            ScenarioError {
                message: format!("{}{message}", place(line)),
                source: None,
            }
        };
        let mut settings: Settings = toml::from_str(text)
            .map_err(|wrong| error(wrong.span().map(|span| span.start), wrong.message()))?;
        if let Some((at, message)) = settings.problem() {
            return Err(error(Some(at), &message));
        }
        let declared = settings
            .vehicles
            .iter()
            .map(|it| it.get_ref().id().to_owned());
        let listed: Option<Vec<String>> = settings.only_known_vehicles.then(|| declared.collect());
        let strikes = settings.webhook_faults.iter();
        for (at, vehicle) in strikes.filter_map(|it| Some((it, it.get_ref().vehicle.as_ref()?))) {
            let named = listed
                .as_deref()
                .map(|listed| known::vehicle(vehicle, listed));
            named
                .unwrap_or(Ok(()))
                .map_err(|wrong| error(Some(at.span().start), &wrong))?;
        }
        for table in std::mem::take(&mut settings.tables) {
            let at = table.span().start;
            let fault = Fault::try_from(table.into_inner());
            let fault = fault.map_err(|wrong| error(Some(at), &wrong.to_string()))?;
            let named = check::names(&fault, listed.as_deref());
            named.map_err(|wrong| error(Some(at), &wrong.to_string()))?;
            settings.faults.push(fault);
        }
        Ok(Self(settings))
    }
}

impl Settings {
    /// The first error that a single table cannot detect, and its location.
    fn problem(&self) -> Option<(usize, String)> {
        let speed = self.clock_speed.iter();
        let speed =
            speed.filter_map(|it| wrong(it, clock::check_speed("clock_speed", *it.get_ref())));
        let tokens = self.tokens.iter();
        let tokens = tokens.filter_map(|it| wrong(it, tokens::check(&it.get_ref().token)));
        let grants = self.tokens.iter();
        let grants =
            grants.filter_map(|it| wrong(it, known::permissions(it.get_ref().grant.named())));
        let applications = self.applications.iter();
        let applications = applications.filter_map(|it| wrong(it, it.get_ref().check()));
        let webhooks = self.webhooks.iter();
        let webhooks = webhooks.filter_map(|it| wrong(it, it.get_ref().check().map(drop)));
        let codes = self.webhooks.iter();
        let codes =
            codes.filter_map(|it| wrong(it, known::signals(it.get_ref().signals.iter().flatten())));
        let strikes = self.webhook_faults.iter();
        let strikes = strikes.filter_map(|it| wrong(it, it.get_ref().check()));
        let mut known = BTreeSet::new();
        let vehicles = self.vehicles.iter().filter_map(|it| {
            let vehicle = it.get_ref();
            let is_new = known.insert(vehicle.id());
            let twice = || world::declared_twice(vehicle.id());
            let checked = is_new.then_some(()).ok_or_else(twice);
            let samples = Spec::embedded().map(|spec| &spec.samples);
            let samples = samples.map_err(|error| error.to_string());
            wrong(
                it,
                checked
                    .and_then(|()| world::check(vehicle, samples?))
                    .and_then(|()| known::permissions(vehicle.granted())),
            )
        });
        let all = speed
            .chain(tokens)
            .chain(grants)
            .chain(applications)
            .chain(vehicles);
        let mut all = all.chain(webhooks).chain(codes).chain(strikes);
        all.next()
    }
}

/// The location of an error, and its message.
fn wrong<T>(it: &Spanned<T>, checked: Result<(), impl fmt::Display>) -> Option<(usize, String)> {
    Some((it.span().start, checked.err()?.to_string()))
}

#[cfg(test)]
mod tests;
