//! Error messages that name flags instead of Rust methods.
//!
//! Invariant: every library error that advises a Rust call gets a message that names
//! a flag or a variable instead.

use smartcar_batch::{Error, InvalidReason};

/// Replaces the library's advice with the command's.
pub(crate) fn in_our_words(error: Error) -> Error {
    let words = match error.invalid_reason() {
        Some(InvalidReason::NoUser) => {
            "version 3 needs the vehicle owner's user ID: pass --user or set SMARTCAR_USER_ID"
        }
        Some(InvalidReason::SignalOnV2) => {
            "paths under /signals/ need version 3: pass --api v3 or set SMARTCAR_API=v3"
        }
        Some(InvalidReason::PlainHttp) => {
            "the API origin is plain http to another machine, which would expose the token on the \
             network: pass --api-origin, or set SMARTCAR_API_ORIGIN, with https"
        }
        // The other messages name the input and do not mention Rust methods.
        _ => return error,
    };
    Error::new(error.kind(), words)
}
