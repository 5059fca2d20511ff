//! `smartcar-model/src/generated/errors.rs`: the catalogue of API errors.
//!
//! Invariant: one row for each pair of type and code, in the spec's order.

use quote::{format_ident, quote};

use super::rust::{self, literal};
use crate::api::{Api, pascal};

/// The text of the file.
pub fn emit(api: &Api) -> Result<String, String> {
    let rows = api.errors.iter().map(|row| {
        let retry = format_ident!("{}", pascal(&row.retry));
        literal!(ErrorInfo {
            error_type: row.kind,
            code: row.code,
            status: row.status,
            resolution: row.resolution,
            retry: quote!(Retry::#retry),
            description: row.description,
        })
    });
    rust::file(
        &api.file,
        "The catalogue of API errors.",
        quote! {
            use crate::error::{ErrorInfo, Retry};

            /// Every pair of error type and code that the description lists, in its order.
            pub static ERRORS: &[ErrorInfo] = &[#(#rows),*];
        },
    )
}
