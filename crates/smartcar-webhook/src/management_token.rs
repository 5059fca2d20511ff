//! The key that signs deliveries.
//!
//! Invariant: it never appears in output, and its memory is cleared on drop.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Longest accepted token in bytes. The vendor's have 36.
const LONGEST: usize = 8 * 1024;

/// The management token of an application, from its page in the dashboard. It signs
/// deliveries. `Debug` is redacted, and the memory is cleared on drop.
///
/// ```
/// use smartcar_webhook::ManagementToken;
///
/// let token = ManagementToken::new("4f1c9a52-token")?;
/// assert!(!format!("{token:?}").contains("4f1c9a52"));
/// # Ok::<(), smartcar_webhook::TokenError>(())
/// ```
#[derive(Clone)]
pub struct ManagementToken(Zeroizing<Box<str>>);

impl ManagementToken {
    /// A token as the dashboard shows it.
    ///
    /// Fails if it is empty, longer than 8 KiB, or has a space or a control
    /// character, which is a mistake of copying. The error does not show the token.
    pub fn new(token: impl Into<String>) -> Result<Self, TokenError> {
        // Copied once into an exact allocation, so that no other holds the text.
        let token = Zeroizing::new(token.into());
        let odd = |letter: char| letter.is_whitespace() || letter.is_control();
        let fault = if token.is_empty() {
            Fault::Empty
        } else if token.len() > LONGEST {
            Fault::Long
        } else if let Some(at) = token.find(odd) {
            Fault::Odd(at)
        } else {
            return Ok(Self(Zeroizing::new(token.as_str().into())));
        };
        Err(TokenError(fault))
    }

    /// The HMAC-SHA256 of a message.
    pub(crate) fn mac(&self, message: &[u8]) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes());
        let mut mac = mac.expect("HMAC takes a key of any length");
        mac.update(message);
        mac
    }
}

/// Lower-case hexadecimal digits of the HMAC-SHA256 of a message: the signature of a
/// delivery, and the answer to a challenge.
///
/// ```
/// use smartcar_webhook::{ManagementToken, sign};
///
/// let token = ManagementToken::new("key")?;
/// let signature = sign(&token, b"The quick brown fox jumps over the lazy dog");
/// assert!(signature.starts_with("f7bc83f430538424b13298e6aa6fb143"));
/// # Ok::<(), smartcar_webhook::TokenError>(())
/// ```
pub fn sign(token: &ManagementToken, message: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digest = token.mac(message).finalize().into_bytes();
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

impl fmt::Debug for ManagementToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ManagementToken([redacted])")
    }
}

/// Why a text is not a management token. It does not show the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenError(Fault);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Fault {
    Empty,
    Long,
    Odd(usize),
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the management token ")?;
        match self.0 {
            Fault::Empty => f.write_str("is empty")?,
            Fault::Long => write!(f, "is longer than {LONGEST} bytes")?,
            Fault::Odd(at) => write!(f, "has a space or a control character at byte {at}")?,
        }
        f.write_str(": pass it as the dashboard shows it")
    }
}

impl std::error::Error for TokenError {}
