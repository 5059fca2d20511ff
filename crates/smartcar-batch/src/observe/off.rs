//! The implementation without the feature `tracing`.
//!
//! Invariant: each function compiles to nothing.

use std::time::Duration;

use smartcar_model::StopReason;

use crate::dialect::Route;
use crate::origin::{Origin, Server};
use crate::retry::Cause;
use crate::transport::{Missed, Reply};

#[derive(Clone)]
pub(crate) struct Span;

#[inline]
pub(crate) fn call(_: usize, _: bool) -> Span {
    Span
}

#[inline]
pub(crate) fn attempt(_: &Server, _: Route<'_>, _: u32) -> Span {
    Span
}

#[inline]
pub(crate) fn within<F: Future>(_: Span, future: F) -> F {
    future
}

#[inline]
pub(crate) fn answered(_: &Span, _: &Result<Box<Reply>, Missed>) {}

#[inline]
pub(crate) fn repeat(_: Cause, _: Duration, _: usize) {}

#[inline]
pub(crate) fn parked() {}

#[inline]
pub(crate) fn ended(_: u32, _: Option<&StopReason>) {}

#[inline]
pub(crate) fn origin_from_env(_: &Origin, _: &str) {}
