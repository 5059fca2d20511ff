//! The client secret of an application.
//!
//! Invariant: it never appears in output, and text that repeats a part of it can be
//! recognized.

use std::fmt;

use smartcar_model::{Error, ErrorKind};
use zeroize::Zeroizing;

use crate::limits::TOKEN_LENGTH;

/// The client secret of an application, for
/// [`ClientCredentials`](crate::ClientCredentials). Its `Debug` is redacted, and its
/// memory is cleared on drop.
///
/// ```
/// use smartcar_batch::ClientSecret;
///
/// let secret = ClientSecret::new("0f9a7c31-secret")?;
/// assert!(!format!("{secret:?}").contains("0f9a7c31"));
/// # Ok::<(), smartcar_batch::Error>(())
/// ```
#[derive(Clone)]
pub struct ClientSecret(Zeroizing<String>);

impl ClientSecret {
    /// A secret as the dashboard shows it: visible ASCII characters.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`] if it is empty, longer than 8 KiB, or
    /// contains any other character. The error does not show the secret.
    pub fn new(secret: impl Into<String>) -> Result<Self, Error> {
        let secret = Zeroizing::new(secret.into());
        check("secret", &secret)?;
        Ok(Self(secret))
    }
}

impl ClientSecret {
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether a text repeats the secret, or a part of it that is long enough to give
    /// it away.
    pub(crate) fn is_told_by(&self, text: &str) -> bool {
        const TELLING: usize = 6;
        let (secret, text) = (self.expose().as_bytes(), text.as_bytes());
        let parts = secret.windows(TELLING.min(secret.len()));
        // The secret is ASCII, so parts are compared byte by byte.
        parts.into_iter().any(|part| {
            text.windows(part.len())
                .any(|at| at.eq_ignore_ascii_case(part))
        })
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret([redacted])")
    }
}

/// The value is never shown: ID and secret may have been swapped.
pub(crate) fn check(what: &str, text: &str) -> Result<(), Error> {
    let fault = if text.is_empty() {
        "is empty".to_owned()
    } else if text.len() > TOKEN_LENGTH {
        format!("is longer than {TOKEN_LENGTH} bytes")
    } else if let Some(at) = text.bytes().position(|byte| !byte.is_ascii_graphic()) {
        format!("has a character at byte {at} that is not visible ASCII")
    } else {
        return Ok(());
    };
    let message = format!("the client {what} {fault}: pass it as the dashboard shows it");
    Err(Error::new(ErrorKind::InvalidRequest, message))
}
