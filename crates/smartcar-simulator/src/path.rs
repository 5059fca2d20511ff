//! Paths as they are written.
//!
//! Invariant: what is not encoded well stays as it is.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Undoes percent-encoding.
pub(crate) fn unescape(segment: &str) -> String {
    let decoded = percent_decode_str(segment).decode_utf8();
    decoded.map_or_else(|_| segment.to_owned(), Cow::into_owned)
}

/// A path as it is answered.
pub(crate) fn with_slash(path: &str) -> Cow<'_, str> {
    if path.starts_with('/') {
        Cow::Borrowed(path)
    } else {
        Cow::Owned(format!("/{path}"))
    }
}
