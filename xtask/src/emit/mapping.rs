//! `smartcar-model/src/generated/v3/mapping.rs`: what each body of v2.0 is made
//! of on version 3, as data.
//!
//! Invariant: no code is generated, so that one interpreter serves all rows.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::rust::{self, Literal, literal};
use crate::api::{Api, Constant, Form, Member, Need, Pick, Sourced};

/// The text of the file.
pub fn emit(v2: &Api) -> Result<String, String> {
    let rows = v2.endpoints.iter().filter_map(|endpoint| {
        let body = match &v2.mapping(endpoint)?.source {
            Sourced::None(reason) => literal!(Body::None(reason)),
            Sourced::Members(rows) => literal!(Body::Object(members(rows))),
            list => literal!(Body::List(list)),
        };
        Some(literal!(EndpointMapping {
            path: endpoint.path,
            body: body
        }))
    });
    rust::file(
        &v2.file,
        "What each body of v2.0 is made of on version 3.",
        quote! {
            use crate::endpoint::UnitInfo;
            use crate::v3::mapping::{
                Body, Constant, EndpointMapping, Form, Member, Need, Pick, Source,
            };

            /// One row for each endpoint of v2.0, in the order of its description.
            pub(crate) static MAPPING: &[EndpointMapping] = &[#(#rows),*];
        },
    )
}

/// The members that have a source, or that the body cannot do without.
fn members<'m>(members: impl IntoIterator<Item = &'m Member>) -> Vec<&'m Member> {
    let stays = |member: &&Member| {
        !matches!(member.source, Sourced::None(_)) || member.need == Need::Required
    };
    members.into_iter().filter(stays).collect()
}

impl Literal for Member {
    fn literal(&self) -> TokenStream {
        let need = format_ident!("{}", format!("{:?}", self.need));
        literal!(Member {
            name: self.name,
            need: quote!(Need::#need),
            source: self.source,
        })
    }
}

impl Literal for Sourced {
    fn literal(&self) -> TokenStream {
        match self {
            Self::Pick(pick) => literal!(Source::Pick(pick)),
            Self::Vehicle(at) => literal!(Source::Vehicle(at)),
            Self::Connection(at) => literal!(Source::Connection(at)),
            Self::Constant(value) => literal!(Source::Constant(value)),
            Self::None(reason) => literal!(Source::None(reason)),
            Self::First(sources) => literal!(Source::First(sources)),
            Self::Members(found) => literal!(Source::Members(members(found))),
            Self::Entries(entries) => {
                let entries: Vec<_> = entries.iter().map(members).collect();
                literal!(Source::Entries(entries))
            }
            Self::Each(list, found) => literal!(Source::Each {
                list: list,
                members: members(found),
            }),
        }
    }
}

impl Literal for Pick {
    fn literal(&self) -> TokenStream {
        literal!(Pick {
            signal: self.signal,
            powertrain: self.powertrain,
            list: self.list,
            filter: self.filter,
            at: self.at,
            form: self.form,
        })
    }
}

impl Literal for Form {
    fn literal(&self) -> TokenStream {
        match self {
            Self::Plain => quote!(Form::Plain),
            Self::Time => quote!(Form::Time),
            Self::Minutes => quote!(Form::Minutes),
            Self::Values(values) => literal!(Form::Values(values)),
            Self::Number {
                scale,
                unit,
                plausible,
            } => literal!(Form::Number {
                scale: scale,
                unit: unit,
                plausible: plausible,
            }),
        }
    }
}

impl Literal for Constant {
    fn literal(&self) -> TokenStream {
        match self {
            Self::Null => quote!(Constant::Null),
            Self::Flag(flag) => literal!(Constant::Flag(flag)),
            Self::Whole(number) => literal!(Constant::Whole(number)),
            Self::Text(text) => literal!(Constant::Text(text)),
        }
    }
}
