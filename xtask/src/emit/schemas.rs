//! `smartcar-model/src/generated/schemas.rs`: the JSON Schema of every type by component
//! name, behind the feature `schemars`.
//!
//! Invariant: the schemas come from the Rust types, not from the spec. A test compares
//! the two.

use quote::{format_ident, quote};

use super::rust;
use crate::api::Api;

/// The text of the file.
pub fn emit(api: &Api) -> Result<String, String> {
    let rows = api.typed().map(|schema| {
        let name = &schema.name;
        let kind = format_ident!("{name}");
        let module = format_ident!("{}", if schema.is_enum() { "enums" } else { "types" });
        quote!((#name, generator.root_schema_for::<super::#module::#kind>()))
    });
    rust::file(
        &api.file,
        "The JSON Schema of every type.",
        quote! {
            use schemars::{Schema, SchemaGenerator};

            /// The JSON Schema (2020-12) of every type in the API's responses, by the
            /// name of its component in the spec.
            pub fn json_schemas() -> Vec<(&'static str, Schema)> {
                let mut generator = SchemaGenerator::default();
                vec![#(#rows),*]
            }
        },
    )
}
