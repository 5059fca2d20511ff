//! The access token that every request carries.
//!
//! Invariant: it never appears in output; only the transport reads it, as the header
//! that it is kept as.

use std::fmt;

use smartcar_client::Authorization;
use smartcar_model::{Error, ErrorKind};
use zeroize::Zeroizing;

use crate::limits::TOKEN_LENGTH;

/// An access token, checked to be a valid header value.
///
/// It has no `Display` and no `Serialize`, its `Debug` is redacted, and its memory is
/// cleared when its last clone is dropped. The HTTP and TLS libraries make copies while
/// sending, which are not cleared.
///
/// ```
/// use smartcar_batch::AccessToken;
///
/// let token = AccessToken::new("0f9a7c31-secret").unwrap();
/// assert!(!format!("{token:?}").contains("secret"));
/// assert!(AccessToken::new("two\r\nlines").is_err());
/// ```
#[derive(Clone)]
pub struct AccessToken(Authorization);

impl AccessToken {
    /// A token of visible ASCII characters, without the word `Bearer`.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`] if the token is empty, longer than 8
    /// KiB, or contains any other character. The error does not show the token.
    pub fn new(token: impl Into<String>) -> Result<Self, Error> {
        let text = Zeroizing::new(token.into());
        let fault = if text.is_empty() {
            "is empty: pass the `access_token` of the token response".to_owned()
        } else if text.len() > TOKEN_LENGTH {
            format!("is longer than {TOKEN_LENGTH} bytes")
        } else if let Some(at) = text.bytes().position(|byte| !byte.is_ascii_graphic()) {
            // The position helps to find it. The character itself might be part of
            // the secret.
            format!(
                "has a character at byte {at} that is not visible ASCII: pass the bare token, without spaces, line breaks or quotes around it"
            )
        } else if let Some(authorization) = Authorization::bearer(&text) {
            return Ok(Self(authorization));
        } else {
            "cannot be sent in a header".to_owned()
        };
        Err(Error::new(
            ErrorKind::InvalidRequest,
            format!("the access token {fault}"),
        ))
    }

    pub(crate) fn authorization(&self) -> &Authorization {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken([redacted])")
    }
}

impl std::str::FromStr for AccessToken {
    type Err = Error;

    fn from_str(token: &str) -> Result<Self, Error> {
        Self::new(token)
    }
}
