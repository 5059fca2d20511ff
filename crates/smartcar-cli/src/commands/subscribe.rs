//! `smartcar subscribe` and `smartcar unsubscribe`: which vehicles a webhook delivers.
//!
//! Invariant: running either of them twice does no harm.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use smartcar_batch::{Client, Error, FleetVehicle, Vehicle, VehicleId};

use crate::asking::ENVIRONMENT;
use crate::exit::{self, Exit};
use crate::managing::Managing;
use crate::report::failed::Failed;
use crate::{output, text};

/// How many vehicles are subscribed at the same time.
const AT_ONCE: usize = 4;

const EXAMPLES: &str = "\
Examples:
  smartcar subscribe WEBHOOK_ID --missing --dry-run
  smartcar subscribe WEBHOOK_ID --missing
  smartcar subscribe WEBHOOK_ID 36ab27d0-fd9d-4455-823a-ce30af709ffc \\
    --user USER_ID";

const UNSUBSCRIBE_EXAMPLES: &str = "\
Examples:
  smartcar unsubscribe SUBSCRIPTION_ID
  smartcar unsubscribe --webhook WEBHOOK_ID 36ab27d0-fd9d-4455-823a-ce30af709ffc";

/// Subscribe vehicles to a webhook, on version 3.
///
/// A vehicle's store is empty until it is subscribed to a webhook that is verified.
/// A vehicle that is subscribed already stays so.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "smartcar subscribe [OPTIONS] <WEBHOOK_ID> <ID>...\n       \
        smartcar subscribe [OPTIONS] <WEBHOOK_ID> --account\n       \
        smartcar subscribe [OPTIONS] <WEBHOOK_ID> --missing",
    after_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}"),
    after_long_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}\n\n{}", exit::HELP),
)]
pub(crate) struct Subscribe {
    /// The webhook's ID; `smartcar webhooks` lists them
    #[arg(value_name = "WEBHOOK_ID")]
    webhook: String,
    #[command(flatten)]
    which: Which,
    /// Print what would be subscribed and what it costs, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    managing: Managing,
}

// No doc comment: it would replace the command's.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// Smartcar vehicle ID
    #[arg(value_name = "VEHICLE_ID")]
    ids: Vec<String>,
    /// All vehicles of the application, or of --user
    #[arg(long)]
    account: bool,
    /// Those vehicles of the application, or of --user, that no webhook delivers
    #[arg(long)]
    missing: bool,
}

/// Runs `smartcar subscribe`.
pub(crate) fn run(options: &Subscribe) -> Exit {
    super::wait(async {
        match subscribe(options).await {
            Ok(exit) => exit,
            Err(failed) => failed.print(false),
        }
    })
}

async fn subscribe(options: &Subscribe) -> Result<Exit, Failed> {
    let managed = options.managing.open().await?;
    let client = &managed.client;
    let vehicles = options.which.vehicles(client).await?;
    if options.dry_run {
        let lines = vehicles
            .iter()
            .map(|it| format!("{} would be subscribed", it.id()));
        let lines: Vec<_> = lines.collect();
        let count = u64::try_from(lines.len()).unwrap_or(0);
        output::note(&format!(
            "{}, not known to be billed",
            text::count(count, "request")
        ));
        return Ok(if lines.is_empty() {
            Exit::Good
        } else {
            output::print(&lines.join("\n"), Exit::Good)
        });
    }
    let mut done = stream::iter(vehicles)
        .map(|vehicle| async {
            let subscribed = client.subscribe(&options.webhook, &vehicle).await;
            (vehicle, subscribed)
        })
        .buffered(AT_ONCE);
    let (mut new, mut known, mut failed) = (0, 0, 0);
    let mut exit = Exit::Good;
    while let Some((vehicle, subscribed)) = done.next().await {
        let line = match subscribed {
            Ok(response) if response.data.is_new => {
                new += 1;
                format!("{} subscribed", vehicle.id())
            }
            Ok(_) => {
                known += 1;
                format!("{} was subscribed already", vehicle.id())
            }
            Err(error) if error.is_invalid_request() => {
                return Err(Failed::of(vehicle.id().as_str(), error));
            }
            Err(error) => {
                failed += 1;
                let failed = Failed::of(vehicle.id().as_str(), error);
                failed.complain();
                if failed.is_everyones() {
                    return Ok(Exit::Failed);
                }
                format!("{} failed", vehicle.id())
            }
        };
        exit = output::print(&line, exit);
    }
    output::note(&format!(
        "{new} subscribed, {known} already, {failed} failed"
    ));
    Ok(match (failed, new + known) {
        (0, _) => exit,
        (_, 0) => Exit::Failed,
        _ => Exit::Items,
    })
}

impl Which {
    async fn vehicles(&self, client: &Client) -> Result<Vec<Vehicle>, Failed> {
        if !self.ids.is_empty() {
            let vehicle = |id: &String| {
                let vehicle = VehicleId::new(id.as_str()).map(|id| client.vehicle(id));
                vehicle.map_err(|error| Failed::of(id, error))
            };
            return self.ids.iter().map(vehicle).collect();
        }
        let account = account(client).await.map_err(Failed::of_account)?;
        let subscribed = if self.missing {
            subscribed(client).await.map_err(Failed::of_account)?
        } else {
            BTreeSet::new()
        };
        let vehicles = account.into_iter();
        let vehicles = vehicles.filter(|it| !subscribed.contains(it.id().as_str()));
        let vehicles = vehicles.map(|listed| {
            let vehicle = client.vehicle(listed.id().clone());
            match listed.user() {
                Some(user) => vehicle.with_user(user.clone()),
                None => vehicle,
            }
        });
        Ok(vehicles.collect())
    }
}

/// The vehicles of the application. Unreadable entries are reported and skipped.
async fn account(client: &Client) -> Result<Vec<FleetVehicle>, Error> {
    let mut vehicles = Vec::new();
    let mut listed = client.vehicles();
    while let Some(vehicle) = listed.next().await {
        match vehicle {
            Ok(vehicle) => vehicles.push(vehicle),
            Err(error) if error.is_list_entry() => {
                output::complain("warning", &format!("skipped: {error}"));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(vehicles)
}

/// The vehicles that any webhook delivers. An unreadable subscription is an error,
/// because its vehicle would be counted as missing.
async fn subscribed(client: &Client) -> Result<BTreeSet<String>, Error> {
    let ids = client
        .subscriptions()
        .map_ok(|it| it.vehicle_id().map(str::to_owned));
    let ids: Vec<_> = ids.try_collect().await?;
    Ok(ids.into_iter().flatten().collect())
}

/// End subscriptions of vehicles to a webhook, on version 3.
///
/// By the IDs of subscriptions, one request each; or with --webhook by the IDs of
/// vehicles, whose subscriptions are listed first: at least two requests each.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{UNSUBSCRIBE_EXAMPLES}\n\n{ENVIRONMENT}"))]
pub(crate) struct Unsubscribe {
    /// IDs of subscriptions, or with --webhook of vehicles
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// The webhook that the vehicles are subscribed to
    #[arg(long, value_name = "WEBHOOK_ID")]
    webhook: Option<String>,
    #[command(flatten)]
    managing: Managing,
}

/// Runs `smartcar unsubscribe`.
pub(crate) fn run_unsubscribe(options: &Unsubscribe) -> Exit {
    super::wait(async {
        match unsubscribe(options).await {
            Ok(exit) => exit,
            Err(failed) => failed.print(false),
        }
    })
}

async fn unsubscribe(options: &Unsubscribe) -> Result<Exit, Failed> {
    let managed = options.managing.open().await?;
    let client = &managed.client;
    let (mut ended, mut none, mut requests) = (0, 0, 0);
    for id in &options.ids {
        let failed = |error| Failed::of(id, error);
        let response = match &options.webhook {
            None => client.unsubscribe(id).await,
            Some(webhook) => {
                let vehicle = VehicleId::new(id.as_str()).map_err(failed)?;
                let vehicle = client.vehicle(vehicle);
                client.unsubscribe_vehicle(webhook, &vehicle).await
            }
        };
        let response = response.map_err(failed)?;
        requests += response.requests;
        let what = if response.data {
            ended += 1;
            "unsubscribed"
        } else {
            none += 1;
            "was not subscribed"
        };
        output::print(&format!("{} {what}", text::shown(id)), Exit::Good);
    }
    output::note(&format!(
        "{ended} unsubscribed, {none} were not subscribed, {}",
        text::count(requests.into(), "request")
    ));
    Ok(Exit::Good)
}
