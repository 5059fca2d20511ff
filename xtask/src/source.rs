//! The spec as text and as a tree that remembers where each node stands.
//!
//! Invariant: every node's span is a byte range of the text it was read from,
//! so that a finding can always be drawn in the source.

use std::collections::BTreeMap;
use std::ops::Range;

use saphyr::Scalar;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span};
use serde_json::{Number, Value};

use crate::finding::{Finding, Rule};

/// One spec file: its name as it is shown, its text and its tree.
#[derive(Debug)]
pub struct Source {
    /// Path from the workspace root, with forward slashes.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// The document's root.
    pub root: Node,
}

/// A YAML node with its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
    /// What it is.
    pub data: Data,
}

/// What a node holds.
#[derive(Debug, Clone)]
pub enum Data {
    /// `null`, a boolean, a number or a string.
    Scalar(Value),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order it was written.
    Map(Vec<(Key, Node)>),
}

/// A mapping's key with its place.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key as text; `200:` and `'200':` are the same.
    pub text: String,
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
}

impl Source {
    /// Reads a spec. On a syntax fault the findings say where.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Finding>> {
        let mut reader = Reader::new(text);
        let root = match reader.document() {
            Ok(root) if reader.findings.is_empty() => root,
            Ok(_) => return Err(reader.findings),
            Err(error) => {
                let at = reader.offset(error.marker());
                reader.findings.push(Finding::new(
                    Rule::Syntax,
                    "",
                    at..at,
                    format!("not YAML: {}", error.info()),
                    "mend the syntax at this place; everything after it was not read",
                ));
                return Err(reader.findings);
            }
        };
        Ok(Self {
            name: name.to_owned(),
            text: text.to_owned(),
            root,
        })
    }

    /// The node at a JSON pointer, if there is one.
    pub fn at(&self, pointer: &str) -> Option<&Node> {
        pointer
            .split('/')
            .skip(1)
            .map(unescape)
            .try_fold(&self.root, |node, step| node.step(&step))
    }

    /// The line of a byte offset, counted from one.
    pub fn line(&self, offset: usize) -> usize {
        self.text[..offset.min(self.text.len())].matches('\n').count() + 1
    }
}

impl Node {
    /// The member of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find_map(|(k, node)| (k.text == key).then_some(node))
    }

    /// The entries of a mapping, none for anything else.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.data {
            Data::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The elements of a sequence, none for anything else.
    pub fn elements(&self) -> &[Node] {
        match &self.data {
            Data::List(elements) => elements,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The text of a mapping's string member.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::as_str)
    }

    /// Whether a mapping's member is `true`.
    pub fn is_true(&self, key: &str) -> bool {
        matches!(
            self.get(key).map(|node| &node.data),
            Some(Data::Scalar(Value::Bool(true)))
        )
    }

    /// The strings of a mapping's member that is a list of them.
    pub fn texts(&self, key: &str) -> Vec<String> {
        self.get(key).map_or_else(Vec::new, |node| {
            node.elements()
                .iter()
                .filter_map(Node::as_str)
                .map(str::to_owned)
                .collect()
        })
    }

    /// A mapping's number member.
    pub fn number(&self, key: &str) -> Option<f64> {
        match &self.get(key)?.data {
            Data::Scalar(value) => value.as_f64(),
            _ => None,
        }
    }

    /// The tree without its places.
    pub fn to_value(&self) -> Value {
        match &self.data {
            Data::Scalar(value) => value.clone(),
            Data::List(elements) => elements.iter().map(Node::to_value).collect(),
            Data::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.text.clone(), node.to_value()))
                .collect(),
        }
    }

    fn step(&self, step: &str) -> Option<&Node> {
        match &self.data {
            Data::Map(_) => self.get(step),
            Data::List(elements) => elements.get(step.parse::<usize>().ok()?),
            Data::Scalar(_) => None,
        }
    }
}

/// Escapes one step of a JSON pointer (RFC 6901).
pub fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

struct Reader<'a> {
    text: &'a str,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    /// Byte offset of each character, since the parser counts characters.
    offsets: Vec<usize>,
    findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            parser: Parser::new_from_str(text),
            offsets: text.char_indices().map(|(at, _)| at).collect(),
            findings: Vec::new(),
        }
    }

    fn offset(&self, marker: &Marker) -> usize {
        self.offsets
            .get(marker.index())
            .copied()
            .unwrap_or(self.text.len())
    }

    fn range(&self, span: Span) -> Range<usize> {
        self.offset(&span.start)..self.offset(&span.end)
    }

    fn next(&mut self) -> Result<(Event<'a>, Range<usize>), ScanError> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                let range = self.range(span);
                Ok((event, range))
            }
            Some(Err(error)) => Err(error),
            None => Ok((Event::StreamEnd, self.text.len()..self.text.len())),
        }
    }

    fn document(&mut self) -> Result<Node, ScanError> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                Event::StreamEnd | Event::DocumentEnd => {
                    self.refuse(span.clone(), "the document is empty", "write the spec");
                    return Ok(null(span));
                }
                event => {
                    let root = self.node(event, span)?;
                    self.end()?;
                    return Ok(root);
                }
            }
        }
    }

    /// Everything after the first document: its end and nothing more.
    fn end(&mut self) -> Result<(), ScanError> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(()),
                Event::DocumentStart(_) => self.refuse(
                    span,
                    "a second YAML document",
                    "keep one document a file",
                ),
                _ => {}
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Range<usize>) -> Result<Node, ScanError> {
        match event {
            Event::Scalar(text, style, _, tag) => {
                let value = Scalar::parse_from_cow_and_metadata(text, style, tag.as_ref())
                    .and_then(scalar);
                let value = value.unwrap_or_else(|| {
                    self.refuse(
                        span.clone(),
                        "a scalar that JSON cannot hold",
                        "write a finite number, or quote the text",
                    );
                    Value::Null
                });
                Ok(Node {
                    span: trim(self.text, span, style),
                    data: Data::Scalar(value),
                })
            }
            Event::SequenceStart(..) => self.list(span),
            Event::MappingStart(..) => self.map(span),
            Event::Alias(_) => {
                self.refuse(
                    span.clone(),
                    "a YAML alias",
                    "write the content out, or use a $ref: other OpenAPI tools and line numbers need it",
                );
                Ok(null(span))
            }
            _ => Ok(null(span)),
        }
    }

    fn list(&mut self, start: Range<usize>) -> Result<Node, ScanError> {
        let mut elements = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                let end = elements.last().map_or(span.end, |last: &Node| last.span.end);
                return Ok(Node {
                    span: start.start..end.max(start.end),
                    data: Data::List(elements),
                });
            }
            elements.push(self.node(event, span)?);
        }
    }

    fn map(&mut self, start: Range<usize>) -> Result<Node, ScanError> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut seen: BTreeMap<String, Range<usize>> = BTreeMap::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                let end = entries.last().map_or(span.end, |(_, last)| last.span.end);
                return Ok(Node {
                    span: start.start..end.max(start.end),
                    data: Data::Map(entries),
                });
            }
            let key = if let Event::Scalar(text, ..) = &event {
                Key {
                    text: text.to_string(),
                    span: span.clone(),
                }
            } else {
                self.refuse(span.clone(), "a key that is not text", "use a plain key");
                self.node(event, span.clone())?;
                Key {
                    text: String::new(),
                    span,
                }
            };
            let (event, span) = self.next()?;
            let node = self.node(event, span)?;
            if let Some(first) = seen.insert(key.text.clone(), key.span.clone()) {
                let line = self.text[..first.start].matches('\n').count() + 1;
                self.refuse(
                    key.span.clone(),
                    &format!("the key `{}` stands twice, first at line {line}", key.text),
                    "remove one of the two: a reader would silently keep only the last",
                );
            }
            entries.push((key, node));
        }
    }

    fn refuse(&mut self, span: Range<usize>, message: &str, help: &str) {
        self.findings
            .push(Finding::new(Rule::Syntax, "", span, message, help));
    }
}

fn null(span: Range<usize>) -> Node {
    Node {
        span,
        data: Data::Scalar(Value::Null),
    }
}

fn scalar(scalar: Scalar<'_>) -> Option<Value> {
    Some(match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::Bool(value),
        Scalar::Integer(value) => Value::Number(value.into()),
        Scalar::FloatingPoint(value) => Value::Number(Number::from_f64(value.into_inner())?),
        Scalar::String(value) => Value::String(value.into_owned()),
    })
}

/// A block scalar's span runs on to the next token: end it with its text.
fn trim(text: &str, span: Range<usize>, style: ScalarStyle) -> Range<usize> {
    if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
        let kept = text[span.clone()].trim_end().len();
        return span.start..span.start + kept;
    }
    span
}
