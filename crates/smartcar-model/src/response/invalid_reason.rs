//! Why a request was rejected before sending.
//!
//! Invariant: only reasons whose error text names Rust methods are listed.

/// Why a request was rejected before sending: [`crate::Error::invalid_reason`].
///
/// The error's text names Rust methods. A program with flags or a form of its own
/// can use this value to give its own advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidReason {
    /// Version 3 needs the vehicle's user, and none is set.
    NoUser,
    /// A version 3 signal was requested on v2.0.
    SignalOnV2,
    /// The origin is plain HTTP to another machine.
    PlainHttp,
}
