//! What a person sees when the simulator has started.
//!
//! Invariant: all of it comes from the running simulator, and no list is longer
//! than [`MOST`] lines.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use smartcar_simulator::{Fault, KnownToken, Simulator};

use crate::text::shown;

/// A screen is for an overview.
const MOST: usize = 10;
const BATCH: &str = r#"{"requests":[{"path":"/odometer"},{"path":"/fuel"}]}"#;
const TITLE: Style = Style::new().bold();
const LABEL: Style = AnsiColor::Cyan.on_default();

/// Prints it on stderr, in colours where that is a terminal which has them.
pub(super) fn show(simulator: &Simulator) {
    let mut stderr = AutoStream::auto(io::stderr().lock());
    // A closed stderr has no reader to tell.
    let _ = stderr.write_all(text(simulator).as_bytes());
    let _ = stderr.flush();
}

fn text(simulator: &Simulator) -> String {
    let origin = simulator.origin();
    let mut text = format!("\n{TITLE}Smartcar simulator{TITLE:#}  {origin}\n\n");
    let tokens = simulator.tokens();
    section(&mut text, "tokens", &listed(&tokens, token));
    let vehicles = "every id is answered".to_owned();
    section(&mut text, "vehicles", &[vehicles]);
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
    section(&mut text, "admin", &[format!("{origin}/_simulator")]);
    let _ = writeln!(
        text,
        "\n{TITLE}Try{TITLE:#}\n  \
         curl -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \
         -d '{BATCH}' {origin}/v2.0/vehicles/any-id/batch\n",
        token = simulator.token(),
    );
    text
}

/// A label with one line or more.
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

/// These tokens open nothing but this simulator.
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

fn clock(simulator: &Simulator) -> String {
    let now = simulator.now();
    let speed = simulator.clock_speed();
    if speed > 0.0 {
        format!("{now}, {speed} simulated seconds in a real one")
    } else {
        format!("{now}, it stands still")
    }
}

/// A fault with the keys of a scenario.
fn fault(fault: &Fault) -> String {
    let table = serde_json::to_value(fault).unwrap_or_default();
    let members = table.as_object().into_iter().flatten();
    let pairs: Vec<String> = members
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    shown(&pairs.join(", "))
}
