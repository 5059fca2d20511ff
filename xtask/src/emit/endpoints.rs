//! `smartcar-model/src/generated/`: `endpoints.rs`, which makes each body an
//! `Endpoint` and lists them all, and `mod.rs`, the re-exports by name.
//!
//! Invariant: what a make alone has is public only in that make's module.

use std::collections::BTreeMap;

use quote::{format_ident, quote};

use super::docs;
use crate::api::{Api, Endpoint, Kind, Schema, Type, Unit, pascal};

/// The text of `endpoints.rs`.
pub fn emit(api: &Api) -> Result<String, String> {
    let impls = api.endpoints.iter().map(|endpoint| {
        let name = format_ident!("{}", endpoint.type_name);
        let path = &endpoint.path;
        quote! {
            impl Endpoint for #name {
                const PATH: &'static str = #path;
            }
        }
    });
    let names = api
        .endpoints
        .iter()
        .map(|endpoint| format_ident!("{}", endpoint.type_name));
    let rows = api.endpoints.iter().map(|endpoint| row(api, endpoint));
    super::rust(
        &api.file,
        "Which body answers which path, and the table of all endpoints.",
        quote! {
            use super::types::{#(#names),*};
            use crate::endpoint::{Endpoint, EndpointInfo, FieldInfo, UnitInfo};

            #(#impls)*

            /// Every endpoint that the spec describes, in the spec's order.
            pub static ENDPOINTS: &[EndpointInfo] = &[#(#rows),*];
        },
    )
}

fn row(api: &Api, endpoint: &Endpoint) -> proc_macro2::TokenStream {
    let Endpoint {
        path,
        id,
        tag,
        summary,
        makes,
        ..
    } = endpoint;
    let kind = format_ident!("{}", endpoint.type_name);
    let type_path = type_path(api, &endpoint.type_name);
    let permission = super::option(endpoint.permission.as_deref());
    let fields = fields(api, &endpoint.type_name).into_iter().map(|field| {
        let Field {
            name,
            kind,
            optional,
            unit,
            ..
        } = field;
        let unit = super::unit(unit.as_ref());
        quote!(FieldInfo::new(#name, #kind, #optional, #unit))
    });
    quote! {
        EndpointInfo {
            path: #path,
            type_name: #type_path,
            operation_id: #id,
            tag: #tag,
            summary: #summary,
            permission: #permission,
            makes: &[#(#makes),*],
            fields: &[#(#fields),*],
            read: crate::body::known::<#kind>,
        }
    }
}

/// The Rust path of a type below `smartcar_model`.
pub fn type_path(api: &Api, type_name: &str) -> String {
    // Version 3 has signals and what belongs to them, and the resources.
    if api.signals().next().is_some() {
        return if api.signal_types().contains(type_name) {
            format!("v3::signal::{type_name}")
        } else {
            format!("v3::{type_name}")
        };
    }
    match api.make_of(type_name) {
        Some(make) => format!("{make}::{}", &type_name[pascal(make).len()..]),
        None => type_name.to_owned(),
    }
}

/// A field of a body, nested ones with their path.
#[derive(Debug, Clone)]
pub struct Field {
    /// `paging.count`, `systems[].status`.
    pub name: String,
    /// `number`, `string`, `ChargeState`, …
    pub kind: String,
    /// Whether it can be missing or null.
    pub optional: bool,
    /// Its unit.
    pub unit: Option<Unit>,
    /// The component that it is a property of.
    pub owner: String,
}

/// Every field of a body, in the order of the spec.
pub fn fields(api: &Api, type_name: &str) -> Vec<Field> {
    let mut found = Vec::new();
    if let Some(schema) = api.schema(type_name) {
        collect(api, schema, "", &mut found, 0);
    }
    found
}

fn collect(api: &Api, schema: &Schema, prefix: &str, found: &mut Vec<Field>, depth: usize) {
    let properties = match &schema.kind {
        Kind::Object(properties) => properties,
        Kind::List(inner) => {
            if let Some(schema) = inner.component().and_then(|name| api.schema(name)) {
                collect(api, schema, &format!("{prefix}[]."), found, depth);
            }
            return;
        }
        _ => return,
    };
    for property in properties {
        let name = format!("{prefix}{}", property.name);
        let inner = property.kind.component().and_then(|name| api.schema(name));
        found.push(Field {
            name: name.clone(),
            kind: kind(&property.kind),
            optional: !property.required || property.nullable,
            unit: property.unit.clone(),
            owner: schema.name.clone(),
        });
        if let Some(inner) = inner
            && matches!(inner.kind, Kind::Object(_))
            && depth < 8
        {
            let list = if matches!(property.kind, Type::List(_)) {
                "[]"
            } else {
                ""
            };
            collect(api, inner, &format!("{name}{list}."), found, depth + 1);
        }
    }
}

/// The name of a type in the tables.
pub fn kind(kind: &Type) -> String {
    match kind {
        Type::Boolean => "boolean".to_owned(),
        Type::Integer => "integer".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Text => "string".to_owned(),
        Type::DateTime => "date-time".to_owned(),
        Type::Component(name) => name.clone(),
        Type::List(inner) => format!("list of {}", self::kind(inner)),
        Type::Any => "any".to_owned(),
    }
}

/// The text of `mod.rs`.
pub fn emit_module(api: &Api) -> Result<String, String> {
    let typed = api.typed();
    let mut common = (Vec::new(), Vec::new());
    let mut makes: BTreeMap<&str, Vec<proc_macro2::TokenStream>> = BTreeMap::new();
    for schema in api
        .schemas
        .iter()
        .filter(|schema| typed.contains(&schema.name))
    {
        let name = format_ident!("{}", schema.name);
        let is_enum = matches!(schema.kind, Kind::Enum(_));
        if let Some(make) = api.make_of(&schema.name) {
            let short = format_ident!("{}", &schema.name[pascal(make).len()..]);
            let module = format_ident!("{}", if is_enum { "enums" } else { "types" });
            makes
                .entry(make)
                .or_default()
                .push(quote!(pub use super::#module::#name as #short;));
        } else if is_enum {
            common.0.push(name);
        } else {
            common.1.push(name);
        }
    }
    let (enums, types) = common;
    let modules = makes.iter().map(|(make, uses)| {
        let doc = docs::attribute(&format!("What only {make} vehicles answer."));
        let module = format_ident!("{make}");
        quote!(#doc pub mod #module { #(#uses)* })
    });
    super::rust(
        &api.file,
        "Re-exports of the generated items.",
        quote! {
            mod endpoints;
            mod enums;
            mod errors;
            #[cfg(feature = "uom")]
            pub(crate) mod quantities;
            #[cfg(feature = "schemars")]
            mod schemas;
            mod types;
            pub(crate) mod v3;

            pub use endpoints::ENDPOINTS;
            pub use enums::{#(#enums),*};
            pub use errors::ERRORS;
            #[cfg(feature = "schemars")]
            pub use schemas::json_schemas;
            pub use types::{#(#types),*};

            #(#modules)*
        },
    )
}
