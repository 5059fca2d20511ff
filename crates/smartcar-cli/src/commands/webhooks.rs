//! `smartcar webhooks`: the application's webhooks.
//!
//! Invariant: the table shows no query of a callback URI, which may hold a secret.

use futures_util::TryStreamExt;
use serde_json::{Value, json};
use smartcar_batch::model::v3::Webhook;

use crate::age::UNKNOWN;
use crate::asking::ENVIRONMENT;
use crate::exit::Exit;
use crate::grid::{Cell, Grid};
use crate::managing::Managing;
use crate::report::failed::Failed;
use crate::{output, text};

const EXAMPLES: &str = "\
Examples:
  smartcar webhooks
  smartcar webhooks --name fleet --json | jq -r .id";

/// List the application's webhooks, on version 3.
///
/// Webhooks are created in the dashboard. Whether one is verified is not shown by the API.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}"))]
pub(crate) struct Webhooks {
    /// Only webhooks with this name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Print one JSON object per webhook instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    managing: Managing,
}

/// Runs the command.
pub(crate) fn run(options: &Webhooks) -> Exit {
    super::wait(async {
        match list(options).await {
            Ok(webhooks) => show(options, &webhooks),
            Err(failed) => failed.print(options.json),
        }
    })
}

async fn list(options: &Webhooks) -> Result<Vec<Webhook>, Failed> {
    let managed = options.managing.open().await?;
    let mut webhooks = managed.client.webhooks();
    if let Some(name) = &options.name {
        webhooks = webhooks.name(name);
    }
    webhooks.try_collect().await.map_err(Failed::of_account)
}

fn show(options: &Webhooks, webhooks: &[Webhook]) -> Exit {
    if options.json {
        let lines = webhooks.iter().map(|webhook| text::line(&object(webhook)));
        let lines: Vec<_> = lines.collect();
        return if lines.is_empty() {
            Exit::Good
        } else {
            output::print(&lines.join("\n"), Exit::Good)
        };
    }
    if webhooks.is_empty() {
        let help = "there are no webhooks: create one in the dashboard";
        output::complain("warning", &help);
        return Exit::Good;
    }
    let mut grid = Grid::new(&[
        "webhook",
        "name",
        "delivers to",
        "enabled",
        "auto-subscribe",
    ]);
    let or_dash = |text: Option<&str>| Cell::plain(text.map_or(UNKNOWN.to_owned(), text::shown));
    let flag = |flag: Option<bool>| or_dash(flag.map(|flag| if flag { "yes" } else { "no" }));
    for webhook in webhooks {
        let uri = webhook.callback_uri();
        grid.add(vec![
            Cell::key(
                webhook
                    .id
                    .as_deref()
                    .map_or(UNKNOWN.to_owned(), text::shown),
            ),
            or_dash(webhook.name()),
            or_dash(uri.and_then(|uri| uri.split('?').next())),
            flag(webhook.is_enabled()),
            flag(webhook.auto_subscribes()),
        ]);
    }
    output::print(&grid.render(), Exit::Good)
}

fn object(webhook: &Webhook) -> Value {
    json!({
        "id": webhook.id,
        "name": webhook.name(),
        "callback_uri": webhook.callback_uri(),
        "enabled": webhook.is_enabled(),
        "auto_subscribe": webhook.auto_subscribes(),
    })
}
