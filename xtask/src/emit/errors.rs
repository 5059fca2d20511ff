//! `smartcar-model/src/generated/errors.rs`: the catalogue of API errors.
//!
//! Invariant: a row a pair of type and code, in the spec's order.

use quote::{format_ident, quote};

use crate::api::{Api, pascal};

/// The text of the file.
pub fn emit(api: &Api) -> Result<String, String> {
    let rows = api.errors.iter().map(|row| {
        let kind = &row.kind;
        let code = super::option(row.code.as_deref());
        let status = row.status;
        let resolution = super::option(row.resolution.as_deref());
        let retry = format_ident!("{}", pascal(&row.retry));
        let description = &row.description;
        quote! {
            ErrorInfo {
                error_type: #kind,
                code: #code,
                status: #status,
                resolution: #resolution,
                retry: Retry::#retry,
                description: #description,
            }
        }
    });
    super::rust(
        &api.file,
        "The catalogue of API errors.",
        quote! {
            use crate::error::{ErrorInfo, Retry};

            /// Every documented pair of error type and code, in the spec's order.
            pub static ERRORS: &[ErrorInfo] = &[#(#rows),*];
        },
    )
}
