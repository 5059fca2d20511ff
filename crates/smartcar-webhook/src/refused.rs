//! Why a request was not taken, and what to answer.
//!
//! Invariant: no token, signature or body is shown.

use std::fmt;

use smartcar_model::Malformed;

/// Why a request was not taken. [`Refused::status`] is what to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// There is no signature, and the body is not a verification.
    NotSigned,
    /// There is more than one signature.
    SignedTwice,
    /// The signature does not have 64 hexadecimal digits.
    Signature,
    /// The signature does not match the body under any of the tokens.
    WrongSignature,
    /// The signature matches, but the body is not an event.
    NotAnEvent(Malformed),
    /// The challenge of a verification is not a short token, so it is not signed.
    Challenge,
    /// The body is larger than 1 MiB.
    TooLarge,
    /// The body is encoded, for example compressed.
    Encoded,
}

impl Refused {
    /// The HTTP status to answer: 400, 401, 413 or 415.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotSigned | Self::SignedTwice | Self::Signature | Self::WrongSignature => 401,
            Self::NotAnEvent(_) | Self::Challenge => 400,
            Self::TooLarge => 413,
            Self::Encoded => 415,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSigned => f.write_str("there is no SC-Signature"),
            Self::SignedTwice => f.write_str("there is more than one SC-Signature"),
            Self::Signature => f.write_str("SC-Signature does not have 64 hexadecimal digits"),
            Self::WrongSignature => f.write_str(
                "SC-Signature does not match the body: use the management token of the \
                 application that the webhook belongs to, and the body as it was received",
            ),
            Self::NotAnEvent(_) => f.write_str("the body is not an event of a webhook"),
            Self::Challenge => f.write_str("the challenge is not a short token"),
            Self::TooLarge => f.write_str("the body is larger than 1 MiB"),
            Self::Encoded => f.write_str("the body is encoded"),
        }
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotAnEvent(malformed) => Some(malformed),
            _ => None,
        }
    }
}
