//! `smartcar-model/src/generated/enums.rs`: one open enum per string component with
//! listed values.
//!
//! Invariant: only names and values are generated; the behaviour of open enums is
//! hand-written in `open_enum!`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{docs, rust};
use crate::api::{Api, Schema, Type, variants};

/// The text of the file.
pub fn emit(api: &Api) -> Result<String, String> {
    let mut text = rust::banner(&api.file);
    text.push_str("//! The known values of string members. Each set is open.\n");
    for schema in api.typed() {
        if let Type::Enum(values) = &schema.kind {
            text.push('\n');
            text.push_str(&format_macro(open_enum(api, schema, values))?);
        }
    }
    Ok(text)
}

fn open_enum(api: &Api, schema: &Schema, values: &[(String, String)]) -> TokenStream {
    let name = format_ident!("{}", schema.name);
    let docs = docs::attributes(&docs::schema(api, schema));
    let variants = variants(values.iter().map(|(value, _)| value.as_str()));
    let arms = values.iter().zip(variants);
    let arms = arms.map(|((value, text), variant)| {
        let variant = format_ident!("{variant}");
        let docs = docs::attributes(&format!("{} (`{value}`)", docs::escape(text)));
        quote!(#(#docs)* #variant = #value,)
    });
    quote!(#(#docs)* pub enum #name { #(#arms)* })
}

/// Formats the body as a real enum, because prettyplease does not format macro bodies.
fn format_macro(tokens: TokenStream) -> Result<String, String> {
    let inner = syn::parse2::<syn::ItemEnum>(tokens).map_err(|error| error.to_string())?;
    let mut text = String::from("crate::open_enum! {\n");
    for line in rust::item(syn::Item::Enum(inner)).lines() {
        if !line.is_empty() {
            text.push_str("    ");
            text.push_str(line);
        }
        text.push('\n');
    }
    text.push_str("}\n");
    Ok(text)
}
