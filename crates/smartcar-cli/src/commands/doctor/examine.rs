//! The checks that send requests.
//!
//! Invariant: no finding has a secret, a place or a VIN.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use smartcar_batch::model::v3::{Connection, PowertrainType, SignalInfo, Webhook};
use smartcar_batch::{
    Client, EndpointInfo, Error, ErrorKind, ListedSignal, TokenSource, Transport, UserId, VehicleId,
};

use super::finding::Finding;
use crate::{age, text};

/// A store whose newest signal is older has not been filled lately.
const STALE: Duration = Duration::from_secs(36 * 60 * 60);
/// A clock that is wrong by more makes tokens and waits wrong.
const SKEW: i64 = 60;
const CONNECT: &str = "make a link with `smartcar connect-url` and let the owner connect it";
const NOT_VERIFIED: &str = "run `smartcar listen` where the webhook delivers to, and verify it in \
    the dashboard; if deliveries are refused there, SMARTCAR_MANAGEMENT_TOKEN is of another application";

/// Checks the token endpoint, and the lifetime of its token.
pub(super) async fn token(source: &dyn TokenSource, transport: &dyn Transport) -> Finding {
    const CHECK: &str = "token";
    match source.fetch_over(transport).await {
        Ok(issued) => Finding::ok(
            CHECK,
            match issued.lifetime {
                Some(lifetime) => format!(
                    "the token server issued a token for {}",
                    age::span(lifetime)
                ),
                None => "the token server issued a token of unknown lifetime".to_owned(),
            },
        ),
        Err(error) => {
            let error = error.into_error();
            let says = text::shown(&error.to_string());
            if error.is_retryable() {
                Finding::unknown(CHECK, says)
            } else {
                let cure = "copy client id and client secret from the application's page in the \
                    dashboard into SMARTCAR_CLIENT_ID and SMARTCAR_CLIENT_SECRET";
                Finding::todo(CHECK, says, cure)
            }
        }
    }
}

/// Checks what the credentials reach. Returns the connections too.
pub(super) async fn connections(
    client: &Client,
    vehicle: Option<&VehicleId>,
    token_by_hand: bool,
) -> (Finding, Vec<Connection>) {
    const CHECK: &str = "connections";
    let mut all = client.connections();
    if let Some(vehicle) = vehicle {
        all = all.vehicle(vehicle.clone());
    }
    let (mut found, mut unreadable) = (Vec::new(), 0_u64);
    while let Some(connection) = all.next().await {
        match connection {
            Ok(connection) => found.push(connection),
            Err(error) if error.is_list_entry() => unreadable += 1,
            Err(error) => return (refused(CHECK, &error, token_by_hand), Vec::new()),
        }
    }
    if let Some(vehicle) = vehicle {
        found.retain(|it| it.vehicle_id() == Some(vehicle.as_str()));
    }
    let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
    let finding = match (found.is_empty(), vehicle) {
        (true, Some(_)) => Finding::todo(
            CHECK,
            "the vehicle is not connected to this application, or not by this user",
            CONNECT,
        ),
        (true, None) => Finding::todo(
            CHECK,
            "no vehicle is connected to this application",
            CONNECT,
        ),
        (false, Some(_)) => Finding::ok(CHECK, "the vehicle is connected"),
        (false, None) if unreadable > 0 => Finding::unknown(
            CHECK,
            format!(
                "{} reached, {unreadable} unreadable",
                text::count(count, "connection")
            ),
        ),
        (false, None) => Finding::ok(
            CHECK,
            format!("{} reached", text::count(count, "connection")),
        ),
    };
    (finding, found)
}

/// A request that failed.
fn refused(check: &'static str, error: &Error, token_by_hand: bool) -> Finding {
    let says = text::shown(&error.to_string());
    match error.status() {
        _ if error.kind() == ErrorKind::Token => Finding::skipped(check, "there is no token"),
        Some(401) if token_by_hand => Finding::todo(
            check,
            "version 3 rejected the token in SMARTCAR_ACCESS_TOKEN: it is expired, or it is a \
             token of a vehicle's owner, as v2.0 has them",
            "unset SMARTCAR_ACCESS_TOKEN, and set the application's client credentials, \
             SMARTCAR_CLIENT_ID and SMARTCAR_CLIENT_SECRET",
        ),
        Some(401 | 403) => Finding::todo(
            check,
            says,
            "check in the dashboard what the application is allowed to do",
        ),
        _ => Finding::unknown(check, says),
    }
}

/// Checks the powertrain and the grants against the paths.
pub(super) fn grants(connection: Option<&Connection>, paths: &[String]) -> Vec<Finding> {
    const CHECK: &str = "grants";
    let Some(attributes) = connection.and_then(|it| it.attributes.as_ref()) else {
        return vec![Finding::skipped(
            CHECK,
            "no connection of a vehicle to check",
        )];
    };
    let granted = attributes.permissions.as_deref().unwrap_or_default();
    let granted: Vec<_> = granted
        .iter()
        .map(smartcar_batch::model::Permission::as_str)
        .collect();
    let vehicle = attributes.vehicle.as_ref();
    let powertrain = vehicle.and_then(|it| it.powertrain_type.as_ref());
    let mut findings = Vec::new();
    for path in paths {
        let needed = needed(path);
        // A signal can belong to several endpoints. One of their grants may be enough.
        if !needed.is_empty() && !needed.iter().any(|it| granted.contains(it)) {
            let says = format!(
                "{path} needs {}, which was not granted",
                needed.join(" or ")
            );
            let cure = format!("{CONNECT} again, with this permission");
            findings.push(Finding::todo(CHECK, says, cure));
        }
        if let Some(powertrain) = powertrain.filter(|it| lacks(it, path)) {
            let says = format!("a vehicle with the powertrain {powertrain} does not have {path}");
            findings.push(Finding::todo(
                CHECK,
                says,
                "leave the path out for this vehicle",
            ));
        }
    }
    if findings.is_empty() {
        let count = u64::try_from(granted.len()).unwrap_or(u64::MAX);
        let kind = powertrain.map_or("unknown", |it| it.as_str());
        let granted = text::count(count, "permission");
        let says = match paths {
            [] => format!("{granted} granted, powertrain {kind}; give paths to check them"),
            _ => format!("everything that the paths need was granted, powertrain {kind}"),
        };
        findings.push(Finding::ok(CHECK, says));
    }
    findings
}

fn needed(path: &str) -> Vec<&'static str> {
    let of_endpoint = |path: &str| EndpointInfo::of(path)?.permission;
    match SignalInfo::of_path(path) {
        Some(signal) => signal
            .used_by
            .iter()
            .filter_map(|path| of_endpoint(path))
            .collect(),
        None => of_endpoint(path).into_iter().collect(),
    }
}

/// Whether vehicles with this powertrain do not have a path.
fn lacks(powertrain: &PowertrainType, path: &str) -> bool {
    let of_engine = ["/fuel", "/engine", "/signals/internalcombustionengine-"];
    let of_battery = [
        "/battery",
        "/charge",
        "/signals/tractionbattery-",
        "/signals/charge-",
    ];
    let begins = |with: &[&str]| with.iter().any(|start| path.starts_with(start));
    match powertrain {
        PowertrainType::Bev => begins(&of_engine),
        PowertrainType::Ice | PowertrainType::Hev => begins(&of_battery),
        _ => false,
    }
}

/// Checks the webhooks. Returns those that are enabled.
pub(super) async fn webhooks(client: &Client) -> (Finding, Option<Vec<Webhook>>) {
    const CHECK: &str = "webhooks";
    let all: Vec<Webhook> = match client.webhooks().try_collect().await {
        Ok(all) => all,
        Err(error) => return (refused(CHECK, &error, false), None),
    };
    let count = all.len();
    let enabled: Vec<_> = all
        .into_iter()
        .filter(|it| it.is_enabled() != Some(false))
        .collect();
    let finding = match (count, enabled.len()) {
        (0, _) => Finding::todo(
            CHECK,
            "the application has no webhook, so the stores of its vehicles stay empty",
            "create one in the dashboard, and verify it with `smartcar listen`",
        ),
        (_, 0) => Finding::todo(
            CHECK,
            "no webhook is enabled, so the stores are not updated",
            "enable one in the dashboard",
        ),
        (count, enabled) => {
            let says = "enabled; whether one is verified cannot be seen";
            Finding::ok(CHECK, format!("{enabled} of {count} {says}"))
        }
    };
    (finding, Some(enabled))
}

/// Checks the subscriptions of a vehicle, or of all connections. Returns whether the
/// vehicle is subscribed.
pub(super) async fn subscription(
    client: &Client,
    vehicle: Option<&VehicleId>,
    connections: &[Connection],
    enabled: &[Webhook],
) -> (Finding, bool) {
    const CHECK: &str = "subscription";
    let mut all = client.subscriptions();
    if let Some(vehicle) = vehicle {
        all = all.vehicle(vehicle.clone());
    }
    let all: Vec<_> = match all.try_collect().await {
        Ok(all) => all,
        Err(error) => return (refused(CHECK, &error, false), false),
    };
    let is_enabled = |id: Option<&str>| enabled.iter().any(|it| it.id.as_deref() == id);
    let of = |id: &str| {
        let own = all.iter().filter(|it| it.vehicle_id() == Some(id));
        own.collect::<Vec<_>>()
    };
    let Some(vehicle) = vehicle else {
        let ids = connections.iter().filter_map(Connection::vehicle_id);
        let missing = ids.filter(|id| of(id).is_empty()).count();
        let finding = if missing == 0 {
            Finding::ok(CHECK, "every connected vehicle is subscribed to a webhook")
        } else {
            let count = connections.len();
            Finding::todo(
                CHECK,
                format!("{missing} of {count} vehicles are subscribed to no webhook"),
                "run `smartcar subscribe WEBHOOK_ID --missing`",
            )
        };
        return (finding, missing == 0);
    };
    if of(vehicle.as_str()).is_empty() {
        let says = "the vehicle is subscribed to no webhook, so its store stays empty";
        let cure = "run `smartcar subscribe WEBHOOK_ID VEHICLE_ID`";
        return (Finding::todo(CHECK, says, cure), false);
    }
    if !of(vehicle.as_str())
        .iter()
        .any(|it| is_enabled(it.webhook_id()))
    {
        let says = "the vehicle is subscribed only to a webhook that is not enabled";
        return (
            Finding::todo(CHECK, says, "enable it in the dashboard"),
            false,
        );
    }
    (
        Finding::ok(CHECK, "the vehicle is subscribed to a webhook"),
        true,
    )
}

/// Checks the store of a vehicle.
pub(super) async fn store(
    client: &Client,
    vehicle: &VehicleId,
    user: Option<UserId>,
    is_subscribed: bool,
    now: Timestamp,
) -> Vec<Finding> {
    const CHECK: &str = "store";
    let mut vehicle = client.vehicle(vehicle.clone());
    if let Some(user) = user {
        vehicle = vehicle.with_user(user);
    }
    if vehicle.user().is_none() {
        return vec![Finding::skipped(
            CHECK,
            "the user of the vehicle is not known",
        )];
    }
    let signals = match vehicle.list_signals().interactive().send().await {
        Ok(response) => response.data,
        Err(error) => return vec![refused(CHECK, &error, false)],
    };
    if signals.is_empty() {
        return vec![if is_subscribed {
            let says = "the store is empty although the vehicle is subscribed: the webhook is \
                probably not verified";
            Finding::todo(CHECK, says, NOT_VERIFIED)
        } else {
            let cure = "subscribe the vehicle to a webhook that is verified";
            Finding::todo(CHECK, "the store is empty", cure)
        }];
    }
    filled(CHECK, &signals, now)
}

fn filled(check: &'static str, signals: &[ListedSignal], now: Timestamp) -> Vec<Finding> {
    let age = |signal: &ListedSignal| {
        let at = signal.fetched_at.or(signal.data_age)?;
        Some(now.duration_since(at).try_into().unwrap_or_default())
    };
    let ages: Vec<Duration> = signals.iter().filter_map(age).collect();
    let failed = signals.iter().filter(|it| it.body.is_err()).count();
    let (oldest, newest) = (ages.iter().max(), ages.iter().min());
    let shown = |age: Option<&Duration>| age::ago(age.copied());
    let count = u64::try_from(signals.len()).unwrap_or(u64::MAX);
    let says = format!(
        "{}, {failed} failed, newest {}, oldest {}",
        text::count(count, "signal"),
        shown(newest),
        shown(oldest)
    );
    let mut findings = vec![match newest {
        Some(newest) if *newest > STALE => Finding::todo(
            check,
            format!("{says}: it was not updated lately"),
            "check that the webhook is enabled and its deliveries are taken, with `smartcar listen`",
        ),
        _ => Finding::ok(check, says),
    }];
    let is_refused = |signal: &&ListedSignal| {
        let error = signal
            .body
            .as_ref()
            .err()
            .and_then(|error| error.api_error());
        error.is_some_and(|error| error.error_type.as_deref() == Some("PERMISSION"))
    };
    let refused: Vec<_> = signals.iter().filter(is_refused).collect();
    if let Some(first) = refused.first() {
        let says = format!(
            "{} refused for want of a permission, such as {}",
            text::count(u64::try_from(refused.len()).unwrap_or(u64::MAX), "signal"),
            text::shown(&first.code)
        );
        let cure = "the owner did not grant it, or the plan does not include it: connect again \
            with the permission, or change the plan in the dashboard";
        findings.push(Finding::todo(check, says, cure));
    }
    findings
}

/// Checks whether v2.0 still answers. Either answer is all well: it is said for whoever
/// has not migrated yet.
pub(super) async fn version_2(client: &Client) -> Finding {
    const CHECK: &str = "v2.0";
    match client.vehicles().next().await {
        None | Some(Ok(_)) => Finding::ok(CHECK, "v2.0 still answers"),
        Some(Err(error)) if error.is_list_entry() => Finding::ok(CHECK, "v2.0 still answers"),
        Some(Err(error)) => match error.status() {
            // An application's token is not for v2.0, so this is its usual answer.
            Some(401 | 403 | 429) => Finding::ok(CHECK, "v2.0 still answers"),
            Some(status) => Finding::ok(
                CHECK,
                format!("v2.0 does not answer as it did (status {status}): use version 3"),
            ),
            None => Finding::unknown(CHECK, text::shown(&error.to_string())),
        },
    }
}

/// Checks this machine's clock against the server's.
pub(super) fn clock(server: Option<Timestamp>, now: Timestamp) -> Finding {
    const CHECK: &str = "clock";
    let Some(server) = server else {
        return Finding::unknown(CHECK, "no response had a date");
    };
    let ahead = now.duration_since(server).as_secs();
    if ahead.abs() <= SKEW {
        return Finding::ok(CHECK, "this machine's clock agrees with the server's");
    }
    let way = if ahead > 0 { "ahead of" } else { "behind" };
    let wrong = age::span(Duration::from_secs(ahead.unsigned_abs()));
    Finding::todo(
        CHECK,
        format!("this machine's clock is {wrong} {way} the server's"),
        "set the clock, by NTP: the lifetimes of tokens and the ages of data depend on it",
    )
}
