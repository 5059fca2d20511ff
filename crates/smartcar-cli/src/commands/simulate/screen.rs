//! The overview that is printed when the simulator has started.
//!
//! Invariant: everything shown comes from the running simulator, and no list is
//! longer than [`MOST`] lines.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::Value;
use smartcar_simulator::{KnownToken, KnownVehicle, Simulator};

use crate::text::shown;

/// Maximum entries per list.
const MOST: usize = 10;
const BATCH: &str = r#"{"requests":[{"path":"/odometer"},{"path":"/battery"}]}"#;
const TITLE: Style = Style::new().bold();
const LABEL: Style = AnsiColor::Cyan.on_default();

/// Prints the overview on stderr, coloured if the terminal supports it.
pub(super) fn show(simulator: &Simulator) {
    let mut stderr = AutoStream::auto(io::stderr().lock());
    // Ignored: if stderr is closed, the error cannot be reported.
    let _ = stderr.write_all(text(simulator).as_bytes());
    let _ = stderr.flush();
}

fn text(simulator: &Simulator) -> String {
    let origin = simulator.origin();
    let mut text = format!("\n{TITLE}Smartcar simulator{TITLE:#}  {origin}\n\n");
    let tokens = simulator.tokens();
    section(&mut text, "tokens", &listed(&tokens, token));
    let known = simulator.vehicles();
    let mut vehicles = listed(&known, vehicle);
    if !simulator.knows_only_listed() {
        vehicles.push("any other ID works too".to_owned());
    }
    section(&mut text, "vehicles", &vehicles);
    section(&mut text, "clock", &[clock(simulator)]);
    let limits = simulator.limits().to_string();
    let limits: Vec<String> = limits.split("; ").map(str::to_owned).collect();
    section(&mut text, "limits", &limits);
    let faults = simulator.faults();
    let faults = if faults.is_empty() {
        vec!["none".to_owned()]
    } else {
        listed(&faults, |(_, it)| fault(it))
    };
    section(&mut text, "faults", &faults);
    section(&mut text, "page", &[format!("{origin}/_simulator/")]);
    let _ = writeln!(
        text,
        "\n{TITLE}Try{TITLE:#}\n  \
         curl -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \
         -d '{BATCH}' '{origin}/v2.0/vehicles/{id}/batch'\n",
        token = simulator.token(),
        id = known.first().map_or("any-id", |first| first.id.as_str()),
    );
    text
}

/// A label with one or more lines.
fn section(text: &mut String, label: &str, lines: &[String]) {
    for (place, line) in lines.iter().enumerate() {
        let label = if place == 0 { label } else { "" };
        let _ = writeln!(text, "  {LABEL}{label:<10}{LABEL:#}{line}");
    }
}

fn listed<T>(all: &[T], line: impl Fn(&T) -> String) -> Vec<String> {
    let mut lines: Vec<String> = all.iter().take(MOST).map(line).collect();
    if all.len() > MOST {
        lines.push(format!("… and {} more", all.len() - MOST));
    }
    lines
}

/// Shows a token in full: it is only valid for this simulator.
fn token(known: &KnownToken) -> String {
    let permissions = match &known.permissions {
        None => "every permission".to_owned(),
        Some(names) if names.is_empty() => "no permission".to_owned(),
        Some(names) => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            names.join(", ")
        }
    };
    let end = known.ends.map(|end| format!(", until {end}"));
    let line = format!("{}: {permissions}{}", known.token, end.unwrap_or_default());
    shown(&line)
}

fn vehicle(known: &KnownVehicle) -> String {
    let kind = known.kind.as_ref();
    let kind = kind.map(|(make, model, it)| format!(": {make} {model}, {}", it.name()));
    shown(&format!("{}{}", known.id, kind.unwrap_or_default()))
}

fn clock(simulator: &Simulator) -> String {
    let now = simulator.now();
    let speed = simulator.clock_speed();
    if speed <= 0.0 {
        format!("{now}, stopped")
    } else if (speed - 1.0).abs() < f64::EPSILON {
        format!("{now}, in real time")
    } else {
        format!("{now}, {speed} times as fast as real time")
    }
}

/// A fault in the syntax of `--fault`, with the keys of a scenario.
pub(super) fn fault(fault: &impl Serialize) -> String {
    let table = serde_json::to_value(fault).unwrap_or_default();
    shown(&pairs(table.as_object().into_iter().flatten()))
}

fn pairs<'m>(members: impl Iterator<Item = (&'m String, &'m Value)>) -> String {
    let pairs: Vec<String> = members
        .map(|(key, value)| {
            let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            let key = if !key.is_empty() && key.bytes().all(is_bare) {
                key.clone()
            } else {
                Value::from(key.as_str()).to_string()
            };
            format!("{key} = {}", in_toml(value))
        })
        .collect();
    pairs.join(", ")
}

/// TOML values are written like JSON except tables; TOML has no null.
fn in_toml(value: &Value) -> String {
    match value {
        Value::Object(members) => format!("{{{}}}", pairs(members.iter())),
        Value::Array(entries) => {
            let entries: Vec<String> = entries.iter().map(in_toml).collect();
            format!("[{}]", entries.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use smartcar_simulator::Fault;

    use super::*;

    #[test]
    fn a_long_list_is_cut() {
        let all: Vec<usize> = (0..MOST + 2).collect();
        let lines = listed(&all, usize::to_string);
        assert_eq!(lines.len(), MOST + 1);
        assert_eq!(lines[MOST], "… and 2 more");
        assert_eq!(listed(&all[..MOST], usize::to_string).len(), MOST);
    }

    #[test]
    fn a_fault_is_shown_as_it_can_be_written() {
        for written in [
            Fault::html(502).times(1),
            Fault::item_error("/fuel", "RATE_LIMIT", Some("VEHICLE")).on_vehicle("a\"b"),
            Fault::status(429)
                .header("Retry-After", "2")
                .without_header("date"),
        ] {
            let text = fault(&written);
            assert_eq!(text.parse(), Ok(written), "{text}");
        }
    }

    #[test]
    fn nothing_can_move_the_cursor() {
        assert_eq!(shown("t: \u{1b}[2J"), "t: \\u{1b}[2J");
    }
}
