//! `smartcar-client/src/generated/`: `requests.rs`, from progenitor's second run, and
//! `get.rs`, which finds the request for a batch path.
//!
//! Invariant: every operation returns the response as it came, whatever its status, so
//! that only the model's decoder reads responses.

use quote::{ToTokens, format_ident, quote};
use serde_json::{Map, Value, json};

use super::{docs, lean, progenitor, rust};
use crate::api::{Api, Operation, Parameter, Type};

/// The text of `requests.rs`.
pub fn emit(api: &Api) -> Result<String, String> {
    let mut settings = progenitor::settings();
    let mut schemas = Map::new();
    let mut paths: Map<String, Value> = Map::new();
    for operation in api.requests() {
        for name in components(operation) {
            schemas.insert(name.to_owned(), json!({ "type": "string" }));
            let path = format!("smartcar_model::{name}");
            let display = [::progenitor::TypeImpl::Display].into_iter();
            settings.with_replacement(name, path, display);
        }
        paths
            .entry(operation.url.clone())
            .or_insert_with(|| json!({}))[&operation.method] = lower(operation);
    }
    let document = progenitor::document(api, &Value::Object(paths), &Value::Object(schemas));
    let output = progenitor::run(&settings, document)?;
    let mut file = syn::parse2::<syn::File>(output.client).map_err(|error| error.to_string())?;
    file.items.iter_mut().for_each(drop_constructor);
    // Both are empty, because the types are in smartcar-model.
    file.items
        .retain(|item| !matches!(item, syn::Item::Mod(module) if module.ident == "types" || module.ident == "prelude"));
    lean::lean(&mut file.items)?;
    rust::file(
        &api.file,
        "The requests, with one method per operation.",
        file.into_token_stream(),
    )
}

/// Removes progenitor's `Client::new`. It creates a `reqwest::Client` that times out after
/// 15 s, follows redirects and can panic, but the API may take 300 s.
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
}

fn lower(operation: &Operation) -> Value {
    let bytes = json!({
        "description": "The raw response.",
        "content": { "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } },
    });
    let mut lowered = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "description": docs::escape(&operation.description),
        "parameters": operation.parameters.iter().map(parameter).collect::<Vec<_>>(),
        "responses": { "2XX": bytes, "default": bytes },
    });
    if operation.request.is_some() {
        lowered["requestBody"] = json!({
            "required": true,
            "content": { "application/octet-stream": {
                "schema": { "type": "string", "format": "binary" },
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
        "description": docs::escape(&parameter.description),
        "schema": match &parameter.kind {
            // Dates are passed on unchanged.
            Type::DateTime => json!({ "type": "string" }),
            kind => progenitor::lower(kind, false),
        },
    })
}

/// The text of `get.rs`.
pub fn emit_get(api: &Api) -> Result<String, String> {
    let arms = api.endpoints.iter().map(|endpoint| {
        let method = format_ident!("{}", endpoint.operation.id);
        let path = &endpoint.path;
        // progenitor's argument order: path, query, headers.
        let query = (0..endpoint.operation.parameters_in("query")).map(|_| quote!(None));
        let units = (0..endpoint.operation.parameters_in("header")).map(|_| quote!(units));
        quote!(#path => client.#method(id, #(#query,)* #(#units),*).await,)
    });
    rust::file(
        &api.file,
        "The request for a batch path that is only known at run time.",
        quote! {
            use super::requests::{ByteStream, Client, Error};
            use smartcar_model::UnitSystem;

            /// Requests one endpoint by its batch path; `None` if the path is not in the spec.
            pub async fn get(
                client: &Client,
                path: &str,
                id: &str,
                units: Option<&UnitSystem>,
            ) -> Option<Result<reqwest::Response, Error<ByteStream>>> {
                Some(match path {
                    #(#arms)*
                    _ => return None,
                })
            }
        },
    )
}
