//! `smartcar-model/src/generated/v3/mapping.rs`: what each body of v2.0 is made
//! of on version 3, as data.
//!
//! Invariant: no code is generated, so that one interpreter serves all rows.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::api::{Api, Body, Constant, Form, Member, Need, Pick, Sourced};

/// The text of the file.
pub fn emit(v2: &Api) -> Result<String, String> {
    let rows = v2.endpoints.iter().filter_map(|endpoint| {
        let mapping = v2.schema(&endpoint.type_name)?.mapping.as_ref()?;
        let path = &endpoint.path;
        let body = match &mapping.body {
            Body::None(reason) => quote!(Body::None(#reason)),
            Body::Object(rows) => {
                let members = members(rows.iter().map(|row| &row.member));
                quote!(Body::Object(#members))
            }
            Body::List(row) => {
                let source = source(&row.member.source);
                quote!(Body::List(#source))
            }
        };
        Some(quote!(EndpointMapping { path: #path, body: #body }))
    });
    super::rust(
        &v2.file,
        "What each body of v2.0 is made of on version 3.",
        quote! {
            use crate::endpoint::UnitInfo;
            use crate::v3::mapping::{
                Body, Constant, EndpointMapping, Form, Member, Need, Pick, Source,
            };

            /// One row an endpoint of v2.0, in the order of its description.
            pub(crate) static MAPPING: &[EndpointMapping] = &[#(#rows),*];
        },
    )
}

/// The members that have a source, or that the body cannot do without.
fn members<'m>(members: impl Iterator<Item = &'m Member>) -> TokenStream {
    let rows = members
        .filter(|member| {
            !matches!(member.source, Sourced::None(_)) || member.need == Need::Required
        })
        .map(|member| {
            let name = &member.name;
            let need = format_ident!("{}", format!("{:?}", member.need));
            let source = source(&member.source);
            quote!(Member { name: #name, need: Need::#need, source: #source })
        });
    quote!(&[#(#rows),*])
}

fn source(source: &Sourced) -> TokenStream {
    match source {
        Sourced::Pick(found) => {
            let found = pick(found);
            quote!(Source::Pick(#found))
        }
        Sourced::Vehicle(at) => quote!(Source::Vehicle(#at)),
        Sourced::Connection(at) => quote!(Source::Connection(#at)),
        Sourced::Constant(value) => {
            let value = constant(value);
            quote!(Source::Constant(#value))
        }
        Sourced::None(reason) => quote!(Source::None(#reason)),
        Sourced::First(sources) => {
            let sources = sources.iter().map(self::source);
            quote!(Source::First(&[#(#sources),*]))
        }
        Sourced::Members(found) => {
            let found = members(found.iter());
            quote!(Source::Members(#found))
        }
        Sourced::Entries(entries) => {
            let entries = entries.iter().map(|entry| members(entry.iter()));
            quote!(Source::Entries(&[#(#entries),*]))
        }
        Sourced::Each(list, found) => {
            let (list, found) = (pick(list), members(found.iter()));
            quote!(Source::Each { list: #list, members: #found })
        }
    }
}

fn pick(pick: &Pick) -> TokenStream {
    let signal = super::option(pick.signal.as_deref());
    let powertrain = &pick.powertrain;
    let list = super::option(pick.list.as_deref());
    let filter = pick.filter.iter().map(|(key, value)| {
        let value = constant(value);
        quote!((#key, #value))
    });
    let at = &pick.at;
    let form = match &pick.form {
        Form::Plain => quote!(Form::Plain),
        Form::Time => quote!(Form::Time),
        Form::Minutes => quote!(Form::Minutes),
        Form::Values(values) => {
            let values = values.iter().map(|(from, to)| quote!((#from, #to)));
            quote!(Form::Values(&[#(#values),*]))
        }
        Form::Number {
            scale,
            unit,
            plausible,
        } => {
            let unit = super::unit(unit.as_ref());
            let plausible =
                plausible.map_or_else(|| quote!(None), |(low, high)| quote!(Some((#low, #high))));
            quote!(Form::Number { scale: #scale, unit: #unit, plausible: #plausible })
        }
    };
    quote! {
        Pick {
            signal: #signal,
            powertrain: &[#(#powertrain),*],
            list: #list,
            filter: &[#(#filter),*],
            at: #at,
            form: #form,
        }
    }
}

fn constant(value: &Constant) -> TokenStream {
    match value {
        Constant::Null => quote!(Constant::Null),
        Constant::Flag(flag) => quote!(Constant::Flag(#flag)),
        Constant::Whole(number) => quote!(Constant::Whole(#number)),
        Constant::Text(text) => quote!(Constant::Text(#text)),
    }
}
