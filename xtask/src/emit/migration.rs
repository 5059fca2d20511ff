//! `smartcar-model/MIGRATION.md`: from v2.0 to version 3, for readers.
//!
//! Invariant: every row of the mapping is in it, with its certainty.

use super::markdown::{cell, codes, head, row};
use crate::api::{Api, Constant, Form, Member, Need, Pick, Sourced};

const CHANGES: &str = "\
A batch of v2.0 reads the car; version 3 reads a store that Smartcar fills, by webhooks or about daily. \
The same typed bodies can be had from it:

- **Percentages** are 0 to 100 in signals and 0 to 1 in the bodies of v2.0: they are converted.
- **Freshness**: a reading is as old as the store's. `Meta::data_age` is the oldest `oemUpdatedAt` of the signals that a \
body is made of, `Meta::fetched_at` the oldest `retrievedAt`. A read does not wake the car.
- **An empty store** answers no signal: each item is `ItemError::NotStored`, which says so.
- **Tokens**: one token of the application in place of a token for each owner, and the user's id beside the vehicle's.
- **Permissions** are granted as before; which one a signal needs is not documented, presumably that of the endpoint of \
v2.0 that it replaces. A signal without it is an error of its item only.
- **Errors**: a signal with the status `ERROR` is the API error of its item, with the HTTP status that the catalogue has \
for its type. Its old value is not used.
- **Limits**: whether a request for all signals costs one request or one for each signal is not documented.
- **Units**: each signal names its own; `Meta::unit_system` follows from it. A body whose signals name units of both \
systems is malformed.
- **What version 3 cannot give** is `ItemError::NotOnV3`. A member that a body can do without is left out instead; the \
signals of such a member that failed are told beside the answer.
";

/// The text of the file.
pub fn emit(v2: &Api, v3: &Api) -> String {
    let specs = format!("{} and {}", v2.file, v3.file);
    let title = format!("From v{} to v{}", v2.version, v3.version);
    let mut text = head(&specs, &title) + CHANGES;
    text.push_str(
        "\n# Endpoints\n\n\
         Certainty: D documented, S seen in an official SDK or its tests, L looks live, I inferred, ? unknown. There is no \
         official table of this kind. Several sources joined by `else` are tried in turn.\n\n\
         | Path | Type | Member | On version 3 | Certainty | Note |\n|---|---|---|---|---|---|\n",
    );
    for endpoint in &v2.endpoints {
        let Some(body) = v2.mapping(endpoint) else {
            continue;
        };
        let path = format!("`{}`", endpoint.path);
        let kind = format!("`{}`", v2.type_path(&endpoint.type_name));
        if let Sourced::None(reason) = &body.source {
            text += &row(&[&path, &kind, "all", "not on version 3", "", &cell(reason)]);
        }
        for member in body.rows() {
            let [name, shown, certainty, note] = line(member);
            text += &row(&[&path, &kind, &name, &shown, &certainty, &note]);
        }
    }
    text.push_str(
        "\n# Signals\n\nThe type is below `smartcar_model::v3::signal`. A signal can be asked by itself, also where no \
         endpoint of v2.0 has it.\n\n\
         | Signal | Type | What | Certainty | Used by |\n|---|---|---|---|---|\n",
    );
    for (name, signal) in v3.signals() {
        text += &row(&[
            &format!("`{}`", signal.code),
            &format!("`{name}`"),
            &cell(&signal.title),
            &signal.certainty,
            &codes(
                v2.made_of(&signal.code)
                    .map(|endpoint| endpoint.path.as_str()),
                " ",
            ),
        ]);
    }
    text
}

/// Member, source, certainty and note.
fn line(row: &Member) -> [String; 4] {
    let name = match row.name.as_str() {
        "" => "the list".to_owned(),
        name => format!("`{name}`"),
    };
    let (shown, note) = match &row.source {
        Sourced::None(reason) if row.need == Need::Required => {
            let shown = "not on version 3: so is the whole body";
            (shown.to_owned(), Some(reason))
        }
        Sourced::None(reason) => ("left out".to_owned(), Some(reason)),
        source => (show(source), row.note.as_ref()),
    };
    let note = note.map(|note| cell(note)).unwrap_or_default();
    [name, shown, row.certainty.join(", "), note]
}

fn show(source: &Sourced) -> String {
    match source {
        Sourced::Pick(found) => pick(found),
        Sourced::Vehicle(at) => format!("the vehicle's `{at}`"),
        Sourced::Connection(at) => format!("the connection's `{at}`"),
        Sourced::Constant(Constant::Text(text)) => format!("`{text}`"),
        Sourced::Constant(value) => format!("always {}", constant(value)),
        Sourced::None(_) => "nothing".to_owned(),
        Sourced::First(sources) => joined(sources, show, "<br>else "),
        Sourced::Members(found) => members(found),
        Sourced::Entries(entries) => joined(entries, |entry| members(entry), "<br>"),
        Sourced::Each(list, found) => {
            let places = list.signal.iter().chain(&list.list);
            let from = codes(places.map(String::as_str), " ");
            format!("each of {from}: {}", members(found))
        }
    }
}

fn members(members: &[Member]) -> String {
    let sourced = |member: &&Member| !matches!(member.source, Sourced::None(_));
    let members: Vec<_> = members.iter().filter(sourced).collect();
    let member = |member: &&Member| format!("{} = {}", member.name, show(&member.source));
    joined(&members, member, ", ")
}

fn pick(pick: &Pick) -> String {
    let mut parts: Vec<_> = pick
        .signal
        .iter()
        .map(|signal| format!("`{signal}`"))
        .collect();
    if let Some(list) = &pick.list {
        let filter = |(key, value): &(String, Constant)| format!("{key} {}", constant(value));
        parts.push(format!("`{list}` ({})", joined(&pick.filter, filter, ", ")));
    }
    if pick.signal.is_none() || pick.at != "/value" {
        parts.push(format!("`{}`", pick.at));
    }
    match &pick.form {
        Form::Number { scale, .. } if (scale - 1.0).abs() > f64::EPSILON => {
            parts.push(format!("× {scale}"));
        }
        Form::Values(values) => {
            let value = |(from, to): &(String, String)| format!("`{from}` → `{to}`");
            parts.push(format!("({})", joined(values, value, ", ")));
        }
        Form::Minutes => parts.push("minutes after `retrievedAt`".to_owned()),
        Form::Plain | Form::Time | Form::Number { .. } => {}
    }
    if !pick.powertrain.is_empty() {
        parts.push(format!("({} only)", pick.powertrain.join(", ")));
    }
    parts.join(" ")
}

fn constant(value: &Constant) -> String {
    match value {
        Constant::Null => "null".to_owned(),
        Constant::Flag(flag) => flag.to_string(),
        Constant::Whole(number) => number.to_string(),
        Constant::Text(text) => format!("`{text}`"),
    }
}

fn joined<T>(all: &[T], show: impl Fn(&T) -> String, between: &str) -> String {
    all.iter().map(show).collect::<Vec<_>>().join(between)
}
