//! The generators' model of a spec: endpoints, schemas, errors.
//!
//! Invariant: built only from a spec without lint findings, and in the order of the
//! file, so that tables have the order of the spec.

mod document;
mod errors;
mod names;
mod operation;
mod schema;

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Node, Source};

pub use document::{
    METHODS, RawOperation, VEHICLE_PREFIX, component, json_content, operations, resolve,
};
pub use errors::ErrorEntry;
pub use names::{group, pascal, snake, variants};
pub use operation::{Endpoint, Operation, Parameter};
pub use schema::{Schema, Signal, Type, Unit, Untyped};

/// One version of the API.
#[derive(Debug, Clone)]
pub struct Api {
    /// The spec file's name, for banners.
    pub file: String,
    /// `info.version`.
    pub version: String,
    /// The endpoints that can be batched.
    pub endpoints: Vec<Endpoint>,
    /// Every operation, in the order of the file.
    pub operations: Vec<Operation>,
    /// The schemas of `components`, in the order of the file.
    pub schemas: Vec<Schema>,
    /// The catalogue of API errors.
    pub errors: Vec<ErrorEntry>,
    /// The mappings of bodies to version 3 (`x-smartcar-v3`), by component.
    mappings: BTreeMap<String, Node>,
}

/// A field of a body, nested ones with their path.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    /// `paging.count`, `systems[].status`.
    pub name: String,
    /// The component that has this property.
    pub owner: &'a str,
    /// The property.
    pub property: &'a Schema,
}

impl Api {
    /// Reads a linted spec.
    pub fn read(source: &Source) -> Self {
        let root = &source.root;
        let batchable = operations(root).filter(|op| op.batch_path(root).is_some());
        let components = document::components(root).iter();
        let mappings = components
            .filter_map(|(key, node)| Some((key.text.clone(), node.get("x-smartcar-v3")?.clone())));
        Self {
            file: source.name.clone(),
            version: root
                .get("info")
                .map_or_else(String::new, |info| document::prose(info, "version")),
            endpoints: batchable
                .filter_map(|op| Endpoint::read(root, &op))
                .collect(),
            operations: operations(root)
                .map(|op| Operation::read(root, &op))
                .collect(),
            errors: errors::read(root),
            schemas: schema::read(root),
            mappings: mappings.collect(),
        }
    }

    /// The schema with this name.
    pub fn schema(&self, name: &str) -> Option<&Schema> {
        self.schemas.iter().find(|schema| schema.name == name)
    }

    /// The mapping of an endpoint's body to version 3.
    pub fn mapping(&self, endpoint: &Endpoint) -> Option<&Node> {
        self.mappings.get(&endpoint.type_name)
    }

    /// The properties of a component that have a source, each with the source.
    pub fn places<'a>(
        &'a self,
        sources: &'a Node,
        component: &str,
    ) -> impl Iterator<Item = (&'a Schema, &'a Node)> {
        let properties = self.schema(component).map_or(&[][..], Schema::properties);
        sources.entries().iter().filter_map(|(key, source)| {
            let mut properties = properties.iter();
            Some((properties.find(|it| it.name == key.text)?, source))
        })
    }

    /// The operations on the API's own server. A request is generated for each.
    pub fn requests(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(|op| !op.elsewhere)
    }

    /// The schemas that get a Rust type: those that a GET's success body, a request
    /// body or a parameter reaches. Batch responses and error objects have
    /// hand-written decoders. Envelopes and types shared with v2.0 get no type.
    pub fn typed(&self) -> impl Iterator<Item = &Schema> {
        let asked = self.requests().flat_map(|op| {
            let body = op.body.as_deref().filter(|_| op.method == "get");
            let parameters = op.parameters.iter();
            let parameters = parameters.filter_map(|parameter| parameter.kind.component());
            parameters.chain(body).chain(op.request.as_deref())
        });
        // The public crate has the unit system even if no operation takes it.
        let asked = asked.chain(["UnitSystem"]);
        // No reference leads to a signal: the code decides which one a body is.
        let reached = self.reached(asked.chain(self.signals().map(|(name, _)| name)));
        self.schemas
            .iter()
            .filter(move |schema| reached.contains(schema.name.as_str()))
    }

    fn reached<'a>(&'a self, from: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let mut waiting: Vec<_> = from.filter_map(|name| self.schema(name)).collect();
        let mut reached = BTreeMap::new();
        while let Some(schema) = waiting.pop() {
            if reached.insert(schema.name.as_str(), schema).is_none() {
                waiting.extend(schema.references().filter_map(|name| self.schema(name)));
            }
        }
        reached.retain(|_, schema| schema.untyped.is_none());
        reached.into_keys().collect()
    }

    /// The signals with the names of their types, in the order of the file.
    pub fn signals(&self) -> impl Iterator<Item = (&str, &Signal)> {
        self.schemas
            .iter()
            .filter_map(|schema| Some((schema.name.as_str(), schema.signal.as_ref()?)))
    }

    /// The signals and the types they use, each with its group's module and its name
    /// there. Types that several groups use have no module.
    pub fn signal_types(&self) -> BTreeMap<&str, (Option<&str>, &str)> {
        let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, signal) in self.signals() {
            groups.entry(&signal.module).or_default().push(name);
        }
        let mut types = BTreeMap::new();
        for (module, names) in groups {
            for name in self.reached(names.into_iter()) {
                let place = types.entry(name).or_insert((Some(module), name));
                if place.0 != Some(module) {
                    place.0 = None;
                }
            }
        }
        for (name, signal) in self.signals() {
            types.insert(name, (Some(signal.module.as_str()), signal.name.as_str()));
        }
        types
    }

    /// Every type in an endpoint's body.
    pub fn body_types(&self) -> BTreeSet<&str> {
        self.reached(self.endpoints.iter().map(|it| it.type_name.as_str()))
    }

    /// The endpoints whose bodies use a signal of version 3.
    pub fn made_of<'a>(&'a self, signal: &'a str) -> impl Iterator<Item = &'a Endpoint> {
        let endpoints = self.endpoints.iter();
        endpoints.filter(move |it| self.mapping(it).is_some_and(|it| reads(it, signal)))
    }

    /// The make at the start of a type's name, if there is one, and the rest of the name.
    pub fn make_of<'a>(&'a self, type_name: &'a str) -> Option<(&'a str, &'a str)> {
        self.endpoints
            .iter()
            .map(|endpoint| endpoint.tag.as_str())
            .filter(|tag| *tag != "vehicle")
            .find_map(|tag| {
                let rest = type_name.strip_prefix(pascal(tag).as_str())?;
                rest.starts_with(char::is_uppercase).then_some((tag, rest))
            })
    }

    /// The Rust path of a type below `smartcar_model`.
    pub fn type_path(&self, type_name: &str) -> String {
        // Version 3 has signals with their types, and resources.
        if self.signals().next().is_some() {
            return match self.signal_types().get(type_name) {
                None => format!("v3::{type_name}"),
                Some((None, name)) => format!("v3::signal::{name}"),
                Some((Some(module), name)) => format!("v3::signal::{module}::{name}"),
            };
        }
        match self.make_of(type_name) {
            Some((make, short)) => format!("{make}::{short}"),
            None => type_name.to_owned(),
        }
    }

    /// Every field of a body, in the order of the spec.
    pub fn fields(&self, type_name: &str) -> Vec<Field<'_>> {
        let mut found = Vec::new();
        if let Some(schema) = self.schema(type_name) {
            self.collect(schema, "", &mut found, 0);
        }
        found
    }

    fn collect<'a>(
        &'a self,
        schema: &'a Schema,
        prefix: &str,
        found: &mut Vec<Field<'a>>,
        depth: usize,
    ) {
        if let Type::List(element) = &schema.kind
            && let Some(element) = element.component().and_then(|name| self.schema(name))
        {
            self.collect(element, &format!("{prefix}[]."), found, depth);
        }
        for property in schema.properties() {
            let name = format!("{prefix}{}", property.name);
            let list = matches!(property.kind, Type::List(_));
            let below = format!("{name}{}.", if list { "[]" } else { "" });
            found.push(Field {
                name,
                owner: &schema.name,
                property,
            });
            let inner = property.kind.component().and_then(|name| self.schema(name));
            if let Some(inner) = inner
                && matches!(inner.kind, Type::Object(_))
                && depth < 8
            {
                self.collect(inner, &below, found, depth + 1);
            }
        }
    }

    /// Whether any field of the body changes with the unit system.
    pub fn has_units(&self, type_name: &str) -> bool {
        let mut fields = self.fields(type_name).into_iter();
        fields.any(|field| matches!(field.property.unit, Some(Unit::System { .. })))
    }
}

/// Whether a source, or one nested in it, reads this signal.
fn reads(source: &Node, signal: &str) -> bool {
    let members = source.entries().iter().map(|(_, node)| node);
    let mut within = members.chain(source.elements());
    source.text("signal") == Some(signal) || within.any(|node| reads(node, signal))
}
