//! `smartcar-client/src/generated/`: `requests.rs`, progenitor's second run,
//! and `get.rs`, which finds the request of a batch path.
//!
//! Invariant: every operation answers a byte stream, whatever its status, so
//! that reading stays in one place: the model's decoder.

use quote::{ToTokens, format_ident, quote};
use serde_json::{Map, Value, json};

use super::{docs, progenitor, rust};
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
    // Both are empty here: the types are smartcar-model's.
    file.items
        .retain(|item| !matches!(item, syn::Item::Mod(module) if module.ident == "types" || module.ident == "prelude"));
    rust::file(
        &api.file,
        "One request method per operation.",
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
        "description": "The response as received.",
        "content": { "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } },
    });
    let mut lowered = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "description": docs::escape(&operation.description),
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
        "description": docs::escape(&parameter.description),
        "schema": match &parameter.kind {
            // Dates are passed on as they are written.
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
        // progenitor orders arguments: path, query, then headers.
        let query = (0..endpoint.operation.parameters_in("query")).map(|_| quote!(None));
        let units = (0..endpoint.operation.parameters_in("header")).map(|_| quote!(units));
        quote!(#path => client.#method(id, #(#query,)* #(#units),*).await,)
    });
    rust::file(
        &api.file,
        "The request for a batch path that is only known at run time.",
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
