//! The lines that would make the spec agree with what was recorded.
//!
//! Invariant: a suggestion is about the spec alone. It is built from the spec's
//! own text, from shapes and from words that may be shown.

use serde::Serialize;

use super::book::{Book, IRREGULAR};
use super::shape::Seen;
use super::tally::{Found, Kind};
use super::yaml;
use crate::api::pascal;
use crate::source::{Data, Node};

/// One change of the spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// Line of the spec: of the node that gets the lines, or that they replace.
    pub line: usize,
    /// JSON pointer to it.
    pub pointer: String,
    /// `add`, `replace` or `remove`.
    pub action: &'static str,
    /// The YAML; its place gives the indentation.
    pub lines: Vec<String>,
}

/// What to change for one deviation of a path; empty where only a person can tell.
pub fn suggest(book: &Book<'_>, path: &str, kind: &Kind, found: &Found) -> Vec<Suggestion> {
    let pen = Pen {
        book,
        home: &found.home,
    };
    match kind {
        Kind::UnknownMember(word) => word
            .token()
            .map_or_else(Vec::new, |name| pen.member(name, found)),
        Kind::UnknownHeader(word) => word
            .token()
            .map_or_else(Vec::new, |name| pen.header(name, found)),
        Kind::UnknownPath => pen.path(path, found),
        Kind::EnumValue(word) => word.token().map_or_else(Vec::new, |value| pen.value(value)),
        Kind::ErrorPair { kind: word, .. } => {
            let retry = word
                .token()
                .and_then(|word| book.retry(word))
                .unwrap_or("no");
            yaml::error_row(kind, found.resolution.as_deref(), retry)
                .map(|lines| pen.at(found.home.clone(), "add", lines))
                .into_iter()
                .collect()
        }
        Kind::Missing(name) => vec![pen.without("required", name)],
        Kind::Null => pen.nullable(),
        Kind::BelowMinimum => vec![pen.bound("minimum")],
        Kind::AboveMaximum => vec![pen.bound("maximum")],
        Kind::NotDateTime { date: true } => vec![pen.form("date")],
        Kind::NotDateTime { date: false } => vec![pen.at(
            format!("{}/format", found.home),
            "remove",
            vec!["format: date-time".to_owned()],
        )],
        Kind::WrongType { declared, seen } => pen.kind(declared, *seen),
        Kind::DuplicatePath | Kind::Status(_) | Kind::NoBody | Kind::StatusDiffers => Vec::new(),
    }
}

/// Writes suggestions about one node.
struct Pen<'a, 's> {
    book: &'a Book<'s>,
    home: &'a str,
}

impl Pen<'_, '_> {
    fn at(&self, pointer: String, action: &'static str, lines: Vec<String>) -> Suggestion {
        Suggestion {
            line: self.book.line(&pointer),
            pointer,
            action,
            lines,
        }
    }

    fn here(&self, line: String) -> Suggestion {
        self.at(self.home.to_owned(), "add", vec![line])
    }

    fn node(&self, key: &str) -> Option<&Node> {
        self.book.source.at(self.home)?.get(key)
    }

    fn components(&self, list: Vec<Vec<String>>) -> impl Iterator<Item = Suggestion> {
        list.into_iter()
            .map(|lines| self.at("/components/schemas".to_owned(), "add", lines))
    }

    fn member(&self, name: &str, found: &Found) -> Vec<Suggestion> {
        let parent = self.home.rsplit('/').next().unwrap_or_default();
        let property = yaml::property(name, &found.shape, parent);
        let at = format!("{}/properties", self.home);
        let first = self.at(at, "add", vec![property.line]);
        std::iter::once(first)
            .chain(self.components(property.components))
            .collect()
    }

    fn header(&self, name: &str, found: &Found) -> Vec<Suggestion> {
        let declared = self.book.headers.get(name);
        let component = declared
            .and_then(|header| {
                header
                    .home
                    .strip_prefix("components/headers/")?
                    .split('/')
                    .next()
            })
            .map_or_else(|| pascal(name), str::to_owned);
        let line = format!("{name}: {{$ref: '#/components/headers/{component}'}}");
        let mut list = vec![self.here(line)];
        if declared.is_none() {
            let numeric = found
                .shape
                .seen
                .iter()
                .all(|seen| matches!(seen, Seen::Integer | Seen::Number | Seen::NumericText));
            let dates = found.shape.seen.iter().all(|seen| *seen == Seen::DateTime);
            let schema = match (numeric, dates) {
                (true, _) => "{type: number, format: double}",
                (_, true) => "{type: string, format: date-time}",
                _ => "{type: string}",
            };
            let lines = vec![
                format!("{component}:"),
                "  description: …".to_owned(),
                format!("  schema: {schema}"),
            ];
            list.push(self.at("/components/headers".to_owned(), "add", lines));
        }
        list
    }

    /// A path with its component, once a good answer to it was seen.
    fn path(&self, path: &str, found: &Found) -> Vec<Suggestion> {
        if !path.starts_with('/') || path.contains('?') || found.shape.seen.is_empty() {
            return Vec::new();
        }
        let id = path.trim_matches('/').replace(['/', '-'], "_");
        let make = path.split('/').nth(1).unwrap_or_default();
        let tags = self.book.source.at("/tags").map_or(&[][..], Node::elements);
        let known =
            path.matches('/').count() > 1 && tags.iter().any(|tag| tag.text("name") == Some(make));
        let tag = if known { make } else { "vehicle" };
        let component = pascal(&id);
        let text = format!(
            "/vehicles/{{id}}{path}:
  get:
    operationId: {id}
    tags: [{tag}]
    summary: …
    description: …
    x-smartcar-permission: …
    parameters:
      - $ref: '#/components/parameters/VehicleId'
      - $ref: '#/components/parameters/UnitSystem'
    responses:
      '200':
        description: …
        headers:
          sc-request-id: {{$ref: '#/components/headers/RequestId'}}
          sc-data-age: {{$ref: '#/components/headers/DataAge'}}
          sc-fetched-at: {{$ref: '#/components/headers/FetchedAt'}}
        content:
          application/json:
            schema: {{$ref: '#/components/schemas/{component}'}}
            example: …
      4XX: {{$ref: '#/components/responses/Error'}}
      default: {{$ref: '#/components/responses/Error'}}"
        );
        let lines = text.lines().map(str::to_owned).collect();
        let first = self.at("/paths".to_owned(), "add", lines);
        let body = yaml::component(&component, &found.shape);
        std::iter::once(first)
            .chain(self.components(body))
            .collect()
    }

    fn value(&self, value: &str) -> Vec<Suggestion> {
        let at = format!("{}/enum", self.home);
        let word = yaml::word(value);
        let list = if self.is_flow("enum") {
            self.at(at, "replace", vec![self.flow("enum", &[], Some(&word))])
        } else {
            self.at(at, "add", vec![format!("- {word}")])
        };
        let text = self.at(
            format!("{}/x-enum-descriptions", self.home),
            "add",
            vec![format!("{word}: …")],
        );
        vec![list, text]
    }

    fn nullable(&self) -> Vec<Suggestion> {
        let mut list = vec![self.here("nullable: true".to_owned())];
        if self.node("enum").is_some() {
            // A validator refuses null by the enum, whatever `nullable` says.
            let at = format!("{}/enum", self.home);
            list.push(if self.is_flow("enum") {
                self.at(at, "replace", vec![self.flow("enum", &[], Some("null"))])
            } else {
                self.at(at, "add", vec!["- null".to_owned()])
            });
        }
        list
    }

    fn bound(&self, key: &'static str) -> Suggestion {
        let bound = self.node(key).map(Node::to_value).unwrap_or_default();
        self.at(
            format!("{}/{key}", self.home),
            "remove",
            vec![format!("{key}: {bound}")],
        )
    }

    fn without(&self, key: &str, name: &str) -> Suggestion {
        let at = format!("{}/{key}", self.home);
        let rest = self.node(key).map_or(0, |node| node.elements().len());
        if rest <= 1 {
            let line = format!("{key}: [{name}]");
            return self.at(at, "remove", vec![line]);
        }
        self.at(at, "replace", vec![self.flow(key, &[name], None)])
    }

    /// Another irregular form beside those that are listed.
    fn form(&self, form: &str) -> Suggestion {
        let at = format!("{}/{IRREGULAR}", self.home);
        let action = if self.node(IRREGULAR).is_some() {
            "replace"
        } else {
            "add"
        };
        let pointer = if action == "add" {
            self.home.to_owned()
        } else {
            at
        };
        self.at(pointer, action, vec![self.flow(IRREGULAR, &[], Some(form))])
    }

    fn kind(&self, declared: &str, seen: Seen) -> Vec<Suggestion> {
        let text = self.node("enum").is_none() && self.node("format").is_none();
        let form = match (declared, seen) {
            ("number" | "integer", Seen::NumericText) => Some("text"),
            ("boolean" | "number" | "integer", Seen::Invalid) => Some("invalid"),
            ("string", Seen::Integer | Seen::Number) if text => Some("number"),
            ("array", Seen::List | Seen::Null) => None,
            ("array", _) => Some("single"),
            _ => None,
        };
        if let Some(form) = form {
            return vec![self.form(form)];
        }
        let lines: &[&str] = match seen {
            Seen::Boolean => &["type: boolean"],
            Seen::Integer => &["type: integer", "format: int64"],
            Seen::Number => &["type: number", "format: double"],
            // An object or a list needs a name and a look at what is in it.
            Seen::List | Seen::Object | Seen::Null => &[],
            _ => &["type: string"],
        };
        // What has a format or an enum, or is an object, is no slip of the spec.
        let meant = declared == "object" || declared == "string" && !text;
        if lines.is_empty() || meant {
            return Vec::new();
        }
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        vec![self.at(format!("{}/type", self.home), "replace", lines)]
    }

    fn is_flow(&self, key: &str) -> bool {
        let text = &self.book.source.text;
        self.node(key)
            .is_none_or(|node| text[node.span.start..].starts_with('['))
    }

    /// A list of the spec in one line, less some words and plus another.
    fn flow(&self, key: &str, less: &[&str], plus: Option<&str>) -> String {
        let words = self.node(key).map_or(&[][..], Node::elements).iter();
        let words = words
            .filter_map(|node| match &node.data {
                Data::Scalar(serde_json::Value::Null) => Some("null".to_owned()),
                _ => node
                    .as_str()
                    .filter(|word| !less.contains(word))
                    .map(quoted),
            })
            .chain(plus.map(str::to_owned));
        format!("{key}: [{}]", words.collect::<Vec<_>>().join(", "))
    }
}

/// A word of a flow list; a colon would make it a map.
fn quoted(word: &str) -> String {
    if word.contains(':') {
        format!("'{word}'")
    } else {
        yaml::word(word)
    }
}
