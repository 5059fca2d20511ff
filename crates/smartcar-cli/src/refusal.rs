//! What the façade refuses, in the words of the command.
//!
//! Invariant: what it can refuse and advises a call of Rust for is told by its
//! cause, and the advice here names a flag or a variable.

use smartcar_batch::{Error, InvalidReason};

/// The error with the advice of the command in place of the façade's.
pub(crate) fn in_our_words(error: Error) -> Error {
    let words = match error.invalid_reason() {
        Some(InvalidReason::NoUser) => {
            "version 3 needs the id of the vehicle's user: pass --user or set SMARTCAR_USER_ID"
        }
        Some(InvalidReason::SignalOnV2) => {
            "a path of /signals/ is read on version 3 only: pass --api v3 or set SMARTCAR_API=v3"
        }
        Some(InvalidReason::PlainHttp) => {
            "the API origin is plain http to another machine, which would show the token to the \
             network: pass --api-origin, or set SMARTCAR_API_ORIGIN, with https"
        }
        // Its own words name what was given, and no method.
        _ => return error,
    };
    Error::new(error.kind(), words)
}
