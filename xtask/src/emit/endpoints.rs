//! `smartcar-model/src/generated/endpoints.rs`: makes each body an `Endpoint`,
//! and lists them all.
//!
//! Invariant: one row for each path that can stand in a batch.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::rust::{self, literal};
use crate::api::{Api, Endpoint, Field};

/// The text of the file.
pub fn emit(api: &Api) -> Result<String, String> {
    let endpoints = &api.endpoints;
    let names = endpoints.iter().map(|it| format_ident!("{}", it.type_name));
    let impls = endpoints
        .iter()
        .map(|it| implementation(&it.type_name, &it.path));
    let rows = endpoints.iter().map(|endpoint| row(api, endpoint));
    rust::file(
        &api.file,
        "The path of each body, and the table of all endpoints.",
        quote! {
            use super::types::{#(#names),*};
            use crate::endpoint::{Endpoint, EndpointInfo, FieldInfo, UnitInfo};

            #(#impls)*

            /// Every endpoint that the spec describes, in the spec's order.
            pub static ENDPOINTS: &[EndpointInfo] = &[#(#rows),*];
        },
    )
}

/// What makes a body an endpoint.
pub(super) fn implementation(type_name: &str, path: &str) -> TokenStream {
    let name = format_ident!("{type_name}");
    quote! {
        #[diagnostic::do_not_recommend]
        impl Endpoint for #name {
            const PATH: &'static str = #path;
        }
    }
}

fn row(api: &Api, endpoint: &Endpoint) -> TokenStream {
    let kind = format_ident!("{}", endpoint.type_name);
    let field = |field: Field<'_>| {
        let (name, kind) = (field.name, field.property.kind.name());
        let optional = field.property.is_optional();
        let unit = rust::Literal::literal(&field.property.unit);
        quote!(FieldInfo::new(#name, #kind, #optional, #unit))
    };
    let fields: Vec<_> = api
        .fields(&endpoint.type_name)
        .into_iter()
        .map(field)
        .collect();
    literal!(EndpointInfo {
        path: endpoint.path,
        type_name: api.type_path(&endpoint.type_name),
        operation_id: endpoint.operation.id,
        tag: endpoint.tag,
        summary: endpoint.operation.summary,
        permission: endpoint.permission,
        makes: endpoint.makes,
        fields: fields,
        read: quote!(crate::body::known::<#kind>),
    })
}
