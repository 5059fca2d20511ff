//! Builds the tree from YAML events.
//!
//! Invariant: content that the tree cannot represent becomes a finding, and reading
//! continues as long as the parser does.

use std::collections::BTreeMap;
use std::ops::Range;

use saphyr::Scalar;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span};
use serde_json::{Number, Value};

use super::node::{Data, Key, Node, escape};
use crate::finding::{Finding, Rule};

/// Maximum depth: more than any spec needs, and small enough for every stack.
const DEPTH: usize = 48;

pub(super) struct Reader<'a> {
    text: &'a str,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    /// Byte offset of each character, because the parser counts characters.
    offsets: Vec<usize>,
    pub(super) findings: Vec<Finding>,
    /// The steps to the current node.
    path: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            parser: Parser::new_from_str(text),
            offsets: text.char_indices().map(|(at, _)| at).collect(),
            findings: Vec::new(),
            path: Vec::new(),
        }
    }

    pub(super) fn offset(&self, marker: &Marker) -> usize {
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

    pub(super) fn document(&mut self) -> Result<Node, ScanError> {
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

    /// Checks that nothing follows the first document.
    fn end(&mut self) -> Result<(), ScanError> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(()),
                Event::DocumentStart(_) => {
                    self.refuse(span, "a second YAML document", "keep one document per file");
                }
                _ => {}
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Range<usize>) -> Result<Node, ScanError> {
        let nests = matches!(event, Event::SequenceStart(..) | Event::MappingStart(..));
        if nests && self.path.len() >= DEPTH {
            let message = format!("nested deeper than {DEPTH} levels");
            self.refuse(span.clone(), &message, "move the inner parts to components");
            self.skip()?;
            return Ok(null(span));
        }
        match event {
            Event::Scalar(text, style, _, tag) => {
                let value =
                    Scalar::parse_from_cow_and_metadata(text, style, tag.as_ref()).and_then(scalar);
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
                    "write the content out, or use a `$ref`",
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
                let end = elements
                    .last()
                    .map_or(span.end, |last: &Node| last.span.end);
                return Ok(Node {
                    span: start.start..end.max(start.end),
                    data: Data::List(elements),
                });
            }
            self.path.push(elements.len().to_string());
            let node = self.node(event, span);
            self.path.pop();
            elements.push(node?);
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
            self.path.push(escape(&key.text));
            let node = self.node(event, span);
            self.path.pop();
            if let Some(first) = seen.get(&key.text) {
                let finding = Finding::new(
                    Rule::Syntax,
                    self.pointer(),
                    key.span.clone(),
                    format!("the key `{}` is used twice", key.text),
                    "remove one of the two, because a parser would silently keep only one",
                );
                self.findings.push(finding.with_first(first.clone()));
            } else {
                seen.insert(key.text.clone(), key.span.clone());
            }
            entries.push((key, node?));
        }
    }

    fn refuse(&mut self, span: Range<usize>, message: &str, help: &str) {
        let finding = Finding::new(Rule::Syntax, self.pointer(), span, message, help);
        self.findings.push(finding);
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            pointer.push('/');
            pointer.push_str(step);
        }
        pointer
    }

    /// Skips the rest of a list or mapping that has just started.
    fn skip(&mut self) -> Result<(), ScanError> {
        let mut open = 1;
        while open > 0 {
            match self.next()?.0 {
                Event::SequenceStart(..) | Event::MappingStart(..) => open += 1,
                Event::SequenceEnd | Event::MappingEnd => open -= 1,
                Event::StreamEnd => return Ok(()),
                _ => {}
            }
        }
        Ok(())
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

/// Ends a block scalar's span with its text. The parser's span runs to the next token.
fn trim(text: &str, span: Range<usize>, style: ScalarStyle) -> Range<usize> {
    if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
        let kept = text[span.clone()].trim_end().len();
        return span.start..span.start + kept;
    }
    span
}
