//! Validates a response and counts the deviations from the spec.
//!
//! Invariant: a validator's messages are passed on only with their values masked.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::{Value, json};

use super::answer::{self, Answer};
use super::book::Book;
use super::report::{ANSWER, CAP, Deviation, Place, Report, Suggestion};
use super::shape::{DATE_TIME, kind, quoted};
use super::word::{self, Word};
use crate::source::{Node, Source};

const NO_PATH: &str = "(path not shown)";

/// The members with the items of a response.
const LISTS: [&str; 3] = ["responses", "items", "data"];

/// Compares responses and counts the deviations.
#[derive(Debug)]
pub struct Check<'b> {
    book: &'b Book,
    /// Position of the next response.
    pub at: Place,
    /// The result.
    pub report: Report,
}

/// The position of a deviation in the recording and in the spec.
struct Spot<'b> {
    group: String,
    item: String,
    place: String,
    source: &'b Source,
    pointer: String,
}

impl<'b> Check<'b> {
    /// An empty result.
    pub fn new(book: &'b Book) -> Self {
        let (at, report) = (Place::default(), Report::default());
        Self { book, at, report }
    }

    /// Counts a part of the recording that could not be read.
    pub fn lose(&mut self, reason: &'static str) {
        let lost = self.report.unreadable.entry(reason);
        lost.or_insert_with(|| (0, self.at.clone())).0 += 1;
    }

    /// Compares a response.
    pub fn answer(&mut self, answer: &Answer) {
        self.count(ANSWER.to_owned());
        for list in LISTS.iter().filter_map(|name| answer.body.get(name)) {
            let one = std::slice::from_ref(list);
            let list = list.as_array().map_or(one, Vec::as_slice).iter();
            list.filter(|it| is_item(it))
                .for_each(|it| self.count(self.group(it)));
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

    fn count(&mut self, group: String) {
        self.report.paths.entry(group).or_default().items += 1;
    }

    /// The path of an item, with hidden parts masked.
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
        let (place, pointer) = (&spot.place, spot.pointer.as_str());
        let home = pointer.rsplit_once('/').map_or("", |(home, _)| home);
        let schema = spot.source.at(home);
        if schema.is_some_and(|schema| is_irregular(schema, instance)) {
            return;
        }
        let is_path = ["/path/enum", "/id/enum", "/code/enum"]
            .iter()
            .any(|it| pointer.ends_with(it));
        let (name, message) = match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                let unexpected = unexpected.iter();
                return unexpected.for_each(|it| self.unknown(&spot, home, it, &instance[it]));
            }
            Kind::AnyOf { .. } => return self.pair(&spot, instance),
            Kind::Enum { .. } if is_path => {
                let message = "path not in the spec".to_owned();
                ("unknown-path", message)
            }
            Kind::Enum { .. } if instance.is_string() => return self.value(&spot, instance),
            Kind::Required { property } => {
                let message = format!("{place} lacks the required member {property}");
                ("missing-member", message)
            }
            Kind::Type { .. } | Kind::Enum { .. } => {
                let declared = schema.and_then(|schema| schema.text("type"));
                let (declared, seen) = (declared.unwrap_or("otherwise"), kind(instance));
                let message = format!("{place} is declared {declared}, seen: {seen}");
                ("wrong-type", message)
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
        let steps = path.split('/').skip(1);
        let mut steps: Vec<_> = steps
            .map(|step| step.replace("~1", "/").replace("~0", "~"))
            .collect();
        let (mut group, mut item) = (ANSWER.to_owned(), String::new());
        if let Some((name, element, depth)) = item_of(value, &steps) {
            (group, item) = (self.group(element), name);
            steps.drain(..depth);
        }
        let mut place = root.to_owned();
        for step in steps {
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
        let location = error.absolute_keyword_location();
        let is_of = |base: &str| location.is_some_and(|uri| uri.as_str().starts_with(base));
        let source = match (is_of("spec:/v3"), is_of("spec:/wh")) {
            (true, _) => 1,
            (_, true) => 2,
            _ => 0,
        };
        Spot {
            group,
            item,
            place,
            source: &self.book.sources[source],
            pointer: error.schema_path().to_string(),
        }
    }

    fn record(
        &mut self,
        spot: &Spot<'_>,
        kind: &'static str,
        message: String,
        suggestions: Vec<Suggestion>,
    ) -> &mut Deviation {
        let (item, mut at) = (spot.item.clone(), self.at.clone());
        at.item = item;
        let group = self.report.paths.entry(spot.group.clone()).or_default();
        let mut key = (spot.place.clone(), kind, message);
        // An object that is used as a map could fill the memory with its keys.
        if group.deviations.len() >= CAP && !group.deviations.contains_key(&key) {
            key = (String::new(), "further", "further deviations".to_owned());
        }
        let new = Deviation {
            kind: key.1,
            message: key.2.clone(),
            first: at.clone(),
            suggestions,
            ..Deviation::default()
        };
        let found = group.deviations.entry(key).or_insert(new);
        found.items += u64::from(found.last != at);
        found.times += 1;
        found.last = at;
        found
    }

    /// Reports an undeclared member or header, with the YAML to declare it.
    fn unknown(&mut self, spot: &Spot<'_>, home: &str, name: &str, value: &Value) {
        let words = &self.book.words;
        let word = Word::new(name, words);
        let is_header = home.ends_with("/Headers");
        let (kind, message) = if is_header {
            ("unknown-header", format!("undeclared header {word}"))
        } else {
            let message = format!("unknown member {word} of {}", spot.place);
            ("unknown-member", message)
        };
        let found = self.record(spot, kind, message.clone(), Vec::new());
        if found.kind != kind {
            return;
        }
        found.shape.add(value, words);
        found.message = format!("{message}: {}", found.shape.describe());
        let Some(name) = word.shown() else { return };
        if is_header {
            let line = format!("{name}: {{description: …, schema: {{type: string}}}}");
            found.suggestions = vec![spot.suggestion("/components/headers", "add", vec![line])];
            return;
        }
        let prefix = home.rsplit('/').next().unwrap_or_default();
        let mut components = Vec::new();
        let member = found.shape.member(name, prefix, &mut components);
        let place = format!("{home}/properties");
        found.suggestions = vec![spot.suggestion(&place, "add", vec![member])];
        let components = components.into_iter();
        let components = components.map(|it| spot.suggestion("/components/schemas", "add", it));
        found.suggestions.extend(components);
    }

    /// Reports a value that is not in an enum, with the YAML to add it.
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

    /// Reports an error that is not in the catalogue, with the row to add.
    fn pair(&mut self, spot: &Spot<'_>, error: &Value) {
        let word = |value: &Value| Word::new(value.as_str().unwrap_or("null"), &self.book.words);
        let (kind, code) = (word(&error["type"]), word(&error["code"]));
        let resolution = word(&error["resolution"]["type"]);
        let mut status = ["statusCode", "status"].iter().map(|name| &error[name]);
        let status = status.find_map(answer::status);
        let status = status.map_or("…".to_owned(), |status| status.to_string());
        let mut suggestions = Vec::new();
        if let (Some(kind), Some(code)) = (kind.shown(), code.shown()) {
            let resolution = resolution.shown().unwrap_or("null");
            let row = format!("- {{type: {kind}, code: {code}, status: {status}");
            let row = format!("{row}, resolution: {resolution}, retry: …,");
            let lines = vec![row, "   description: …}".to_owned()];
            let list = "/components/schemas/Error/x-smartcar-errors";
            suggestions.push(spot.suggestion(list, "add", lines));
        }
        let message = format!("unlisted error: type {kind}, code {code}, status {status}");
        self.record(spot, "error-pair", message, suggestions);
    }
}

impl Spot<'_> {
    /// Suggests lines for a node of the spec, or for its nearest existing ancestor.
    fn suggestion(&self, pointer: &str, action: &'static str, lines: Vec<String>) -> Suggestion {
        let mut pointer = pointer;
        let (key, node) = loop {
            match self.source.entry(pointer) {
                Some(found) => break found,
                None => pointer = pointer.rsplit_once('/').map_or("", |(parent, _)| parent),
            }
        };
        let start = key.map_or(node.span.start, |key| key.span.start);
        Suggestion {
            spec: self.source.name.clone(),
            line: self.source.line(start),
            pointer: pointer.to_owned(),
            action,
            lines,
        }
    }
}

/// Whether an element is an item. Signals are, other resources are not.
fn is_item(element: &Value) -> bool {
    element["type"] != "connection" && element["type"] != "vehicle"
}

/// The item at these steps, with its name and the number of steps to it.
fn item_of<'v>(body: &'v Value, steps: &[String]) -> Option<(String, &'v Value, usize)> {
    let list = steps
        .first()
        .filter(|list| LISTS.contains(&list.as_str()))?;
    let (name, element, depth) = match &body[list] {
        Value::Array(elements) => {
            let index: usize = steps.get(1)?.parse().ok()?;
            (format!("{list}[{index}]"), elements.get(index)?, 2)
        }
        element => (list.clone(), element, 1),
    };
    (element.is_object() && is_item(element)).then_some((name, element, depth))
}

/// Whether a value has a form that `x-smartcar-irregular` lists.
fn is_irregular(schema: &Node, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    let forms = schema.texts("x-smartcar-irregular");
    forms.iter().any(|form| match form.as_str() {
        "text" => text.trim().parse().is_ok_and(f64::is_finite),
        "number" | "epoch" => value.is_number(),
        "invalid" => text == "<invalid>",
        "date" => kind(&json!(format!("{text}T00:00:00Z"))) == DATE_TIME,
        _ => false,
    })
}
