//! What goes wrong on purpose.
//!
//! Invariant: a [`Fault`](value::Fault) is a plain value. It says what changes and
//! for which requests; [`active`] alone decides whether it strikes, [`apply`] alone
//! does it.

pub(crate) mod active;
pub(crate) mod apply;
pub(crate) mod check;
pub(crate) mod effect;
mod items;
mod refine;
pub(crate) mod table;
pub(crate) mod target;
pub(crate) mod value;
