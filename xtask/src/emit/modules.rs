//! The `mod.rs` of each generated folder, with its public names.
//!
//! Invariant: every name is listed, without globs. Types of a single make are public only
//! in the make's module. Types of signals are public only in `signal` and the modules of
//! their groups.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{docs, rust};
use crate::api::{Api, Schema};

const PURPOSE: &str = "Re-exports of the generated items.";

/// The module of `smartcar-model` for v2.0.
pub fn model(api: &Api) -> Result<String, String> {
    let mut makes: BTreeMap<&str, Vec<TokenStream>> = BTreeMap::new();
    for schema in api.typed() {
        if let Some((make, short)) = api.make_of(&schema.name) {
            let path = path(schema, short);
            makes
                .entry(make)
                .or_default()
                .push(quote!(pub use super::#path;));
        }
    }
    let makes = makes.into_iter().map(|(make, items)| {
        let doc = docs::attribute(&format!(
            "Endpoints and types that only {make} vehicles have."
        ));
        let module = format_ident!("{make}");
        quote!(#doc pub mod #module { #(#items)* })
    });
    let [enums, types] = names(api, |schema| api.make_of(&schema.name).is_none());
    rust::file(
        &api.file,
        PURPOSE,
        quote! {
            mod endpoints;
            mod enums;
            mod errors;
            #[cfg(feature = "uom")]
            pub(crate) mod quantities;
            #[cfg(feature = "schemars")]
            mod schemas;
            mod types;
            pub(crate) mod v3;
            pub(crate) mod webhook;

            pub use endpoints::ENDPOINTS;
            pub use enums::{#(#enums),*};
            pub use errors::ERRORS;
            #[cfg(feature = "schemars")]
            pub use schemas::json_schemas;
            pub use types::{#(#types),*};

            #(#makes)*
        },
    )
}

/// The module of `smartcar-model` for version 3.
pub fn model_v3(api: &Api) -> Result<String, String> {
    let of_signals = api.signal_types();
    let [enums, types] = names(api, |schema| !of_signals.contains_key(schema.name.as_str()));
    let mut shared = Vec::new();
    let mut groups: BTreeMap<&str, Vec<TokenStream>> = BTreeMap::new();
    for schema in api.typed() {
        let Some((module, name)) = of_signals.get(schema.name.as_str()) else {
            continue;
        };
        let path = path(schema, name);
        match module {
            None => shared.push(quote!(pub use super::#path;)),
            Some(module) => {
                let items = groups.entry(module).or_default();
                items.push(quote!(pub use super::super::#path;));
            }
        }
    }
    let titles: BTreeMap<_, _> = api
        .signals()
        .map(|(_, signal)| (signal.module.as_str(), signal.group.as_str()))
        .collect();
    let groups = groups.into_iter().map(|(module, items)| {
        let title = titles.get(module).unwrap_or(&module);
        let doc = docs::attribute(&format!("The signals of the group `{title}`."));
        let module = format_ident!("{module}");
        quote!(#doc pub mod #module { #(#items)* })
    });
    rust::file(
        &api.file,
        PURPOSE,
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
            pub(crate) use signals::signal_position;
            pub use types::{#(#types),*};

            /// The bodies of the signals and their types, with one module per group.
            ///
            /// A type is named after its signal: `odometer-traveleddistance` is
            /// [`signal::odometer::TraveledDistance`]. Every member can be missing.
            pub mod signal {
                #(#shared)*
                #(#groups)*
            }
        },
    )
}

/// The module of `smartcar-model` for what webhooks post.
pub fn model_webhook(api: &Api) -> Result<String, String> {
    let [enums, types] = names(api, |_| true);
    rust::file(
        &api.file,
        PURPOSE,
        quote! {
            mod enums;
            mod types;

            pub use enums::{#(#enums),*};
            pub use types::{#(#types),*};
        },
    )
}

/// The path of a type's definition, with another public name if needed.
fn path(schema: &Schema, public: &str) -> TokenStream {
    let module = format_ident!("{}", if schema.is_enum() { "enums" } else { "types" });
    let name = format_ident!("{}", schema.name);
    if schema.name == public {
        return quote!(#module::#name);
    }
    let public = format_ident!("{public}");
    quote!(#module::#name as #public)
}

/// The names of the selected enums and structs.
fn names(api: &Api, wanted: impl Fn(&Schema) -> bool) -> [Vec<Ident>; 2] {
    [true, false].map(|is_enum| {
        api.typed()
            .filter(|schema| schema.is_enum() == is_enum && wanted(schema))
            .map(|schema| format_ident!("{}", schema.name))
            .collect()
    })
}

/// The module of `smartcar-client` for v2.0.
pub fn client(api: &Api) -> Result<String, String> {
    let get = quote! { mod get; };
    let rest = quote! {
        /// The requests of version 3 of the API.
        pub mod v3;

        pub use get::get;
    };
    requests(api, &get, &rest)
}

/// The module of `smartcar-client` for version 3.
pub fn client_v3(api: &Api) -> Result<String, String> {
    requests(api, &quote!(), &quote!())
}

fn requests(api: &Api, before: &TokenStream, after: &TokenStream) -> Result<String, String> {
    rust::file(
        &api.file,
        PURPOSE,
        quote! {
            #before
            #[allow(
                unreachable_pub,
                unused_mut,
                missing_docs,
                clippy::all,
                clippy::pedantic,
                reason = "progenitor writes them, with what only some requests need"
            )]
            mod requests;
            #after
            pub use requests::{ByteStream, Client, ClientInfo, Error};
        },
    )
}

/// The module of `smartcar-batch`: the bodies that are not limited to a make, the makes'
/// modules, and the types of the bodies.
pub fn batch(api: &Api) -> Result<String, String> {
    let mut names: Vec<_> = api
        .endpoints
        .iter()
        .map(|endpoint| match api.make_of(&endpoint.type_name) {
            Some((make, _)) => make,
            None => &endpoint.type_name,
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    let names = names.into_iter().map(|name| format_ident!("{name}"));
    let endpoints: Vec<_> = api.endpoints.iter().map(|it| &it.type_name).collect();
    let in_bodies = api.body_types();
    let [enums, types] = self::names(api, |schema| {
        in_bodies.contains(schema.name.as_str())
            && api.make_of(&schema.name).is_none()
            && !endpoints.contains(&&schema.name)
    });
    rust::file(
        &api.file,
        "The endpoints at the root of this crate, and their types.",
        quote! {
            #[doc(inline)]
            pub use smartcar_model::{#(#names),*};

            /// The types that the bodies use.
            pub(crate) mod parts {
                pub use smartcar_model::{#(#enums,)* #(#types),*};
            }
        },
    )
}
