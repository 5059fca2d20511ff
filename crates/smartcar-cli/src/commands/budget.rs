//! `smartcar budget`: what is left of a shared budget.
//!
//! Invariant: reading changes nothing.

use jiff::Timestamp;
use serde::Serialize;
use smartcar_redis::{ApplicationStatus, BudgetStatus, MonthStatus};

use crate::exit::Exit;
use crate::grid::{Cell, Grid};
use crate::limits::{self, Store};
use crate::report::failed::Failed;
use crate::{output, text};

const EXAMPLES: &str = "\
Examples:
  smartcar budget --budget redis://127.0.0.1:6379
  smartcar budget --budget redis://127.0.0.1:6379 --json \\
    | jq .application.left

Environment:
  SMARTCAR_BUDGET_URL
      Default for --budget
  SMARTCAR_CLIENT_ID
      Default for --budget-name";

/// Waiting vehicles in the table. JSON has all of them.
const SHOWN: usize = 20;

/// Show what is left of a shared budget, and who has to wait until when.
///
/// The limits are those that the last `fleet`, `batch` or service with limits was
/// started with. Reading takes about a second for a million vehicles.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Show {
    #[command(flatten)]
    store: Store,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// The JSON object. Its members stay as they are.
#[derive(Debug, Serialize)]
struct Shown<'s> {
    budget: &'s str,
    url: String,
    at: Timestamp,
    application: Option<Application>,
    application_waits_until: Option<Timestamp>,
    waiting: Vec<Waiting<'s>>,
    month: Month<'s>,
    warnings: &'s [String],
}

#[derive(Debug, Serialize)]
struct Application {
    left: u32,
    burst: u32,
    reserve: u32,
    full_at: Timestamp,
}

#[derive(Debug, Serialize)]
struct Waiting<'s> {
    vehicle: &'s str,
    until: Timestamp,
}

#[derive(Debug, Serialize)]
struct Month<'s> {
    month: &'s str,
    ends_at: Timestamp,
    limit: Option<u32>,
    vehicles: u64,
    used: u64,
    spent: u64,
}

/// Runs the command.
pub(crate) fn run(options: &Show) -> Exit {
    super::wait(async {
        match show(options).await {
            Ok(exit) => exit,
            Err(failed) => failed.print(options.json),
        }
    })
}

async fn show(options: &Show) -> Result<Exit, Failed> {
    let refused = |refusal| Failed::refused(None, refusal);
    let budget = options.store.open().map_err(refused)?;
    let budget = budget.ok_or_else(|| refused(limits::no_url("smartcar budget")))?;
    let status = budget.status().await;
    let status = status.map_err(|error| limits::away(None, &error))?;
    let (name, url) = (budget.shown_name(), budget.shown_url());
    if options.json {
        let shown = text::line(&Shown::of(name, url, &status));
        return Ok(output::print(&shown, Exit::Good));
    }
    for warning in &status.warnings {
        output::complain("warning", &text::shown(warning));
    }
    let title = format!("{} at {url}", text::shown(name));
    let table = table(&title, &status);
    Ok(output::print(&table, Exit::Good))
}

fn table(title: &str, status: &BudgetStatus) -> String {
    let mut grid = Grid::new(&[]);
    let mut row = |name: &str, value: String| {
        grid.add(vec![Cell::key(name), Cell::plain(value)]);
    };
    row("budget", title.to_owned());
    match &status.application {
        Some(ApplicationStatus {
            left,
            burst,
            reserve,
            full_at,
            ..
        }) => {
            let reserve = match reserve {
                0 => String::new(),
                reserve => format!(", {reserve} of them for interactive requests"),
            };
            let full = if left == burst {
                String::new()
            } else {
                format!(", all at {full_at:.0}")
            };
            row("left", format!("{left} of {burst}{reserve}{full}"));
        }
        None => row("left", "no rate is known".to_owned()),
    }
    let MonthStatus {
        month,
        ends_at,
        limit,
        vehicles,
        used,
        spent,
        ..
    } = &status.month;
    let limit = limit.map_or_else(String::new, |limit| {
        format!(", {spent} at the limit of {limit} until {ends_at:.0}")
    });
    row(
        month,
        format!("{used} requests, {vehicles} vehicles{limit}"),
    );
    if let Some(until) = status.application_waits_until {
        row("waiting", format!("all vehicles, until {until:.0}"));
    }
    row("waiting", format!("{} vehicles", status.waiting.len()));
    for (vehicle, until) in status.waiting.iter().take(SHOWN) {
        row(vehicle.as_str(), format!("until {until:.0}"));
    }
    if status.waiting.len() > SHOWN {
        row("…", "--json shows all of them".to_owned());
    }
    grid.render()
}

impl<'s> Shown<'s> {
    fn of(name: &'s str, url: String, status: &'s BudgetStatus) -> Self {
        let waiting = status.waiting.iter().map(|(vehicle, until)| Waiting {
            vehicle: vehicle.as_str(),
            until: *until,
        });
        let month = &status.month;
        Self {
            budget: name,
            url,
            at: status.at,
            application: status.application.map(|application| Application {
                left: application.left,
                burst: application.burst,
                reserve: application.reserve,
                full_at: application.full_at,
            }),
            application_waits_until: status.application_waits_until,
            waiting: waiting.collect(),
            month: Month {
                month: &month.month,
                ends_at: month.ends_at,
                limit: month.limit,
                vehicles: month.vehicles,
                used: month.used,
                spent: month.spent,
            },
            warnings: &status.warnings,
        }
    }
}
