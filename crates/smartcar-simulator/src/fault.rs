//! Faults that a test injects.
//!
//! Invariant: a [`Fault`](value::Fault) is a plain value that says what changes and
//! for which requests. Only [`active`] decides whether it applies, and only
//! [`apply`] applies it.

pub(crate) mod active;
pub(crate) mod apply;
pub(crate) mod check;
pub(crate) mod effect;
pub(crate) mod help;
mod items;
mod refine;
pub(crate) mod table;
pub(crate) mod target;
pub(crate) mod value;
