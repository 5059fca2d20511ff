//! `smartcar-model/src/generated/v3/mapping.rs`: what each body of v2.0 is made
//! of on version 3, as data.
//!
//! Invariant: no code is generated, so that one interpreter serves all rows.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::rust::{self, literal};
use crate::api::{Api, Endpoint, Schema, Type};
use crate::source::{Key, Node};

/// The text of the file.
pub fn emit(v2: &Api) -> Result<String, String> {
    let rows = v2.endpoints.iter().filter_map(|endpoint| {
        let body = body(v2, endpoint, v2.mapping(endpoint)?);
        Some(literal!(EndpointMapping {
            path: endpoint.path,
            body: body
        }))
    });
    rust::file(
        &v2.file,
        "The version 3 sources of each v2.0 body.",
        quote! {
            use crate::endpoint::UnitInfo;
            use crate::v3::mapping::{
                Body, Constant, EndpointMapping, Form, Member, Need, Pick, Source,
            };

            /// One row for each endpoint of v2.0, in the order of its description.
            pub(crate) static MAPPING: &[EndpointMapping] = &[#(#rows),*];
        },
    )
}

fn body(v2: &Api, endpoint: &Endpoint, mapping: &Node) -> TokenStream {
    if let Some(reason) = mapping.text("none") {
        return literal!(Body::None(reason));
    }
    let kind = v2.schema(&endpoint.type_name).map(|schema| &schema.kind);
    if let Some(Type::List(element)) = kind {
        let place = Schema::new("", (**element).clone());
        return literal!(Body::List(source(v2, mapping, &place)));
    }
    literal!(Body::Object(members(v2, mapping, &endpoint.type_name)))
}

/// The members that have a source, or that the body cannot do without.
fn members(v2: &Api, sources: &Node, component: &str) -> Vec<TokenStream> {
    v2.places(sources, component)
        .filter(|(place, node)| node.get("none").is_none() || !place.is_optional())
        .map(|(place, node)| {
            let need = match (place.required, place.nullable) {
                (true, false) => quote!(Need::Required),
                (true, true) => quote!(Need::Nullable),
                (false, _) => quote!(Need::Optional),
            };
            let source = source(v2, node, place);
            literal!(Member {
                name: place.name,
                need: need,
                source: source
            })
        })
        .collect()
}

/// What fills a place of v2.0.
fn source(v2: &Api, node: &Node, place: &Schema) -> TokenStream {
    let members = |node: &Node| members(v2, node, place.kind.component().unwrap_or_default());
    let elements = |key| node.get(key).map(|list| list.elements().iter());
    if let Some(reason) = node.text("none") {
        literal!(Source::None(reason))
    } else if let Some(at) = node.text("vehicle") {
        literal!(Source::Vehicle(at))
    } else if let Some(at) = node.text("connection") {
        literal!(Source::Connection(at))
    } else if let Some(value) = node.get("constant") {
        literal!(Source::Constant(constant(value)))
    } else if let Some(sources) = elements("first") {
        let sources: Vec<_> = sources.map(|node| source(v2, node, place)).collect();
        literal!(Source::First(sources))
    } else if let Some(found) = node.get("members") {
        literal!(Source::Members(members(found)))
    } else if let Some(entries) = elements("entries") {
        literal!(Source::Entries(entries.map(members).collect::<Vec<_>>()))
    } else if let Some(each) = node.get("each") {
        literal!(Source::Each {
            list: pick(node, place),
            members: members(each)
        })
    } else {
        literal!(Source::Pick(pick(node, place)))
    }
}

fn pick(node: &Node, place: &Schema) -> TokenStream {
    let filter = node.get("where").map_or(&[][..], Node::entries).iter();
    let filter = filter.map(|(key, value)| (&key.text, constant(value)));
    literal!(Pick {
        signal: node.text("signal"),
        powertrain: node.texts("powertrain"),
        list: node.text("list"),
        filter: filter.collect::<Vec<_>>(),
        at: node.text("at").unwrap_or("/value"),
        form: form(node, place),
    })
}

/// How a value is written on v2.0.
fn form(node: &Node, place: &Schema) -> TokenStream {
    if let Some(values) = node.get("values") {
        let word =
            |(key, value): &(Key, Node)| Some((key.text.clone(), value.as_str()?.to_owned()));
        let words: Vec<_> = values.entries().iter().filter_map(word).collect();
        return literal!(Form::Values(words));
    }
    match place.kind {
        _ if node.text("form") == Some("minutes") => quote!(Form::Minutes),
        Type::DateTime => quote!(Form::Time),
        Type::Number | Type::Integer => {
            let range = node.get("plausible").map(Node::to_value);
            literal!(Form::Number {
                scale: node.number("scale").unwrap_or(1.0),
                unit: place.unit,
                plausible: range.and_then(|it| Some((it[0].as_f64()?, it[1].as_f64()?))),
            })
        }
        _ => quote!(Form::Plain),
    }
}

fn constant(node: &Node) -> TokenStream {
    match node.to_value() {
        Value::Bool(flag) => literal!(Constant::Flag(flag)),
        Value::Number(number) => literal!(Constant::Whole(number.as_i64().unwrap_or_default())),
        Value::String(text) => literal!(Constant::Text(text)),
        _ => quote!(Constant::Null),
    }
}
