//! An answer beside the spec: what a validator has against it, counted.
//!
//! Invariant: what a validator says is only passed on with its values masked.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::answer::{self, Answer};
use super::book::Book;
use super::report::{ANSWER, CAP, Deviation, Place, Report, Suggestion};
use super::shape::{Shape, kind, quoted};
use super::word::{self, Word};
use crate::source::Source;

const NO_PATH: &str = "(no path to show)";

/// Where the items of an answer are.
const LISTS: [&str; 3] = ["responses", "items", "data"];

/// Compares answers and counts what it finds.
#[derive(Debug)]
pub struct Check<'b> {
    book: &'b Book,
    /// Where the answer is that is read next.
    pub at: Place,
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
        let (file, line, item) = (String::new(), 1, String::new());
        let (at, report) = (Place { file, line, item }, Report::default());
        Self { book, at, report }
    }

    /// Counts a part of the recording that could not be read.
    pub fn lose(&mut self, reason: &'static str) {
        let first = || (0, self.at.clone());
        self.report.unreadable.entry(reason).or_insert_with(first).0 += 1;
    }

    /// Compares an answer.
    pub fn answer(&mut self, answer: &Answer) {
        self.report
            .paths
            .entry(ANSWER.to_owned())
            .or_default()
            .items += 1;
        for list in LISTS.iter().filter_map(|name| answer.body.get(name)) {
            let list = list
                .as_array()
                .map_or(std::slice::from_ref(list), Vec::as_slice);
            for item in list.iter().filter(|item| is_item(item)) {
                let group = self.group(item);
                self.report.paths.entry(group).or_default().items += 1;
            }
        }
        let headers = format!("{}/Headers", &answer.schema[..2]);
        for (schema, value, root) in [
            (answer.schema, &answer.body, ""),
            (&headers, &answer.headers, "headers"),
        ] {
            for error in self.book.validators[schema].iter_errors(value) {
                self.error(root, value, &error);
            }
        }
    }

    /// The path of an item as it may be shown.
    fn group(&self, item: &Value) -> String {
        let code = item["id"].as_str().map(|code| format!("/signals/{code}"));
        let path = item["path"].as_str().map(str::to_owned).or(code);
        let shown = path.and_then(|path| word::path(&path, &self.book.words));
        let paths = &self.report.paths;
        let shown = shown.filter(|path| paths.len() < CAP || paths.contains_key(path));
        shown.unwrap_or_else(|| NO_PATH.to_owned())
    }

    fn error(&mut self, root: &str, value: &Value, error: &ValidationError<'_>) {
        let instance = error.instance().as_ref();
        let spot = self.spot(root, value, error);
        let (place, pointer) = (&spot.place, &spot.pointer);
        let home = pointer.rsplit_once('/').map_or("", |(home, _)| home);
        let is_path =
            pointer.ends_with("path/enum") || pointer.ends_with("/Signal/properties/id/enum");
        let (name, message) = match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                return unexpected
                    .iter()
                    .for_each(|name| self.unknown(&spot, home, name, &instance[name]));
            }
            Kind::AnyOf { .. } => return self.pair(&spot, instance),
            Kind::Enum { .. } if is_path => (
                "unknown-path",
                "path that the spec does not know".to_owned(),
            ),
            Kind::Enum { .. } if instance.is_string() => return self.value(&spot, instance),
            Kind::Required { property } => (
                "missing-member",
                format!("{place} lacks the required member {property}"),
            ),
            Kind::Type { .. } | Kind::Pattern { .. } | Kind::Enum { .. } => {
                let declared = spot.source.at(home).and_then(|node| node.text("type"));
                let (declared, seen) = (declared.unwrap_or("otherwise"), kind(instance));
                (
                    "wrong-type",
                    format!("{place} is declared {declared}, seen: {seen}"),
                )
            }
            _ => (
                "out-of-range",
                error.masked_with(place.as_str()).to_string(),
            ),
        };
        let see = spot.suggestion(pointer, "see", Vec::new());
        self.record(&spot, name, message, vec![see]);
    }

    fn spot(&self, root: &str, value: &Value, error: &ValidationError<'_>) -> Spot<'b> {
        let path = error.instance_path().to_string();
        let (mut group, mut item, mut rest) = (ANSWER.to_owned(), String::new(), path.as_str());
        if let Some((name, element, below)) = item_of(value, &path) {
            (group, item, rest) = (self.group(element), name, below);
        }
        let mut place = root.to_owned();
        for step in rest.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            if step.bytes().all(|byte| byte.is_ascii_digit()) {
                place.push_str("[]");
                continue;
            }
            let word = Word::new(&step, &self.book.words);
            let dot = if place.is_empty() { "" } else { "." };
            place.push_str(&format!("{dot}{}", word.shown().unwrap_or("*")));
        }
        if place.is_empty() {
            place.push_str(if item.is_empty() { "body" } else { "item" });
        }
        let location = error
            .absolute_keyword_location()
            .map_or("", |uri| uri.as_str());
        let source = &self.book.sources[usize::from(location.starts_with("spec:/v3"))];
        let pointer = error.schema_path().to_string();
        Spot {
            group,
            item,
            place,
            source,
            pointer,
        }
    }

    fn record(
        &mut self,
        spot: &Spot<'_>,
        kind: &'static str,
        message: String,
        suggestions: Vec<Suggestion>,
    ) -> &mut Deviation {
        let at = Place {
            item: spot.item.clone(),
            ..self.at.clone()
        };
        let group = self.report.paths.entry(spot.group.clone()).or_default();
        let mut key = (spot.place.clone(), kind, message);
        // An object used as a map must not fill the memory with its keys.
        if group.deviations.len() >= CAP && !group.deviations.contains_key(&key) {
            key = (String::new(), "further", "further deviations".to_owned());
        }
        let (kind, message) = (key.1, key.2.clone());
        let found = group.deviations.entry(key).or_insert_with(|| Deviation {
            kind,
            message,
            items: 0,
            times: 0,
            first: at.clone(),
            suggestions,
            shape: Shape::default(),
            last: at.clone(),
        });
        found.items += u64::from(found.times == 0 || found.last != at);
        found.times += 1;
        found.last = at;
        found
    }

    /// A member or header that is not declared, with the YAML that declares it.
    fn unknown(&mut self, spot: &Spot<'_>, home: &str, name: &str, value: &Value) {
        let book = self.book;
        let word = Word::new(name, &book.words);
        let is_header = home.to_ascii_lowercase().ends_with("/headers");
        let (kind, message) = if is_header {
            ("unknown-header", format!("undeclared header {word}"))
        } else {
            (
                "unknown-member",
                format!("unknown member {word} of {}", spot.place),
            )
        };
        let found = self.record(spot, kind, message.clone(), Vec::new());
        if found.kind != kind {
            return;
        }
        found.shape.add(value, &book.words);
        found.message = format!("{message}: {}", found.shape.describe());
        let Some(name) = word.shown() else { return };
        let prefix = home.rsplit('/').next().unwrap_or_default();
        let mut components = Vec::new();
        let member = if is_header {
            format!("{name}: {{description: …, schema: {{type: string}}}}")
        } else {
            found.shape.member(name, prefix, &mut components)
        };
        let home = if is_header {
            home.to_owned()
        } else {
            format!("{home}/properties")
        };
        let components = components.into_iter();
        let components =
            components.map(|lines| spot.suggestion("/components/schemas", "add", lines));
        let member = spot.suggestion(&home, "add", vec![member]);
        found.suggestions = std::iter::once(member).chain(components).collect();
    }

    /// A value that an enum does not list, with the YAML that lists it.
    fn value(&mut self, spot: &Spot<'_>, value: &Value) {
        let word = Word::new(value.as_str().unwrap_or_default(), &self.book.words);
        let mut suggestions = Vec::new();
        let node = spot.source.at(&spot.pointer);
        if let (Some(value), Some(node)) = (word.shown().map(quoted), node) {
            let known = node.elements().iter();
            let known = known.map(|known| known.as_str().map_or("null".to_owned(), quoted));
            let all = known.chain([value.clone()]).collect::<Vec<_>>().join(", ");
            let is_flow = spot.source.text[node.span.start..].starts_with('[');
            let (action, line) = if is_flow {
                ("replace by", format!("enum: [{all}]"))
            } else {
                ("add", format!("- {value}"))
            };
            let about = spot.pointer.replace("/enum", "/x-enum-descriptions");
            suggestions.push(spot.suggestion(&spot.pointer, action, vec![line]));
            suggestions.push(spot.suggestion(&about, "add", vec![format!("{value}: …")]));
        }
        let message = format!("undocumented value {word} of {}", spot.place);
        self.record(spot, "enum-value", message, suggestions);
    }

    /// An error that is not listed, with the row that lists it.
    fn pair(&mut self, spot: &Spot<'_>, error: &Value) {
        let word = |value: &Value| Word::new(value.as_str().unwrap_or("null"), &self.book.words);
        let (kind, code) = (word(&error["type"]), word(&error["code"]));
        let resolution = word(error["resolution"].get("type").unwrap_or(&Value::Null));
        let status = ["statusCode", "status"]
            .iter()
            .find_map(|name| answer::status(&error[name]));
        let status = status.map_or("…".to_owned(), |status| status.to_string());
        let mut suggestions = Vec::new();
        if let (Some(kind), Some(code)) = (kind.shown(), code.shown()) {
            let resolution = resolution.shown().unwrap_or("null");
            let row = format!(
                "- {{type: {kind}, code: {code}, status: {status}, resolution: {resolution}, retry: …,"
            );
            let lines = vec![row, "   description: …}".to_owned()];
            let list = "/components/schemas/Error/x-smartcar-errors";
            suggestions.push(spot.suggestion(list, "add", lines));
        }
        let message = format!("unlisted error: type {kind}, code {code}, status {status}");
        self.record(spot, "error-pair", message, suggestions);
    }
}

impl Spot<'_> {
    /// Lines for a place of the spec, or for what is above it.
    fn suggestion(&self, pointer: &str, action: &'static str, lines: Vec<String>) -> Suggestion {
        let mut pointer = pointer;
        let (key, node) = loop {
            match self.source.entry(pointer) {
                Some(found) => break found,
                None => pointer = pointer.rsplit_once('/').map_or("", |(parent, _)| parent),
            }
        };
        let start = key.map_or(node.span.start, |key| key.span.start);
        let (spec, line) = (self.source.name.clone(), self.source.line(start));
        Suggestion {
            spec,
            line,
            pointer: pointer.to_owned(),
            action,
            lines,
        }
    }
}

/// Signals are items, other resources are not.
fn is_item(element: &Value) -> bool {
    element["type"] != "connection" && element["type"] != "vehicle"
}

/// The item that a JSON pointer leads into, with its name and the pointer's rest.
fn item_of<'v, 'p>(body: &'v Value, pointer: &'p str) -> Option<(String, &'v Value, &'p str)> {
    let (list, rest) = split(pointer)?;
    let element = body.get(list).filter(|_| LISTS.contains(&list))?;
    let (name, element, rest) = match element.as_array() {
        None => (list.to_owned(), element, rest),
        Some(elements) => {
            let (step, rest) = split(rest)?;
            (
                format!("{list}[{step}]"),
                elements.get(step.parse::<usize>().ok()?)?,
                rest,
            )
        }
    };
    (element.is_object() && is_item(element)).then_some((name, element, rest))
}

/// The first step of a JSON pointer, and the rest.
fn split(pointer: &str) -> Option<(&str, &str)> {
    let pointer = pointer.strip_prefix('/')?;
    Some(pointer.split_at(pointer.find('/').unwrap_or(pointer.len())))
}
