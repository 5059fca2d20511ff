//! `smartcar-model/ENDPOINTS.md`: the table of endpoints for readers.
//!
//! Invariant: everything in it comes from the spec, in the spec's order.

use super::markdown::{cell, code_or, codes, head, row};
use crate::api::{Api, Endpoint, Field, Type};

/// The text of the file.
pub fn emit(api: &Api) -> String {
    let mut text = head(
        &api.file,
        &format!("Endpoints of Smartcar v{}", api.version),
    );
    text.push_str(
        "Paths as they stand in a batch. The type is below `smartcar_model` (and \
         re-exported by `smartcar_batch`). A field with `?` can be missing or null. \
         Units are metric / imperial where the unit system changes them.\n\n\
         | Path | Type | Permission | Makes | Fields |\n|---|---|---|---|---|\n",
    );
    text.extend(
        api.endpoints
            .iter()
            .map(|endpoint| described(api, endpoint)),
    );
    text.push_str(
        "\n# Values\n\nEvery set is open: a value that is not listed is kept as received.\n\n\
         | Type | Values |\n|---|---|\n",
    );
    for schema in api.typed() {
        if let Type::Enum(values) = &schema.kind {
            let values = codes(values.iter().map(|(value, _)| value.as_str()), " ");
            text += &row(&[&format!("`{}`", api.type_path(&schema.name)), &values]);
        }
    }
    text.push_str(
        "\n# Errors\n\nRetry: `auto` and `wait` are retried by the client, `later` and `no` never.\n\n\
         | Type | Code | Status | Resolution | Retry | Meaning |\n|---|---|---|---|---|---|\n",
    );
    for error in &api.errors {
        text += &row(&[
            &format!("`{}`", error.kind),
            &code_or(error.code.as_deref(), "null"),
            &error.status.to_string(),
            &code_or(error.resolution.as_deref(), "null"),
            &error.retry,
            &cell(&error.description),
        ]);
    }
    text
}

fn described(api: &Api, endpoint: &Endpoint) -> String {
    let makes = match &endpoint.makes[..] {
        [] => "any".to_owned(),
        makes => makes.join(", "),
    };
    let field = |field: &Field<'_>| {
        let optional = if field.property.is_optional() {
            "?"
        } else {
            ""
        };
        let unit = field.property.unit.as_ref();
        let unit = unit.map_or_else(String::new, |unit| format!(" {}", unit.name()));
        let kind = field.property.kind.name();
        format!("`{}`{optional}: {kind}{unit}", field.name)
    };
    let fields = api.fields(&endpoint.type_name);
    row(&[
        &format!("`{}`", endpoint.path),
        &format!("`{}`", api.type_path(&endpoint.type_name)),
        &code_or(endpoint.permission.as_deref(), "none"),
        &makes,
        &fields.iter().map(field).collect::<Vec<_>>().join("<br>"),
    ])
}
