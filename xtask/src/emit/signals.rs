//! `smartcar-model/src/generated/v3/signals.rs`: implements `Endpoint` for each signal's
//! body, and lists all signals.
//!
//! Invariant: one row per signal in the spec.

use std::collections::BTreeMap;

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
            read: quote!(crate::body::known_text::<#kind>),
        })
    });
    let by_length = positions(api).into_iter().map(|(length, codes)| {
        let (codes, positions): (Vec<_>, Vec<_>) = codes.into_iter().unzip();
        quote!(#length => match code { #(#codes => #positions,)* _ => return None })
    });
    rust::file(
        &api.file,
        "The signal of each body, and the table of all signals.",
        quote! {
            use super::types::{#(#names),*};
            use crate::endpoint::{Endpoint, UnitInfo};
            use crate::v3::SignalInfo;

            #(#impls)*

            /// All signals in the spec, in its order.
            pub static SIGNALS: &[SignalInfo] = &[#(#rows),*];

            /// The position in [`SIGNALS`] of a code in lower case.
            pub(crate) fn signal_position(code: &str) -> Option<usize> {
                Some(match code.len() {
                    #(#by_length,)*
                    _ => return None,
                })
            }
        },
    )
}

/// The codes with their positions in the table, by length: few have the same.
fn positions(api: &Api) -> BTreeMap<usize, Vec<(&str, usize)>> {
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for (position, (_, signal)) in api.signals().enumerate() {
        let codes = found.entry(signal.code.len()).or_default();
        codes.push((signal.code.as_str(), position));
    }
    found
}
