//! An answer beside the spec: what a validator has against it, counted.
//!
//! Invariant: what a validator says is only passed on with its values masked.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::answer::Answer;
use super::book::Book;
use super::report::{ANSWER, CAP, Deviation, Place, Report, Suggestion};
use super::shape::{Shape, kind, quoted};
use super::word::{self, Word};
use crate::source::Source;

const NO_PATH: &str = "(no path to show)";

/// Compares answers and counts what it finds.
#[derive(Debug)]
pub struct Check<'b> {
    book: &'b Book,
    file: String,
    /// The line of the answer that is read next.
    pub line: usize,
    /// What was found.
    pub report: Report,
}

/// Where an error is: in the recording and in the spec.
struct Spot<'b> {
    group: String,
    item: String,
    place: String,
    source: &'b Source,
    pointer: String,
}

impl<'b> Check<'b> {
    /// Nothing was found yet.
    pub fn new(book: &'b Book) -> Self {
        let (file, line, report) = (String::new(), 1, Report::default());
        Self {
            book,
            file,
            line,
            report,
        }
    }

    /// Begins a file.
    pub fn open(&mut self, file: String) {
        (self.file, self.line) = (file, 1);
        self.report.files += 1;
    }

    /// Counts a part of the recording that could not be read.
    pub fn lose(&mut self, reason: &'static str) {
        let place = self.at("");
        let lost = self.report.unreadable.entry(reason).or_default();
        lost.count += 1;
        if lost.places.len() < CAP {
            lost.places.push(place);
        }
    }

    fn at(&self, item: &str) -> Place {
        let (file, line) = (self.file.clone(), self.line);
        Place {
            file,
            line,
            item: item.to_owned(),
        }
    }

    /// Compares an answer.
    pub fn answer(&mut self, answer: &Answer) {
        self.report.answers += 1;
        self.report
            .paths
            .entry(ANSWER.to_owned())
            .or_default()
            .items += 1;
        for element in elements(&answer.body) {
            let group = self.group(element);
            self.report.items += 1;
            self.report.paths.entry(group).or_default().items += 1;
        }
        let headers = match answer.schema.starts_with("v2") {
            true => "v2/Headers",
            false => "v3/Headers",
        };
        let parts = [
            (answer.schema, &answer.body, ""),
            (headers, &answer.headers, "headers"),
        ];
        let book = self.book;
        for (schema, value, root) in parts {
            for error in book.validators[schema].iter_errors(value) {
                self.error(root, value, &error);
            }
        }
    }

    /// The path of an item as it may be shown.
    fn group(&self, element: &Value) -> String {
        let path = element["path"].as_str().map(str::to_owned);
        let code = element["attributes"]["code"].as_str();
        let path = path.or_else(|| code.map(|code| format!("/signals/{code}")));
        let shown = path.and_then(|path| word::path(&path, &self.book.words));
        let room = self.report.paths.len() < 4 * CAP;
        let shown = shown.filter(|path| room || self.report.paths.contains_key(path));
        shown.unwrap_or_else(|| NO_PATH.to_owned())
    }

    fn error(&mut self, root: &str, value: &Value, error: &ValidationError<'_>) {
        let instance = error.instance().as_ref();
        let spot = self.spot(root, value, error);
        let place = &spot.place;
        let declared = spot
            .pointer
            .rsplit_once('/')
            .map_or("", |(parent, _)| parent);
        let known = ["path/enum", "code/enum"]
            .iter()
            .any(|end| spot.pointer.ends_with(end));
        let (name, message) = match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                for name in unexpected {
                    self.unknown(&spot, declared, name, &instance[name]);
                }
                return;
            }
            Kind::AnyOf { .. } => return self.pair(&spot, instance),
            Kind::Enum { .. } if known => (
                "unknown-path",
                "path that the spec does not know".to_owned(),
            ),
            Kind::Enum { .. } if instance.is_string() => return self.value(&spot, instance),
            Kind::Required { property } => (
                "missing-member",
                format!("{place} lacks the required member {property}"),
            ),
            Kind::Type { .. } | Kind::Pattern { .. } | Kind::Enum { .. } => {
                let node = spot.source.at(declared).and_then(|node| node.text("type"));
                let name = if instance.is_null() {
                    "null"
                } else {
                    "wrong-type"
                };
                let declared = node.unwrap_or("otherwise");
                (
                    name,
                    format!("{place} is declared {declared}, seen: {}", kind(instance)),
                )
            }
            _ => (
                "out-of-range",
                error.masked_with(place.as_str()).to_string(),
            ),
        };
        let pointer = spot.pointer.clone();
        let suggestion = self.suggestion(&spot, &pointer, "see", Vec::new());
        self.record(&spot, name, message, vec![suggestion], None);
    }

    fn spot(&self, root: &str, value: &Value, error: &ValidationError<'_>) -> Spot<'b> {
        let path = error.instance_path().to_string();
        let mut start = 0;
        let (mut group, mut item) = (ANSWER.to_owned(), String::new());
        if let Some((pointer, name, element)) = element(value, &path) {
            (group, item, start) = (self.group(element), name, pointer.len());
        }
        let mut place = root.to_owned();
        for step in path[start..].split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            if step.bytes().all(|byte| byte.is_ascii_digit()) {
                place.push_str("[]");
            } else {
                let word = Word::new(&step, &self.book.words);
                let dot = if place.is_empty() { "" } else { "." };
                place.push_str(&format!("{dot}{}", word.shown().unwrap_or("*")));
            }
        }
        if place.is_empty() {
            place = if item.is_empty() { "body" } else { "item" }.to_owned();
        }
        let location = error
            .absolute_keyword_location()
            .map_or("", |uri| uri.as_str());
        Spot {
            group,
            item,
            place,
            source: &self.book.sources[usize::from(location.starts_with("spec:/v3"))],
            pointer: error.schema_path().to_string(),
        }
    }

    /// Lines for a place of the spec, or for what is above it.
    fn suggestion(
        &self,
        spot: &Spot<'_>,
        pointer: &str,
        action: &'static str,
        lines: Vec<String>,
    ) -> Suggestion {
        let mut found = pointer;
        let line = loop {
            if let Some((key, node)) = spot.source.entry(found) {
                break spot
                    .source
                    .line(key.map_or(node.span.start, |key| key.span.start));
            }
            found = found.rsplit_once('/').map_or("", |(parent, _)| parent);
        };
        let (spec, pointer) = (spot.source.name.clone(), found.to_owned());
        Suggestion {
            spec,
            line,
            pointer,
            action,
            lines,
        }
    }

    fn record(
        &mut self,
        spot: &Spot<'_>,
        kind: &'static str,
        message: String,
        suggestions: Vec<Suggestion>,
        seen: Option<&Value>,
    ) -> Option<&mut Deviation> {
        let at = self.at(&spot.item);
        let group = self.report.paths.entry(spot.group.clone()).or_default();
        let mut key = (spot.place.clone(), kind, message);
        let full = !group.deviations.contains_key(&key) && {
            let alike = group
                .deviations
                .range((key.0.clone(), kind, String::new())..);
            let alike =
                alike.take_while(|((place, other, _), _)| *place == key.0 && *other == kind);
            // An object used as a map must not fill the memory with its keys.
            alike.count() >= CAP
        };
        if full {
            key.2 = format!("{kind} of {}: further ones", spot.place);
        }
        let found = group
            .deviations
            .entry(key.clone())
            .or_insert_with(|| Deviation {
                kind,
                place: key.0,
                message: key.2,
                items: 0,
                times: 0,
                first: at.clone(),
                suggestions: if full { Vec::new() } else { suggestions },
                shape: Shape::default(),
                last: at.clone(),
            });
        found.items += u64::from(found.times == 0 || found.last != at);
        found.times += 1;
        found.last = at;
        if let Some(seen) = seen.filter(|_| !full) {
            found.shape.add(seen, &self.book.words);
            return Some(found);
        }
        None
    }

    /// A member or header that is not declared, with the YAML that declares it.
    fn unknown(&mut self, spot: &Spot<'_>, home: &str, name: &str, value: &Value) {
        let word = Word::new(name, &self.book.words);
        let is_header = home.ends_with("/headers") || home.ends_with("/Headers");
        let kind = if is_header {
            "unknown-header"
        } else {
            "unknown-member"
        };
        let message = match is_header {
            true => format!("undeclared header {word}"),
            false => format!("unknown member {word} of {}", spot.place),
        };
        let below = if is_header {
            home.to_owned()
        } else {
            format!("{home}/properties")
        };
        let mut member = self.suggestion(spot, &below, "add", Vec::new());
        let component = self.suggestion(spot, "/components/schemas", "add", Vec::new());
        let prefix = home.rsplit('/').next().unwrap_or_default();
        let Some(found) = self.record(spot, kind, message.clone(), Vec::new(), Some(value)) else {
            return;
        };
        found.message = format!("{message}: {}", found.shape.describe());
        let Some(name) = word.shown() else { return };
        let mut components = Vec::new();
        let mut line = found.shape.member(name, prefix, &mut components);
        if is_header {
            // As another response declares it.
            let declared = format!("{name}: {{$ref: '#/components/headers/");
            let mut lines = spot.source.text.lines().map(str::trim);
            let known = lines.find(|line| line.starts_with(&declared));
            let new = format!("{name}: {{description: …, schema: {{type: string}}}}");
            line = known.map_or(new, str::to_owned);
        }
        member.lines = vec![line];
        let components = components.into_iter();
        let components = components.map(|lines| Suggestion {
            lines,
            ..component.clone()
        });
        found.suggestions = std::iter::once(member).chain(components).collect();
    }

    /// A value that an enum does not list, with the YAML that lists it.
    fn value(&mut self, spot: &Spot<'_>, value: &Value) {
        let word = Word::new(value.as_str().unwrap_or_default(), &self.book.words);
        let mut suggestions = Vec::new();
        if let (Some(value), Some(node)) = (word.shown().map(quoted), spot.source.at(&spot.pointer))
        {
            let mut list = format!("- {value}");
            let is_flow = spot.source.text[node.span.start..].starts_with('[');
            if is_flow {
                let known = node.elements().iter();
                let known = known.map(|known| known.as_str().map_or("null".to_owned(), quoted));
                let all: Vec<_> = known.chain([value.clone()]).collect();
                list = format!("enum: [{}]", all.join(", "));
            }
            let action = if is_flow { "replace by" } else { "add" };
            let about = spot.pointer.replace("/enum", "/x-enum-descriptions");
            suggestions.push(self.suggestion(spot, &spot.pointer, action, vec![list]));
            suggestions.push(self.suggestion(spot, &about, "add", vec![format!("{value}: …")]));
        }
        let message = format!("undocumented value {word} of {}", spot.place);
        self.record(spot, "enum-value", message, suggestions, None);
    }

    /// An error that is not listed, with the row that lists it.
    fn pair(&mut self, spot: &Spot<'_>, error: &Value) {
        let word = |value: &Value| Word::new(value.as_str().unwrap_or("null"), &self.book.words);
        let (kind, code) = (word(&error["type"]), word(&error["code"]));
        let resolution = word(
            error["resolution"]
                .get("type")
                .unwrap_or(&error["resolution"]),
        );
        let status = ["statusCode", "status"]
            .iter()
            .find_map(|name| error.get(name));
        let status = status.and_then(super::answer::status);
        let status = status.map_or("…".to_owned(), |status| status.to_string());
        let mut suggestions = Vec::new();
        if let (Some(kind), Some(code)) = (kind.shown(), code.shown()) {
            let code = if error["code"].is_string() {
                quoted(code)
            } else {
                "null".to_owned()
            };
            let resolution = resolution.shown().unwrap_or("null");
            let row = format!(
                "- {{type: {}, code: {code}, status: {status}, resolution: {resolution}, retry: …,",
                quoted(kind)
            );
            let lines = vec![row, "   description: …}".to_owned()];
            let list = "/components/schemas/Error/x-smartcar-errors";
            suggestions.push(self.suggestion(spot, list, "add", lines));
        }
        let message = format!("unlisted error: type {kind}, code {code}, status {status}");
        self.record(spot, "error-pair", message, suggestions, None);
    }
}

/// Where the items of an answer are.
const LISTS: [&str; 3] = ["responses", "items", "data"];

/// The items of an answer: signals, but not other resources.
fn elements(body: &Value) -> impl Iterator<Item = &Value> {
    let lists = LISTS.iter().filter_map(|name| body.get(name));
    let elements = lists.flat_map(|list| match list {
        Value::Array(list) => list.as_slice(),
        single => std::slice::from_ref(single),
    });
    elements.filter(|element| element.is_object() && is_item(element))
}

fn is_item(element: &Value) -> bool {
    element["type"] != "connection" && element["type"] != "vehicle"
}

/// The item that a JSON pointer leads into, with the part of the pointer that
/// leads to it, and its name.
fn element<'v, 'p>(body: &'v Value, pointer: &'p str) -> Option<(&'p str, String, &'v Value)> {
    let mut steps = pointer.split('/').skip(1);
    let list = steps.next().filter(|list| LISTS.contains(list))?;
    let mut length = list.len() + 1;
    let (name, element) = match &body[list] {
        Value::Array(elements) => {
            let step = steps.next()?;
            length += step.len() + 1;
            let element = elements.get(step.parse::<usize>().ok()?)?;
            (format!("{list}[{step}]"), element)
        }
        element => (list.to_owned(), element),
    };
    let found = element.is_object() && is_item(element);
    found.then(|| (&pointer[..length], name, element))
}
