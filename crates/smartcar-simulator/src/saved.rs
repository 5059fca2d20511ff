//! The simulation as a scenario, in TOML.
//!
//! Invariant: what is saved can be read, and gives the same simulation with its vehicles at
//! home. The token for other machines is not saved, and neither is the key of a webhook that
//! came from code or from the environment.

use serde_json::{Value, json};

use crate::app::App;
use crate::applications::DEFAULT_CLIENT_ID;

/// The simulation as it is now.
pub(crate) fn scenario(app: &App) -> String {
    let (world, now) = (app.world(), app.clock.now());
    let mut text = format!(
        "# Saved from a running simulator.\nseed = {}\nstart_at = {now}\nclock_speed = {:?}\n",
        world.seed(),
        app.clock.speed()
    );
    for (key, is_set) in [
        ("only_known_vehicles", world.is_closed()),
        ("example_values", world.has_example_values()),
        ("empty_stores", app.webhooks.has_empty_stores()),
    ] {
        if is_set {
            text.push_str(&format!("{key} = true\n"));
        }
    }
    text.push_str(&app.limits().in_toml());
    let own = app.gate.token.as_deref();
    let tokens = app.tokens().saved(now);
    let tokens = tokens.into_iter().filter(|it| it["token"].as_str() != own);
    let applications = app.applications.saved();
    // Its secret is public, or it is the token for other machines.
    let applications = applications.filter(|(id, _)| *id != DEFAULT_CLIENT_ID);
    let applications =
        applications.map(|(id, secret)| json!({"client_id": id, "client_secret": secret}));
    let faults = app.faults().all().into_iter();
    let faults = faults.map(|(_, fault)| serde_json::to_value(fault).unwrap_or_default());
    let webhook_faults = app.webhooks.faults().into_iter();
    let webhook_faults =
        webhook_faults.map(|fault| serde_json::to_value(fault).unwrap_or_default());
    let lists: [(&str, Vec<Value>); 6] = [
        ("vehicles", world.declarations(now)),
        ("tokens", tokens.collect()),
        ("applications", applications.collect()),
        ("faults", faults.collect()),
        ("webhooks", app.webhooks.saved(world.ids(), own)),
        ("webhook_faults", webhook_faults.collect()),
    ];
    for (name, tables) in lists {
        for members in tables {
            text.push_str(&table(name, &members));
        }
    }
    text
}

/// A table of a list. A value with a null, which TOML does not have, is written as JSON
/// text.
fn table(name: &str, members: &Value) -> String {
    let mut text = format!("\n[[{name}]]\n");
    for (key, value) in members.as_object().into_iter().flatten() {
        text.push_str(&match in_toml(value) {
            Some(value) => format!("{key} = {value}\n"),
            None => format!("{key}_json = {}\n", Value::from(value.to_string())),
        });
    }
    text
}

/// A value in TOML: as in JSON, except tables. `None` if it has a null.
fn in_toml(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| {
                let key = Value::from(key.as_str());
                Some(format!("{key} = {}", in_toml(value)?))
            });
            format!("{{{}}}", members.collect::<Option<Vec<_>>>()?.join(", "))
        }
        Value::Array(entries) => {
            let entries: Option<Vec<_>> = entries.iter().map(in_toml).collect();
            format!("[{}]", entries?.join(", "))
        }
        other => other.to_string(),
    })
}
