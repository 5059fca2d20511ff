//! `smartcar-client/src/generated/`: `requests.rs`, progenitor's second run,
//! and `get.rs`, which finds the request of a batch path.
//!
//! Invariant: every operation answers a byte stream, whatever its status, so
//! that reading stays in one place: the model's decoder.

use quote::{ToTokens, format_ident, quote};
use serde_json::{Map, Value, json};

use crate::api::{Api, Operation, Parameter, Type};

/// The text of `requests.rs`.
pub fn emit(api: &Api) -> Result<String, String> {
    let mut settings = super::progenitor::settings();
    let mut schemas = Map::new();
    let mut paths: Map<String, Value> = Map::new();
    for operation in api.operations.iter().filter(|op| !op.elsewhere) {
        for name in components(operation) {
            schemas.insert(name.to_owned(), json!({ "type": "string" }));
            let path = format!("smartcar_model::{name}");
            let display = [progenitor::TypeImpl::Display].into_iter();
            settings.with_replacement(name, path, display);
        }
        paths
            .entry(operation.url.clone())
            .or_insert_with(|| json!({}))[&operation.method] = lower(operation);
    }
    let document = super::progenitor::document(api, &Value::Object(paths), &Value::Object(schemas));
    let output = super::progenitor::run(&settings, document)?;
    let mut file = syn::parse2::<syn::File>(output.client).map_err(|error| error.to_string())?;
    file.items.iter_mut().for_each(drop_constructor);
    // Both are empty here: the types are smartcar-model's.
    file.items
        .retain(|item| !matches!(item, syn::Item::Mod(module) if module.ident == "types" || module.ident == "prelude"));
    super::rust(
        &api.file,
        "How to ask: one method an operation.",
        file.into_token_stream(),
    )
}

/// progenitor's `Client::new` makes a `reqwest::Client` of its own that gives
/// up after 15 s, follows redirects and panics: not for an API that may take 300.
fn drop_constructor(item: &mut syn::Item) {
    if let syn::Item::Impl(block) = item
        && block.trait_.is_none()
    {
        block.items.retain(
            |member| !matches!(member, syn::ImplItem::Fn(method) if method.sig.ident == "new"),
        );
    }
}

fn components(operation: &Operation) -> impl Iterator<Item = &str> {
    operation
        .parameters
        .iter()
        .filter_map(|parameter| parameter.kind.component())
        .chain(operation.request.as_deref())
}

fn lower(operation: &Operation) -> Value {
    let bytes = json!({
        "description": "The answer as it came.",
        "content": { "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } },
    });
    let mut lowered = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "description": super::docs::escape(&operation.description),
        "parameters": operation.parameters.iter().map(parameter).collect::<Vec<_>>(),
        "responses": { "2XX": bytes, "default": bytes },
    });
    if let Some(name) = &operation.request {
        lowered["requestBody"] = json!({
            "required": true,
            "content": { "application/json": {
                "schema": { "$ref": format!("#/components/schemas/{name}") },
            } },
        });
    }
    lowered
}

fn parameter(parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": super::docs::escape(&parameter.description),
        "schema": match &parameter.kind {
            // Dates are passed on as they are written.
            Type::DateTime => json!({ "type": "string" }),
            kind => super::progenitor::lower(kind, false),
        },
    })
}

/// The text of `get.rs`.
pub fn emit_get(api: &Api) -> Result<String, String> {
    let arms = api.endpoints.iter().filter_map(|endpoint| {
        let operation = api.operations.iter().find(|op| op.id == endpoint.id)?;
        let method = format_ident!("{}", endpoint.id);
        let path = &endpoint.path;
        // progenitor orders arguments: path, query, then headers.
        let query = operation
            .parameters
            .iter()
            .filter(|parameter| parameter.place == "query")
            .map(|_| quote!(None));
        let units = operation
            .parameters
            .iter()
            .filter(|parameter| parameter.place == "header")
            .map(|_| quote!(units));
        Some(quote!(#path => client.#method(id, #(#query,)* #(#units),*).await,))
    });
    super::rust(
        &api.file,
        "The request of a batch path, for who knows the endpoint only at run time.",
        quote! {
            use super::requests::{ByteStream, Client, Error, ResponseValue};
            use smartcar_model::UnitSystem;

            /// Asks one endpoint by its batch path; `None` for a path that the spec does not know.
            pub async fn get(
                client: &Client,
                path: &str,
                id: &str,
                units: Option<&UnitSystem>,
            ) -> Option<Result<ResponseValue<ByteStream>, Error<ByteStream>>> {
                Some(match path {
                    #(#arms)*
                    _ => return None,
                })
            }
        },
    )
}

/// The line that takes in what progenitor made.
fn requests_module() -> proc_macro2::TokenStream {
    quote! {
        #[allow(
            unreachable_patterns,
            missing_docs,
            clippy::all,
            clippy::pedantic,
            reason = "progenitor matches every status, then adds an arm for the rest"
        )]
        mod requests;
    }
}

/// The text of `mod.rs`.
pub fn emit_module(api: &Api) -> Result<String, String> {
    let requests = requests_module();
    super::rust(
        &api.file,
        "Re-exports of the generated items.",
        quote! {
            mod get;
            #requests
            /// The requests of version 3 of the API.
            pub mod v3;

            pub use get::get;
            pub use requests::{ByteStream, Client, ClientInfo, Error, ResponseValue};
        },
    )
}

/// The text of version 3's `mod.rs`.
pub fn emit_signals_module(api: &Api) -> Result<String, String> {
    let requests = requests_module();
    super::rust(
        &api.file,
        "Re-exports of the generated items.",
        quote! {
            #requests

            pub use requests::{ByteStream, Client, ClientInfo, Error, ResponseValue};
        },
    )
}
