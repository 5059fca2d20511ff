//! Checks our own keys on properties: units and irregular forms.
//!
//! Invariant: only values that the model's decoder and the docs know.

use super::ground::{Lint, nearest, step, texts};
use crate::finding::Rule;
use crate::source::Node;

/// Each irregular form with the types it can replace.
const FORMS: [(&str, &[&str]); 8] = [
    ("text", &["number", "integer"]),
    ("number", &["string"]),
    ("invalid", &[]),
    ("single", &["array"]),
    ("date", &["string"]),
    ("epoch", &["string"]),
    ("wrapped:", &["array"]),
    ("spelling:", &[]),
];

/// All known units.
pub(crate) const UNITS: [&str; 21] = [
    "km", "mi", "L", "gal", "kPa", "psi", "km/h", "mph", "degC", "degF", "kWh", "kW", "V", "A",
    "deg", "mm", "fraction", "count", "min", "percent", "W",
];

/// Pairs of metric and imperial units.
const PAIRS: [(&str, &str); 5] = [
    ("km", "mi"),
    ("L", "gal"),
    ("kPa", "psi"),
    ("km/h", "mph"),
    ("degC", "degF"),
];

pub(super) fn irregular(lint: &mut Lint<'_>, pointer: &str, node: &Node) {
    for (at, form) in texts(pointer, node, "x-smartcar-irregular") {
        let known = FORMS.iter().find(|(name, _)| {
            if name.ends_with(':') {
                form.strip_prefix(name).is_some_and(|rest| !rest.is_empty())
            } else {
                form == *name
            }
        });
        match (known, node.text("type")) {
            (None, _) => lint.at(Rule::Irregular, &at)
                .says(format!("`{form}` is not a known irregular form"))
                .help("write text, number, invalid, single, date, epoch, wrapped:<key> or spelling:<name>"),
            (Some((_, types)), Some(kind)) if !types.is_empty() && !types.contains(&kind) => lint.at(Rule::Irregular, &at)
                .says(format!("`{form}` is not a form of type `{kind}`"))
                .help(format!("it is only a form of {}", types.join(" or "))),
            _ => {}
        }
    }
}

pub(super) fn unit(lint: &mut Lint<'_>, pointer: &str, name: &str, node: &Node) {
    let Some(unit) = node.get("x-unit") else {
        return;
    };
    let at = step(pointer, "x-unit");
    if !matches!(node.text("type"), Some("number" | "integer") | None) {
        let message = format!("`{name}` has a unit but is not a number");
        lint.at_key(Rule::Unit, &at)
            .says(message)
            .help("remove `x-unit`, or fix the type");
        return;
    }
    let known = unit.as_str().is_some_and(|unit| UNITS.contains(&unit));
    let pair = unit.text("metric").zip(unit.text("imperial"));
    let pair = pair.is_some_and(|pair| PAIRS.contains(&pair));
    if known || pair && unit.entries().len() == 2 {
        return;
    }
    let near = unit
        .as_str()
        .and_then(|unit| nearest(unit, UNITS.into_iter()));
    let help = near.map_or_else(
        || {
            format!(
                "write one of {}, or `{{metric: …, imperial: …}}`",
                UNITS.join(", ")
            )
        },
        |near| format!("did you mean `{near}`?"),
    );
    lint.at(Rule::Unit, &at)
        .says(format!("the unit of `{name}` is not known"))
        .help(help);
}
