//! `smartcar doctor`: what is missing for version 3.
//!
//! Invariant: nothing is changed, and nothing is sent with `--dry-run`.

mod examine;
mod finding;

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde_json::json;
use smartcar_batch::bytes::Bytes;
use smartcar_batch::{Api, ClientCredentials, ClientSecret, UserId, VehicleId, http};

use crate::asking::ENVIRONMENT;
use crate::exit::Exit;
use crate::grid::{Cell, Grid, Look};
use crate::known::AnyPath;
use crate::managing::Managing;
use crate::report::failed::Failed;
use crate::tap::{Asked, Tap, Watcher};
use crate::{output, text};
use finding::{Finding, Verdict};

const EXAMPLES: &str = "\
Examples:
  smartcar doctor
  smartcar doctor 36ab27d0-fd9d-4455-823a-ce30af709ffc /odometer /fuel
  smartcar doctor VEHICLE_ID --json | jq '.checks[] | select(.result == \"todo\")'";

const EXITS: &str = "Exit codes: 0 all well, 3 something to do, 4 something could not be checked.";

/// The checks, each with its price.
const CHECKS: [(&str, &str); 10] = [
    ("credentials", "nothing is sent"),
    ("management token", "nothing is sent"),
    ("token", "1 request to the token server, not billed"),
    ("connections", "1 request per 50 connections, not billed"),
    ("grants", "nothing is sent"),
    (
        "webhooks",
        "1 request per 50 webhooks, not known to be billed",
    ),
    (
        "subscription",
        "1 request per 50 subscriptions, not known to be billed",
    ),
    (
        "store",
        "1 request, whose price is not known: it may count once or once per signal",
    ),
    ("v2.0", "1 request, not billed"),
    ("clock", "nothing is sent"),
];

/// Find out what is missing for version 3.
///
/// Checks credentials, connections, grants, webhooks and the vehicle's store, and says
/// what to do. Changes nothing, and prints no secret, place or VIN.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXITS}\n\n{ENVIRONMENT}"))]
pub(crate) struct Doctor {
    /// Smartcar vehicle ID; without it the store is not checked
    #[arg(value_name = "VEHICLE_ID")]
    vehicle: Option<String>,
    /// Path that the vehicle is to be asked for, such as /odometer
    #[arg(value_name = "PATH", value_parser = AnyPath, hide_possible_values = true)]
    paths: Vec<String>,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
    /// Print the checks with their prices, and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    managing: Managing,
}

/// The date of the newest response.
#[derive(Clone, Default)]
struct Dates(Arc<Mutex<Option<Timestamp>>>);

impl Dates {
    fn newest(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher for Dates {
    fn see(&self, _: &Asked, response: &http::Response<Bytes>) {
        let date = response.headers().get(http::header::DATE);
        let date = date.and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
        if date.is_some() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date;
        }
    }
}

/// Runs the command.
pub(crate) fn run(options: &Doctor) -> Exit {
    if options.dry_run {
        return dry_run(options);
    }
    super::wait(async {
        match examine(options).await {
            Ok(findings) => show(options, &findings),
            Err(failed) => failed.print(options.json),
        }
    })
}

fn dry_run(options: &Doctor) -> Exit {
    if options.json {
        let checks = CHECKS
            .iter()
            .map(|(check, price)| json!({"check": check, "price": price}));
        let checks: Vec<_> = checks.collect();
        return output::print(&text::line(&json!({"checks": checks})), Exit::Good);
    }
    let mut grid = Grid::new(&["check", "price"]);
    for (check, price) in CHECKS {
        grid.add(vec![Cell::key(check), Cell::plain(price)]);
    }
    output::print(&grid.render(), Exit::Good)
}

async fn examine(options: &Doctor) -> Result<Vec<Finding>, Failed> {
    let vehicle = options.vehicle.as_deref().map(VehicleId::new).transpose();
    let vehicle = vehicle.map_err(Failed::of_account)?;
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let simulates = options.managing.simulates();
    let by_hand = set("SMARTCAR_ACCESS_TOKEN").is_some();
    let pair = set("SMARTCAR_CLIENT_ID").zip(set("SMARTCAR_CLIENT_SECRET"));
    let mut findings = vec![
        credentials(simulates, by_hand, pair.is_some()),
        management(set(super::listen::keys::VARIABLE).is_some()),
    ];
    if findings[0].result == Verdict::Todo {
        let rest = CHECKS[2..].iter();
        findings.extend(rest.map(|(check, _)| Finding::skipped(check, "there are no credentials")));
        return Ok(findings);
    }
    let dates = Dates::default();
    let tap = || Tap::new(dates.clone(), options.managing.is_local()).map_err(Failed::of_account);
    findings.push(match pair.filter(|_| !simulates && !by_hand) {
        None => Finding::skipped("token", "no token is fetched: one is given"),
        Some((id, secret)) => {
            let source = source(id, secret, set("SMARTCAR_AUTH_ORIGIN"));
            let source = source.map_err(Failed::of_account)?;
            examine::token(&source, &tap()?).await
        }
    });
    let managed = options.managing.open_over(Some(Box::new(tap()?))).await?;
    let (client, id) = (&managed.client, vehicle.as_ref());
    let (finding, connections) = examine::connections(client, id, by_hand).await;
    let is_connected = finding.result != Verdict::Unknown && finding.result != Verdict::Skipped;
    findings.push(finding);
    let connection = connections.first().filter(|_| vehicle.is_some());
    findings.extend(examine::grants(connection, &options.paths));
    let (finding, enabled) = examine::webhooks(client).await;
    findings.push(finding);
    let mut is_subscribed = false;
    findings.push(match enabled {
        None => Finding::skipped("subscription", "the webhooks could not be listed"),
        Some(_) if !is_connected => {
            Finding::skipped("subscription", "the connections are not known")
        }
        Some(enabled) => {
            let listed = examine::subscription(client, id, &connections, &enabled).await;
            is_subscribed = listed.1;
            listed.0
        }
    });
    let now = Timestamp::now();
    match id {
        None => findings.push(Finding::skipped(
            "store",
            "give a vehicle to check its store",
        )),
        Some(id) => {
            let user = connection.and_then(|it| UserId::new(it.user_id()?).ok());
            findings.extend(examine::store(client, id, user, is_subscribed, now).await);
        }
    }
    let old = options.managing.client(Api::V2, Box::new(tap()?), &managed);
    findings.push(match old {
        Ok(old) => examine::version_2(&old).await,
        Err(_) => Finding::skipped("v2.0", "there is no token to ask with"),
    });
    findings.push(examine::clock(dates.newest(), Timestamp::now()));
    Ok(findings)
}

fn credentials(simulates: bool, by_hand: bool, has_pair: bool) -> Finding {
    const CHECK: &str = "credentials";
    match (simulates, by_hand, has_pair) {
        (true, ..) => Finding::ok(CHECK, "the simulator needs none"),
        (_, true, _) => Finding::ok(
            CHECK,
            "the token in SMARTCAR_ACCESS_TOKEN is used; version 3 takes only the application's own",
        ),
        (_, _, true) => Finding::ok(CHECK, "client id and client secret are set"),
        _ => Finding::todo(
            CHECK,
            "SMARTCAR_CLIENT_ID and SMARTCAR_CLIENT_SECRET are not both set",
            "set them to the application's credentials from its page in the dashboard; the client \
             id begins with `client_` and is not the application id",
        ),
    }
}

fn management(is_set: bool) -> Finding {
    const CHECK: &str = "management token";
    if is_set {
        return Finding::ok(CHECK, "SMARTCAR_MANAGEMENT_TOKEN is set");
    }
    Finding::todo(
        CHECK,
        "SMARTCAR_MANAGEMENT_TOKEN is not set, so deliveries cannot be verified",
        "set it to the application's management token from its page in the dashboard",
    )
}

fn source(
    id: String,
    secret: String,
    origin: Option<String>,
) -> Result<ClientCredentials, smartcar_batch::Error> {
    let credentials = ClientCredentials::new(id, ClientSecret::new(secret)?)?;
    match origin {
        Some(origin) => credentials.auth_origin(&origin),
        None => Ok(credentials),
    }
}

fn show(options: &Doctor, findings: &[Finding]) -> Exit {
    let any = |verdict| findings.iter().any(|finding| finding.result == verdict);
    let exit = if any(Verdict::Todo) {
        Exit::Items
    } else if any(Verdict::Unknown) {
        Exit::Failed
    } else {
        Exit::Good
    };
    if options.json {
        return output::print(&text::line(&json!({"checks": findings})), exit);
    }
    let mut grid = Grid::new(&["check", "result", "says", "what to do"]);
    for finding in findings {
        let look = match finding.result {
            Verdict::Todo => Look::Error,
            Verdict::Skipped => Look::Faint,
            Verdict::Ok | Verdict::Unknown => Look::Plain,
        };
        grid.add(vec![
            Cell::key(finding.check),
            Cell::new(finding.result.name(), look),
            Cell::plain(finding.says.as_str()),
            Cell::plain(finding.cure.as_deref().unwrap_or_default()),
        ]);
    }
    output::print(&grid.render(), exit)
}
