//! `smartcar-model/src/generated/errors.rs`: the catalogue of API errors.
//!
//! Invariant: one row per pair of type and code, in the order of the spec.

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

            /// All pairs of error type and code in the spec, in its order.
            pub static ERRORS: &[ErrorInfo] = &[#(#rows),*];
        },
    )
}
