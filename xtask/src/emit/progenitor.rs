//! The settings for both progenitor runs, and the guard against its panics.
//!
//! Invariant: no panic of a library reaches the maintainer. The lint makes the known
//! ones unreachable; any other becomes a finding.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use ::progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value, json};

use crate::api::{Api, Schema, Type};

/// The settings for both runs. Each run adds its replacements.
pub(super) fn settings() -> GenerationSettings {
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::Session))
        .with_map_type("::std::collections::BTreeMap");
    settings
}

/// The output of one run.
#[derive(Debug)]
pub(super) struct Output {
    /// The requests.
    pub(super) client: TokenStream,
    /// The types.
    pub(super) types: TokenStream,
}

thread_local! {
    /// Whether a panic of this thread becomes a finding.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Does not print panics that become findings. The hook is the process's: other threads
/// may run progenitor too.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                print(panic);
            }
        }));
    });
}

/// Runs progenitor on a lowered document.
pub(super) fn run(settings: &GenerationSettings, document: Value) -> Result<Output, String> {
    let document: openapiv3::OpenAPI =
        serde_json::from_value(document).map_err(|error| error.to_string())?;
    quiet_panics();
    QUIET.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut generator = Generator::new(settings);
        let client = generator.generate_tokens(&document)?;
        let types = generator.get_type_space().to_stream();
        Ok::<_, ::progenitor::Error>(Output { client, types })
    }));
    QUIET.set(false);
    match outcome {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(error)) => Err(error.to_string()),
        Err(panic) => Err(panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "no message".to_owned())),
    }
}

/// An OpenAPI document with these paths and schemas.
pub(super) fn document(api: &Api, paths: &Value, schemas: &Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": { "title": format!("Smartcar v{}", api.version), "version": api.version },
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

/// The schema for which typify chooses our Rust type.
pub(super) fn lower(kind: &Type, nullable: bool) -> Value {
    let reference = |name: &str| {
        let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
        if nullable {
            json!({ "allOf": [reference], "nullable": true })
        } else {
            reference
        }
    };
    match kind {
        Type::Boolean => json!({ "type": "boolean", "nullable": nullable }),
        Type::Integer => json!({ "type": "integer", "format": "int64", "nullable": nullable }),
        Type::Number => json!({ "type": "number", "format": "double", "nullable": nullable }),
        Type::Text => json!({ "type": "string", "nullable": nullable }),
        Type::DateTime => reference("DateTime"),
        Type::Component(name) => reference(name),
        Type::List(inner) => {
            json!({ "type": "array", "items": lower(inner, false), "nullable": nullable })
        }
        Type::Enum(_) => json!({ "type": "string" }),
        Type::Object(properties) => {
            let required = properties.iter().filter(|property| property.required);
            let required: Vec<_> = required.map(|property| &property.name).collect();
            let property = |property: &Schema| {
                // A list that may be missing or null is an `Option`. By default typify
                // makes a missing list an empty one, which is not what the response said.
                let optional_list = matches!(property.kind, Type::List(_)) && !property.required;
                let lowered = lower(&property.kind, property.nullable || optional_list);
                (property.name.clone(), lowered)
            };
            let properties: Map<_, _> = properties.iter().map(property).collect();
            json!({ "type": "object", "required": required, "properties": properties })
        }
        Type::Any => json!({}),
    }
}
