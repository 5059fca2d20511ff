//! `smartcar-model/src/generated/v3/signals.rs`: makes each signal's body an
//! `Endpoint`, and lists them all.
//!
//! Invariant: one row for each signal of the description.

use quote::{format_ident, quote};

use super::endpoints::implementation;
use super::rust::{self, literal};
use crate::api::{Api, Schema};

/// The text of the file.
pub fn emit(api: &Api, v2: &Api) -> Result<String, String> {
    let names = api.signals().map(|(name, _)| format_ident!("{name}"));
    let impls = api
        .signals()
        .map(|(name, signal)| implementation(name, &signal.path()));
    let rows = api.signals().map(|(name, signal)| {
        let kind = format_ident!("{name}");
        let properties = api.schema(name).map_or(&[][..], Schema::properties);
        let value = properties.iter().find(|property| property.name == "value");
        let used_by = v2
            .made_of(&signal.code)
            .map(|endpoint| endpoint.path.as_str());
        literal!(SignalInfo {
            code: signal.code,
            path: signal.path(),
            type_name: api.type_path(name),
            group: signal.group,
            name: signal.title,
            unit: value.and_then(|property| property.unit.as_ref()),
            certainty: signal.certainty,
            used_by: used_by.collect::<Vec<_>>(),
            read: quote!(crate::body::known::<#kind>),
        })
    });
    rust::file(
        &api.file,
        "The signal of each body, and the table of all signals.",
        quote! {
            use super::types::{#(#names),*};
            use crate::endpoint::{Endpoint, UnitInfo};
            use crate::v3::SignalInfo;

            #(#impls)*

            /// Every signal that the description lists, in its order.
            pub static SIGNALS: &[SignalInfo] = &[#(#rows),*];
        },
    )
}
