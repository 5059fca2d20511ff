//! The attributes `#[batch(…)]`.
//!
//! Invariant: an unknown, misplaced or duplicate key is an error that names the
//! valid keys.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, LitStr, Path, Result, parse_quote};

use crate::path;

/// The struct's attributes: the path of the façade crate.
pub(crate) fn of_struct(attributes: &[Attribute]) -> Result<Path> {
    let mut found = None;
    read(attributes, |meta| {
        if !meta.path.is_ident("crate") {
            let cure = if meta.path.is_ident("path") {
                "`path` belongs on a field"
            } else {
                "a struct has `#[batch(crate = \"…\")]` only"
            };
            return Err(unknown(meta, cure));
        }
        let example = "crate = \"my::smartcar_batch\"";
        let literal = text(meta, example)?;
        let krate = literal.parse();
        let krate = krate.map_err(|_| {
            syn::Error::new(literal.span(), format!("not a path: write `{example}`"))
        })?;
        once(meta, &mut found, krate)
    })?;
    Ok(found.unwrap_or_else(|| parse_quote!(::smartcar_batch)))
}

/// A field's attributes: the path to request.
pub(crate) fn of_field(attributes: &[Attribute]) -> Result<Option<LitStr>> {
    let mut found = None;
    read(attributes, |meta| {
        if !meta.path.is_ident("path") {
            let cure = if meta.path.is_ident("crate") {
                "`crate` belongs on the struct"
            } else {
                "a field has `#[batch(path = \"/…\")]` only"
            };
            return Err(unknown(meta, cure));
        }
        let literal = text(meta, "path = \"/odometer\"")?;
        if let Some(fault) = path::fault(&literal.value()) {
            let message = format!("the path {:?} {fault}", literal.value());
            return Err(syn::Error::new(literal.span(), message));
        }
        once(meta, &mut found, literal)
    })?;
    Ok(found)
}

fn read(
    attributes: &[Attribute],
    mut entry: impl FnMut(&ParseNestedMeta<'_>) -> Result<()>,
) -> Result<()> {
    let ours = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("batch"));
    for attribute in ours {
        attribute.parse_nested_meta(|meta| entry(&meta))?;
    }
    Ok(())
}

/// The string after the key.
fn text(meta: &ParseNestedMeta<'_>, example: &str) -> Result<LitStr> {
    let value = meta.value().and_then(syn::parse::ParseBuffer::parse);
    value.map_err(|error| syn::Error::new(error.span(), format!("write `{example}`")))
}

fn once<T>(meta: &ParseNestedMeta<'_>, found: &mut Option<T>, value: T) -> Result<()> {
    if found.replace(value).is_some() {
        return Err(meta.error("duplicate key: remove one of the two"));
    }
    Ok(())
}

fn unknown(meta: &ParseNestedMeta<'_>, cure: &str) -> syn::Error {
    let key = meta
        .path
        .get_ident()
        .map(|key| format!("`{key}` is not a key of `batch` here: "));
    meta.error(format!("{}{cure}", key.unwrap_or_default()))
}
