//! Why a request was rejected before it was sent.
//!
//! Invariant: only reasons that the text of the error advises a call of Rust for.

/// Why a request was rejected before it was sent: [`crate::Error::invalid_reason`].
///
/// The error's text names methods of Rust. A program with flags or a form of its
/// own can say by this what to do there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidReason {
    /// Version 3 needs the user of the vehicle, and none is named.
    NoUser,
    /// A signal of version 3 was requested on v2.0.
    SignalOnV2,
    /// The origin is plain http to another machine.
    PlainHttp,
}
