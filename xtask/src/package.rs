//! The packages that are published: what they must say, and how they are tried.
//!
//! Invariant: nothing here publishes.

mod published;
mod rules;
mod trial;

pub use published::{Package, published};
pub use rules::faults;
pub use trial::{Trial, first_snippet};
