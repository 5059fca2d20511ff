//! `smartcar-model/src/generated/v3/`: `signals.rs`, which makes each signal's
//! body an `Endpoint` and lists them all, and `mod.rs`, the re-exports by name.
//!
//! Invariant: what signals are made of is public in the module `signal`, the
//! resources beside it.

use quote::{format_ident, quote};

use crate::api::{Api, Endpoint, Kind};

/// The path of a signal in a batch.
pub fn path(code: &str) -> String {
    format!("/signals/{code}")
}

/// The endpoints of the other version whose bodies read a signal.
pub fn used_by<'v>(v2: &'v Api, code: &str) -> Vec<&'v Endpoint> {
    let uses = |endpoint: &&Endpoint| {
        let mapping = v2
            .schema(&endpoint.type_name)
            .and_then(|schema| schema.mapping.as_ref());
        mapping.is_some_and(|mapping| {
            let rows = mapping.body.rows().iter();
            rows.flat_map(|row| row.member.source.signals())
                .any(|signal| signal == code)
        })
    };
    v2.endpoints.iter().filter(uses).collect()
}

/// The text of `signals.rs`.
pub fn emit(api: &Api, v2: &Api) -> Result<String, String> {
    let names = api.signals().map(|(name, _)| format_ident!("{name}"));
    let impls = api.signals().map(|(name, signal)| {
        let name = format_ident!("{name}");
        let path = path(&signal.code);
        quote! {
            impl Endpoint for #name {
                const PATH: &'static str = #path;
            }
        }
    });
    let rows = api.signals().map(|(name, signal)| {
        let kind = format_ident!("{name}");
        let path = path(&signal.code);
        let type_name = format!("v3::signal::{name}");
        let (code, group, title) = (&signal.code, &signal.group, &signal.title);
        let certainty = &signal.certainty;
        let unit = value_unit(api, name);
        let used_by = used_by(v2, code).into_iter().map(|endpoint| &endpoint.path);
        quote! {
            SignalInfo {
                code: #code,
                path: #path,
                type_name: #type_name,
                group: #group,
                name: #title,
                unit: #unit,
                certainty: #certainty,
                used_by: &[#(#used_by),*],
                read: crate::body::known::<#kind>,
            }
        }
    });
    super::rust(
        &api.file,
        "Which body belongs to which signal, and the table of all signals.",
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

/// The unit of the member `value`.
fn value_unit(api: &Api, name: &str) -> proc_macro2::TokenStream {
    let unit = api.schema(name).and_then(|schema| match &schema.kind {
        Kind::Object(properties) => properties.iter().find(|p| p.name == "value")?.unit.clone(),
        _ => None,
    });
    super::unit(unit.as_ref())
}

/// The text of `mod.rs`.
pub fn emit_module(api: &Api) -> Result<String, String> {
    let typed = api.typed();
    let of_signals = api.signal_types();
    let names = |is_enum: bool, of_signal: bool| -> Vec<_> {
        api.schemas
            .iter()
            .filter(|schema| typed.contains(&schema.name))
            .filter(|schema| matches!(schema.kind, Kind::Enum(_)) == is_enum)
            .filter(|schema| of_signals.contains(&schema.name) == of_signal)
            .map(|schema| format_ident!("{}", schema.name))
            .collect()
    };
    let (enums, types) = (names(true, false), names(false, false));
    let (signal_enums, signal_types) = (names(true, true), names(false, true));
    super::rust(
        &api.file,
        "Re-exports of the generated items.",
        quote! {
            mod enums;
            mod errors;
            pub(crate) mod mapping;
            #[cfg(feature = "schemars")]
            mod schemas;
            mod signals;
            mod types;

            pub use enums::{#(#enums),*};
            pub use errors::ERRORS;
            #[cfg(feature = "schemars")]
            pub use schemas::json_schemas;
            pub use signals::SIGNALS;
            pub use types::{#(#types),*};

            /// The body of each signal, and what these bodies are made of.
            ///
            /// A type is named after its signal: `odometer-traveleddistance` is
            /// [`signal::OdometerTraveleddistance`]. Every member can be missing.
            pub mod signal {
                pub use super::enums::{#(#signal_enums),*};
                pub use super::types::{#(#signal_types),*};
            }
        },
    )
}
