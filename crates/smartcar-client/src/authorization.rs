//! The header that carries the access token.
//!
//! Invariant: the token is in memory once for all requests that share it, and cleared
//! when the last of them is gone. Nothing prints it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

/// An access token as the value of the `Authorization` header, marked sensitive so
/// that HTTP libraries neither print nor compress it.
///
/// Clones share its memory, which is cleared when the last of them is dropped. What
/// HTTP and TLS libraries copy while they send is not cleared.
#[derive(Clone)]
pub struct Authorization(Arc<HeaderValue>);

/// The memory of the header: cleared on drop.
struct Text(Zeroizing<String>);

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Authorization {
    /// The value `Bearer …`. `None` if the token is not valid in a header.
    pub fn bearer(token: &str) -> Option<Self> {
        // The exact length: memory that is outgrown would not be cleared.
        let mut text = String::with_capacity("Bearer ".len() + token.len());
        text.push_str("Bearer ");
        text.push_str(token);
        let text = Bytes::from_owner(Text(text.into()));
        let mut value = HeaderValue::from_maybe_shared(text).ok()?;
        value.set_sensitive(true);
        Some(Self(Arc::new(value)))
    }

    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::clone(&self.0)
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorization([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_sensitive_and_one_line() {
        let value = Authorization::bearer("0f9a-secret").unwrap();
        assert!(value.header().is_sensitive());
        assert_eq!(value.header().to_str().unwrap(), "Bearer 0f9a-secret");
        assert!(!format!("{value:?} {:?}", value.header()).contains("secret"));
        assert!(Authorization::bearer("two\r\nlines").is_none());
    }
}
