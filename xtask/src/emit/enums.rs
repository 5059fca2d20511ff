//! `smartcar-model/src/generated/enums.rs`: one open enum for each string
//! component that lists its values.
//!
//! Invariant: only names and values; how an open enum behaves is written once,
//! by hand, in `open_enum!`.

use quote::{format_ident, quote};

use super::docs;
use crate::api::{Api, Kind, pascal};

/// The text of the file.
pub fn emit(api: &Api) -> Result<String, String> {
    let typed = api.typed();
    let mut enums = Vec::new();
    for schema in api
        .schemas
        .iter()
        .filter(|schema| typed.contains(&schema.name))
    {
        let Kind::Enum(values) = &schema.kind else {
            continue;
        };
        let name = format_ident!("{}", schema.name);
        let docs = docs::attributes(&docs::schema(api, schema));
        let variants = variants(values.iter().map(|(value, _)| value.as_str()));
        let arms = values
            .iter()
            .zip(&variants)
            .map(|((value, text), variant)| {
                let variant = format_ident!("{variant}");
                let docs = docs::attributes(&format!("{} (`{value}`)", docs::escape(text)));
                quote!(#(#docs)* #variant = #value,)
            });
        enums.push(quote! {
            crate::open_enum! {
                #(#docs)*
                pub enum #name { #(#arms)* }
            }
        });
    }
    let mut text = super::banner(&api.file);
    text.push_str("//! The values a string member can have; each set is open.\n");
    for tokens in enums {
        text.push('\n');
        text.push_str(&format_macro(&tokens)?);
    }
    Ok(text)
}

/// Variant names: the values in Pascal case, without a prefix they all share.
pub fn variants<'a>(values: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let first = values.clone().next().unwrap_or_default();
    let prefix = first
        .find('_')
        .map(|at| &first[..=at])
        .filter(|prefix| {
            values.clone().count() > 1 && values.clone().all(|v| v.starts_with(prefix))
        })
        .unwrap_or_default();
    values
        .map(|value| {
            let value = &value[prefix.len()..];
            let shouted = value.chars().all(|letter| !letter.is_lowercase());
            pascal(&if shouted {
                value.to_lowercase()
            } else {
                value.to_owned()
            })
        })
        .collect()
}

/// prettyplease leaves a macro's inside alone: format it as a real enum first.
fn format_macro(tokens: &proc_macro2::TokenStream) -> Result<String, String> {
    let file = syn::parse2::<syn::File>(tokens.clone()).map_err(|error| error.to_string())?;
    let Some(syn::Item::Macro(item)) = file.items.into_iter().next() else {
        return Err("an enum must be a macro call".to_owned());
    };
    let inner = syn::parse2::<syn::ItemEnum>(item.mac.tokens).map_err(|error| error.to_string())?;
    let inner = super::format_item(syn::Item::Enum(inner));
    let mut text = String::from("crate::open_enum! {\n");
    for line in inner.lines() {
        if !line.is_empty() {
            text.push_str("    ");
            text.push_str(line);
        }
        text.push('\n');
    }
    text.push_str("}\n");
    Ok(text)
}
