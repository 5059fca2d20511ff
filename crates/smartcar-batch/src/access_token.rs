//! The secret that every request carries.
//!
//! Invariant: no output shows it; only the transport reads it.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use smartcar_model::{Error, ErrorKind};

use crate::limits::TOKEN_LENGTH;

/// An access token, checked to be one that a header can carry.
///
/// It has no `Display` and no `Serialize`; its `Debug` is redacted, and its
/// memory is cleared when it is dropped. (Copies that HTTP and TLS libraries
/// make while sending are theirs.)
///
/// ```
/// use smartcar_batch::AccessToken;
///
/// let token = AccessToken::new("0f9a7c31-secret").unwrap();
/// assert!(!format!("{token:?}").contains("secret"));
/// assert!(AccessToken::new("two\r\nlines").is_err());
/// ```
#[derive(Clone)]
pub struct AccessToken(SecretString);

impl AccessToken {
    /// A token of visible ASCII characters, without the word `Bearer`.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`] for an empty text, for one of more
    /// than 8 KiB, and for any other character. The error shows nothing of it.
    pub fn new(token: impl Into<String>) -> Result<Self, Error> {
        let token = SecretString::from(token.into());
        let text = token.expose_secret();
        let fault = if text.is_empty() {
            "is empty: take it from the API's token answer".to_owned()
        } else if text.len() > TOKEN_LENGTH {
            format!("is longer than {TOKEN_LENGTH} bytes")
        } else if let Some(at) = text.bytes().position(|byte| !byte.is_ascii_graphic()) {
            // The position helps; the character might be part of the secret.
            format!(
                "has a character at byte {at} that is not visible ASCII: pass the bare token, without blanks, line ends or quotes around it"
            )
        } else {
            return Ok(Self(token));
        };
        Err(Error::new(
            ErrorKind::InvalidRequest,
            format!("the access token {fault}"),
        ))
    }

    pub(crate) fn secret(&self) -> &SecretString {
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
