//! `smartcar-model/src/generated/types.rs`: the types of progenitor's first run, refined
//! with our docs, attributes and decoders for irregular forms.
//!
//! Invariant: typify decides names and types; this pass only adds to them.

use ::progenitor::TypePatch;
use quote::quote;
use serde_json::{Map, Value, json};
use syn::punctuated::Punctuated;
use syn::{Field, Item, ItemStruct, Path, Token, parse_quote};

use super::{docs, progenitor, rust};
use crate::api::{Api, Schema, Type, Untyped};

/// The text of the file.
pub fn emit(api: &Api) -> Result<String, String> {
    let mut schemas = Map::new();
    let mut settings = progenitor::settings();
    // References need this schema, but the Rust type is hand-written.
    schemas.insert("DateTime".to_owned(), json!({ "type": "string" }));
    settings.with_replacement("DateTime", "crate::DateTime", std::iter::empty());
    settings.with_derive("PartialEq");
    for schema in &api.schemas {
        if schema.untyped == Some(Untyped::Shared) {
            schemas.insert(schema.name.clone(), json!({ "type": "string" }));
            let path = format!("crate::{}", schema.name);
            settings.with_replacement(&schema.name, path, std::iter::empty());
        }
    }
    for schema in api.typed() {
        schemas.insert(schema.name.clone(), progenitor::lower(&schema.kind, false));
        if schema.is_enum() {
            let path = format!("enums::{}", schema.name);
            settings.with_replacement(&schema.name, path, std::iter::empty());
        } else {
            settings.with_patch(
                &schema.name,
                TypePatch::default()
                    .with_attr("#[non_exhaustive]")
                    .with_attr(
                        "#[cfg_attr(feature = \"schemars\", derive(::schemars::JsonSchema))]",
                    ),
            );
        }
    }
    let document = progenitor::document(api, &json!({}), &Value::Object(schemas));
    let output = progenitor::run(&settings, document)?;
    let file = syn::parse2::<syn::File>(output.types).map_err(|error| error.to_string())?;
    let mut structs = Vec::new();
    let mut names = Vec::new();
    for schema in &api.schemas {
        for item in &file.items {
            if let Item::Struct(item) = item
                && item.ident == schema.name
            {
                structs.push(refine(api, schema, item.clone()));
                names.push(item.ident.clone());
            }
        }
    }
    rust::file(
        &api.file,
        "The responses: one type per endpoint, and the types they use.",
        quote! {
            use super::enums;

            #(#structs)*

            crate::lenient::lenient!(#(#names),*);
        },
    )
}

fn refine(api: &Api, schema: &Schema, mut item: ItemStruct) -> proc_macro2::TokenStream {
    item.attrs.retain(|attr| !attr.path().is_ident("doc"));
    let docs = docs::attributes(&docs::schema(api, schema));
    item.attrs.splice(0..0, docs);
    let mut readers = Vec::new();
    for field in &mut item.fields {
        let name = json_name(field);
        if let Some(property) = schema.properties().iter().find(|p| p.name == name) {
            let reader = wrapped(property).map(|key| reader(&item.ident, property, field, key));
            let path = reader.as_ref().map(|(path, _)| path.as_str());
            refine_field(api, property, field, path);
            readers.extend(reader.map(|(_, reader)| reader));
        }
    }
    let extra = match &schema.kind {
        Type::List(element) => list(schema, element, &mut item),
        _ if schema.properties().iter().any(|member| member.personal) => {
            redacting_debug(schema, &mut item)
        }
        _ => quote!(),
    };
    quote!(#item #extra #(#readers)*)
}

/// The key of an object that can hold the list.
fn wrapped(schema: &Schema) -> Option<&str> {
    let mut forms = schema.irregular.iter();
    forms.find_map(|form| form.strip_prefix("wrapped:"))
}

/// The reader of an optional list that an object can hold, and its path.
fn reader(
    name: &syn::Ident,
    property: &Schema,
    field: &Field,
    key: &str,
) -> (String, proc_macro2::TokenStream) {
    let function = quote::format_ident!("read_{}", crate::api::snake(&property.name));
    let kind = &field.ty;
    let reader = quote! {
        impl #name {
            fn #function<'de, D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<#kind, D::Error> {
                crate::lenient::read_wrapped_option(deserializer, #key)
            }
        }
    };
    (format!("{name}::{function}"), reader)
}

/// Replaces the derived `Debug` with one that redacts personal members.
fn redacting_debug(schema: &Schema, item: &mut ItemStruct) -> proc_macro2::TokenStream {
    for attr in &mut item.attrs {
        if !attr.path().is_ident("derive") {
            continue;
        }
        let derives = attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
        let kept = derives.into_iter().flatten();
        let kept = kept.filter(|path| !path.is_ident("Debug"));
        *attr = parse_quote!(#[derive(#(#kept),*)]);
    }
    let name = &item.ident;
    let fields = item.fields.iter().map(|field| {
        let json = json_name(field);
        let member = schema.properties().iter().find(|it| it.name == json);
        let field = &field.ident;
        let said = field.as_ref().map(ToString::to_string);
        let shown = match member.map(|member| (member.personal, member.is_optional())) {
            Some((true, true)) => quote!(&self.#field.as_ref().map(|_| crate::personal::Redacted)),
            Some((true, false)) => quote!(&crate::personal::Redacted),
            _ => quote!(&self.#field),
        };
        quote!(.field(#said, #shown))
    });
    let title = name.to_string();
    quote! {
        impl ::std::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(#title)#(#fields)*.finish()
            }
        }
    }
}

/// A list body is a newtype that derefs to a slice and decodes the irregular forms in the
/// spec.
fn list(schema: &Schema, inner: &Type, item: &mut ItemStruct) -> proc_macro2::TokenStream {
    let name = &item.ident;
    let element = quote::format_ident!("{}", inner.component().unwrap_or("String"));
    let wrapper = wrapped(schema);
    let reader = if wrapper.is_some() {
        format!("{name}::read")
    } else {
        "crate::lenient::read".to_owned()
    };
    if let Some(field) = item.fields.iter_mut().next() {
        field.attrs.push(docs::attribute(
            "The records, in the order of the response.",
        ));
        field
            .attrs
            .push(parse_quote!(#[serde(deserialize_with = #reader)]));
    }
    let read = wrapper.map(|key| {
        quote! {
            impl #name {
                fn read<'de, D: ::serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> ::std::result::Result<::std::vec::Vec<#element>, D::Error> {
                    crate::lenient::read_wrapped(deserializer, #key)
                }
            }
        }
    });
    quote! {
        impl ::std::ops::Deref for #name {
            type Target = [#element];
            fn deref(&self) -> &[#element] {
                &self.0
            }
        }
        #read
    }
}

/// Adds our docs and replaces typify's serde attributes with one. A missing or null
/// member is `None`; if it is required, it is serialised as null.
fn refine_field(api: &Api, property: &Schema, field: &mut Field, reader: Option<&str>) {
    field
        .attrs
        .retain(|attr| !attr.path().is_ident("doc") && !attr.path().is_ident("serde"));
    field
        .attrs
        .extend(docs::attributes(&docs::property(property)));
    let mut options = Vec::new();
    let rust_name = field.ident.as_ref().map(ToString::to_string);
    if rust_name.as_deref() != Some(&property.name) {
        let name = &property.name;
        options.push(quote!(rename = #name));
    }
    for alias in property
        .irregular
        .iter()
        .filter_map(|form| form.strip_prefix("spelling:"))
    {
        options.push(quote!(alias = #alias));
    }
    if property.is_optional() {
        options.push(quote!(default));
    }
    if !property.required {
        options.push(quote!(skip_serializing_if = "Option::is_none"));
    }
    if let Some(reader) = reader {
        options.push(quote!(deserialize_with = #reader));
    } else if needs_lenient_read(api, property) {
        options.push(quote!(deserialize_with = "crate::lenient::read"));
    }
    if !options.is_empty() {
        field.attrs.push(parse_quote!(#[serde(#(#options),*)]));
    }
}

/// Whether a member needs the lenient decoder. Plain scalars use serde's faster one.
/// Integers may arrive as integral floats, objects must not be decoded from arrays, and
/// the spec lists the other irregular forms.
fn needs_lenient_read(api: &Api, property: &Schema) -> bool {
    let forms = property
        .irregular
        .iter()
        .any(|form| ["text", "number", "invalid", "single", "epoch"].contains(&form.as_str()));
    let object = property
        .kind
        .component()
        .and_then(|name| api.schema(name))
        .is_some_and(|schema| matches!(schema.kind, Type::Object(_)));
    forms || object || matches!(property.kind, Type::Integer)
}

/// The name in JSON: serde's rename, or else the field's own name.
fn json_name(field: &Field) -> String {
    let attributes = &field.attrs;
    let attributes = quote!(#(#attributes)*).to_string();
    let renamed = attributes.split_once("rename = \"");
    let renamed = renamed.and_then(|(_, rest)| rest.split('"').next());
    renamed.map_or_else(
        || {
            field
                .ident
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default()
        },
        str::to_owned,
    )
}
