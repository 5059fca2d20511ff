//! YAML for the spec, from shapes.
//!
//! Invariant: follows the conventions of `spec/README.md`, so that a pasted
//! line passes the lint once its `…` are filled in.

use super::shape::{Seen, Shape};
use super::tally::Kind;
use crate::api::pascal;

/// A property with the components that it needs.
#[derive(Debug)]
pub struct Property {
    /// Its one line.
    pub line: String,
    /// Components to add, each as lines.
    pub components: Vec<Vec<String>>,
}

/// A property of an unknown name; `prefix` keeps its components' names apart.
pub fn property(name: &str, shape: &Shape, prefix: &str) -> Property {
    let mut components = Vec::new();
    let line = member(name, shape, prefix, &mut components);
    Property { line, components }
}

/// A component for a body of that shape, with those nested in it.
pub fn component(name: &str, shape: &Shape) -> Vec<Vec<String>> {
    let mut components = Vec::new();
    if shape.seen.contains(&Seen::Object) {
        object(name, shape, &mut components);
    } else {
        let parts = parts("", shape, name, &mut components).join(", ");
        let comma = if parts.is_empty() { "" } else { ", " };
        components.insert(0, vec![format!("{name}: {{{parts}{comma}description: …}}")]);
    }
    components
}

fn member(name: &str, shape: &Shape, prefix: &str, out: &mut Vec<Vec<String>>) -> String {
    let parts = parts(name, shape, prefix, out);
    let reference = parts.iter().any(|part| part.starts_with("$ref"));
    // A reference's siblings are ignored: its component has the description.
    let about = (!reference).then(|| "description: …".to_owned());
    let parts: Vec<_> = parts.into_iter().chain(about).collect();
    format!("{}: {{{}}}", word(name), parts.join(", "))
}

fn parts(name: &str, shape: &Shape, prefix: &str, out: &mut Vec<Vec<String>>) -> Vec<String> {
    let has = |seen| shape.seen.contains(&seen);
    let texts = [
        Seen::Text,
        Seen::NumericText,
        Seen::DateTime,
        Seen::Date,
        Seen::Invalid,
    ];
    let text = texts.iter().any(|seen| has(*seen));
    let (boolean, list, map) = (has(Seen::Boolean), has(Seen::List), has(Seen::Object));
    let number = has(Seen::Integer) || has(Seen::Number);
    let mut forms = Vec::new();
    let mut parts: Vec<String> = match (boolean, number, text, list, map) {
        (true, false, false, false, false) => vec!["type: boolean".into()],
        // A number that was once printed as text is still a number.
        (false, true, _, false, false)
            if texts[2..4].iter().chain([&Seen::Text]).all(|t| !has(*t)) =>
        {
            forms.extend(has(Seen::NumericText).then_some("text"));
            forms.extend(has(Seen::Invalid).then_some("invalid"));
            if has(Seen::Number) {
                vec!["type: number".into(), "format: double".into()]
            } else {
                vec!["type: integer".into(), "format: int64".into()]
            }
        }
        (false, false, true, false, false) => {
            let dates = has(Seen::DateTime)
                && [Seen::Text, Seen::NumericText]
                    .iter()
                    .all(|seen| !has(*seen));
            forms.extend((dates && has(Seen::Date)).then_some("date"));
            forms.extend(has(Seen::Invalid).then_some("invalid"));
            let format = dates.then(|| "format: date-time".to_owned());
            std::iter::once("type: string".to_owned())
                .chain(format)
                .collect()
        }
        (false, false, false, true, false) => {
            let elements = shape.elements.as_deref().cloned().unwrap_or_default();
            let inner = self::parts(&format!("{name}_entry"), &elements, prefix, out).join(", ");
            vec!["type: array".into(), format!("items: {{{inner}}}")]
        }
        (false, false, false, false, true) => {
            let component = format!("{prefix}{}", pascal(name));
            object(&component, shape, out);
            return vec![format!("$ref: '#/components/schemas/{component}'")];
        }
        (false, false, false, false, false) => vec!["type: string".into()],
        // Several types: without one, anything is read.
        _ => return Vec::new(),
    };
    if has(Seen::Null) {
        parts.push("nullable: true".into());
    }
    if !forms.is_empty() {
        parts.push(format!("x-smartcar-irregular: [{}]", forms.join(", ")));
    }
    parts
}

fn object(name: &str, shape: &Shape, out: &mut Vec<Vec<String>>) {
    let mut lines = vec![format!("{name}:"), "  type: object".to_owned()];
    if shape.seen.contains(&Seen::Null) {
        lines.push("  nullable: true".to_owned());
    }
    lines.push("  description: …".to_owned());
    if shape.unnamed {
        lines.push("  additionalProperties: true  # some names cannot be shown".to_owned());
    }
    if !shape.members.is_empty() {
        lines.push("  properties:".to_owned());
    }
    // This component stands before those nested in it.
    let at = out.len();
    for (member_name, shape) in &shape.members {
        let line = member(member_name, shape, name, out);
        lines.push(format!("    {line}"));
    }
    out.insert(at, lines);
}

/// A word as YAML: in quotes where YAML 1.1 would read something else.
pub fn word(word: &str) -> String {
    let plain = !["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        .contains(&word.to_ascii_lowercase().as_str());
    if plain {
        word.to_owned()
    } else {
        format!("'{word}'")
    }
}

/// The row of the error catalogue for an unlisted pair.
///
/// `retry` is that of its type: a guess, for a person to confirm.
pub fn error_row(kind: &Kind, resolution: Option<&str>, retry: &str) -> Option<Vec<String>> {
    let Kind::ErrorPair { kind, code, status } = kind else {
        return None;
    };
    let code = match code {
        Some(code) => word(code.token()?),
        None => "null".to_owned(),
    };
    let status = (*status)?;
    let resolution = resolution.unwrap_or("null");
    Some(vec![
        format!(
            "- {{type: {}, code: {code}, status: {status}, resolution: {resolution}, retry: {},",
            word(kind.token()?),
            word(retry)
        ),
        "   description: …}".to_owned(),
    ])
}
