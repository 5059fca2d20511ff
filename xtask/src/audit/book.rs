//! The spec, arranged for looking things up.
//!
//! Invariant: reads the document's tree, not the types made of it, so that
//! whatever the generators make of the spec cannot hide a deviation.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{component, json_content, operations, resolve};
use crate::source::{Node, Source, escape};

/// The irregular forms' key.
pub const IRREGULAR: &str = "x-smartcar-irregular";

/// A declared header.
#[derive(Debug, Clone)]
pub struct Header<'s> {
    /// Its schema.
    pub schema: &'s Node,
    /// Pointer to the schema, without the leading slash.
    pub home: String,
}

/// Declared headers by their names in lower case.
pub type Headers<'s> = BTreeMap<String, Header<'s>>;

/// An operation that can stand in a batch, or the batch itself.
#[derive(Debug)]
pub struct Entry<'s> {
    /// Schema of the 200 body.
    pub body: &'s Node,
    /// Headers of the 200 answer.
    pub headers: Headers<'s>,
    /// Pointer to the operation, without the leading slash.
    pub home: String,
}

/// The spec's facts.
#[derive(Debug)]
pub struct Book<'s> {
    /// The document.
    pub source: &'s Source,
    /// By batch path.
    pub entries: BTreeMap<String, Entry<'s>>,
    /// Headers of the outer answer.
    pub outer: Headers<'s>,
    /// Every declared header: what an error may come with.
    pub headers: Headers<'s>,
    /// Documented triples of type, code and status.
    pub errors: BTreeSet<(&'s str, Option<&'s str>, u16)>,
    /// Names and values that stand in the spec: showing them gives nothing away.
    pub words: BTreeSet<&'s str>,
}

impl<'s> Book<'s> {
    /// Reads a linted spec.
    pub fn new(source: &'s Source) -> Self {
        let root = &source.root;
        let mut book = Self {
            source,
            entries: BTreeMap::new(),
            outer: Headers::new(),
            headers: Headers::new(),
            errors: BTreeSet::new(),
            words: BTreeSet::new(),
        };
        for op in operations(root) {
            let home = format!("paths/{}/{}", escape(op.url), op.method);
            let Some(success) = op.success(root) else {
                continue;
            };
            let headers = headers(root, success, &format!("{home}/responses/200"));
            book.headers.extend(headers.clone());
            if op.node.text("operationId") == Some("batch") {
                book.outer.clone_from(&headers);
            }
            let body = json_content(success).and_then(|content| content.get("schema"));
            if let (Some(path), Some(body)) = (op.batch_path(root), body) {
                book.entries.insert(
                    path,
                    Entry {
                        body,
                        headers,
                        home,
                    },
                );
            }
        }
        if let Some(error) = source.at("/components/responses/Error") {
            book.headers
                .extend(headers(root, error, "components/responses/Error"));
        }
        book.read_errors();
        book.read_words();
        book
    }

    /// A component.
    pub fn schema(&self, name: &str) -> Option<&'s Node> {
        self.source
            .root
            .get("components")?
            .get("schemas")?
            .get(name)
    }

    /// Follows a reference: the name of the component, if it was one, and the schema.
    pub fn follow(&self, schema: &'s Node) -> (Option<&'s str>, &'s Node) {
        let schemas = self
            .source
            .at("/components/schemas")
            .map_or(&[][..], Node::entries);
        let found =
            component(schema).and_then(|name| schemas.iter().find(|(key, _)| key.text == name));
        match found {
            Some((key, node)) => (Some(key.text.as_str()), node),
            None => (None, schema),
        }
    }

    /// The irregular forms of a member: its own and those of its component.
    pub fn forms(&self, schema: &'s Node) -> Vec<&'s str> {
        let (name, target) = self.follow(schema);
        let beside = name.and_then(|_| schema.get(IRREGULAR));
        beside
            .into_iter()
            .chain(target.get(IRREGULAR))
            .flat_map(Node::elements)
            .filter_map(Node::as_str)
            .collect()
    }

    /// The advice on retrying that the first listed error of a type has.
    pub fn retry(&self, kind: &str) -> Option<&'s str> {
        let rows = self
            .source
            .at("/components/schemas/Error/x-smartcar-errors")?;
        let row = rows
            .elements()
            .iter()
            .find(|row| row.text("type") == Some(kind))?;
        row.text("retry")
    }

    /// The line of a node's key, or of the nearest one above that exists.
    pub fn line(&self, pointer: &str) -> usize {
        let mut pointer = pointer;
        while let Some((parent, step)) = pointer.rsplit_once('/') {
            let step = step.replace("~1", "/").replace("~0", "~");
            let key = self
                .source
                .at(parent)
                .and_then(|node| node.entries().iter().find(|(key, _)| key.text == step));
            if let Some((key, _)) = key {
                return self.source.line(key.span.start);
            }
            pointer = parent;
        }
        1
    }

    fn read_errors(&mut self) {
        let rows = self
            .source
            .at("/components/schemas/Error/x-smartcar-errors");
        for row in rows.map_or(&[][..], Node::elements) {
            let status = row.number("status").and_then(status);
            if let (Some(kind), Some(status)) = (row.text("type"), status) {
                let code = row.text("code");
                self.errors.insert((kind, code, status));
                self.words.extend(std::iter::once(kind).chain(code));
            }
        }
    }

    fn read_words(&mut self) {
        let schemas = self
            .source
            .at("/components/schemas")
            .map_or(&[][..], Node::entries);
        for (_, schema) in schemas {
            let members = schema.get("properties").map_or(&[][..], Node::entries);
            self.words
                .extend(members.iter().map(|(key, _)| key.text.as_str()));
            let values = schema.get("enum").map_or(&[][..], Node::elements);
            self.words.extend(values.iter().filter_map(Node::as_str));
        }
    }
}

/// A status as a number that HTTP knows.
pub fn status(number: f64) -> Option<u16> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "in range and whole, as checked beside it"
    )]
    ((100.0..1000.0).contains(&number) && number.fract() == 0.0).then_some(number as u16)
}

fn headers<'s>(root: &'s Node, response: &'s Node, home: &str) -> Headers<'s> {
    let declared = response.get("headers").map_or(&[][..], Node::entries);
    declared
        .iter()
        .filter_map(|(key, node)| {
            let schema = resolve(root, node)?.get("schema")?;
            let home = node.text("$ref").map_or_else(
                || format!("{home}/headers/{}/schema", escape(&key.text)),
                |reference| format!("{}/schema", reference.trim_start_matches("#/")),
            );
            Some((key.text.to_ascii_lowercase(), Header { schema, home }))
        })
        .collect()
}
