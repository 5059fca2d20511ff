//! Doc comments from the spec, for rustdoc: unit, range, when a field is
//! absent, and the API's own name for it.
//!
//! Invariant: the same facts in the same order everywhere.

use syn::{Attribute, parse_quote};

use super::markdown;
use crate::api::{Api, Endpoint, Schema, Signal, Unit};

/// One doc attribute.
pub(super) fn attribute(line: &str) -> Attribute {
    let line = format!(" {line}");
    parse_quote!(#[doc = #line])
}

/// A paragraph a line.
pub(super) fn attributes(text: &str) -> Vec<Attribute> {
    let line = |line: &str| match line {
        "" => parse_quote!(#[doc = ""]),
        line => attribute(line),
    };
    text.lines().map(line).collect()
}

/// The docs of a type.
pub(super) fn schema(api: &Api, schema: &Schema) -> String {
    let mut text = escape(&schema.description);
    if let Some(endpoint) = api.endpoints.iter().find(|e| e.type_name == schema.name) {
        text.push_str(&facts(api, endpoint));
    }
    if let Some(signal) = &schema.signal {
        text.push_str(&signal_facts(signal));
    }
    if !schema.irregular.is_empty() {
        text.push_str("\n\n");
        text.push_str(&irregular(&schema.irregular));
    }
    if schema.is_enum() {
        text.push_str("\n\nThe set is open: a value that is not listed is kept as received.");
    }
    text
}

fn signal_facts(signal: &Signal) -> String {
    let certainty = match signal.certainty.as_str() {
        "D" => "",
        _ => "\n- Not documented: seen by third parties only",
    };
    format!(
        "\n\n- Signal: `{}`\n- Group: `{}`\n- Path: `{}`{certainty}",
        signal.code,
        signal.group,
        signal.path(),
    )
}

fn facts(api: &Api, endpoint: &Endpoint) -> String {
    let permission = markdown::code_or(endpoint.permission.as_deref(), "none");
    let makes = if endpoint.makes.is_empty() {
        "not limited to named makes".to_owned()
    } else {
        markdown::codes(endpoint.makes.iter().map(String::as_str), ", ")
    };
    let units = if api.has_units(&endpoint.type_name) {
        "\n- Units: follow the unit system of the reading (`Meta::unit_system`)"
    } else {
        ""
    };
    format!(
        "\n\n{}\n\n- Path: `{}`\n- Permission: {permission}\n- Makes: {makes}{units}",
        escape(&endpoint.operation.description),
        endpoint.path,
    )
}

/// The docs of a field.
pub(super) fn property(property: &Schema) -> String {
    let mut text = escape(&property.description);
    let mut facts = Vec::new();
    facts.push(format!("API name: `{}`.", property.name));
    if let Some(unit) = &property.unit {
        facts.push(match unit {
            Unit::Fixed(unit) => format!("Unit: {unit}."),
            Unit::System { metric, imperial } => {
                format!("Unit: {metric} (metric) or {imperial} (imperial).")
            }
        });
    }
    match property.range {
        (Some(low), Some(high)) => facts.push(format!("Range: {low} to {high}.")),
        (Some(low), None) => facts.push(format!("Range: {low} or more.")),
        (None, Some(high)) => facts.push(format!("Range: up to {high}.")),
        (None, None) => {}
    }
    facts.push(
        match (property.required, property.nullable) {
            (true, false) => "Always present.",
            (true, true) => "`None` if it is null.",
            (false, true) => "`None` if it is null or absent.",
            (false, false) => "`None` if it is absent.",
        }
        .to_owned(),
    );
    if !property.irregular.is_empty() {
        facts.push(irregular(&property.irregular));
    }
    if property.personal {
        facts.push("Personal data: `Debug` prints `[redacted]`.".to_owned());
    }
    text.push_str("\n\n");
    text.push_str(&facts.join(" "));
    text
}

fn irregular(forms: &[String]) -> String {
    let forms: Vec<_> = forms
        .iter()
        .map(|form| match form.split_once(':').unwrap_or((form, "")) {
            ("text", _) => "a number as text".to_owned(),
            ("number", _) => "text as a number".to_owned(),
            ("invalid", _) => "the text `<invalid>` for an unknown value".to_owned(),
            ("single", _) => "a single value instead of a list".to_owned(),
            ("wrapped", key) => format!("an object that holds the list under `{key}`"),
            ("date", _) => "a date without a time".to_owned(),
            ("epoch", _) => "seconds or milliseconds since 1970".to_owned(),
            ("spelling", name) => format!("the name `{name}`"),
            (other, _) => other.to_owned(),
        })
        .collect();
    format!("Also accepted: {}.", forms.join("; "))
}

/// Angle and square brackets in prose would be HTML and links to rustdoc.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut code = false;
    for letter in text.chars() {
        match letter {
            '`' => code = !code,
            '<' | '[' | ']' if !code => escaped.push('\\'),
            _ => {}
        }
        escaped.push(letter);
    }
    escaped
}
