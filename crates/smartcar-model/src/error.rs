//! The catalogue of API errors: what each pair of type and code means and
//! whether it is worth asking again.
//!
//! Invariant: [`crate::ERRORS`] and [`crate::v3::ERRORS`] are generated from the
//! specs, and no pair is in both; this module only says what their rows are.

use crate::generated::{ERRORS, v3};

/// A documented pair of error type and code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorInfo {
    /// `type`, such as `VEHICLE_STATE`.
    pub error_type: &'static str,
    /// `code`, such as `ASLEEP`; `None` where the API answers null.
    pub code: Option<&'static str>,
    /// The HTTP status, or the item's code.
    pub status: u16,
    /// `resolution.type`; `None` where the API answers null.
    pub resolution: Option<&'static str>,
    /// Whether and how it is worth asking again.
    pub retry: Retry,
    /// What it means.
    pub description: &'static str,
}

/// Whether and how an error is worth asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// By itself, after a back-off.
    Auto,
    /// By itself, but only after the time that the API states.
    Wait,
    /// Not by itself; worth trying later.
    Later,
    /// Never unchanged.
    No,
}

impl ErrorInfo {
    /// The row of a pair, if the catalogue has it.
    pub fn of(error_type: &str, code: Option<&str>) -> Option<&'static Self> {
        Self::all().find(|row| row.error_type == error_type && row.code == code)
    }

    /// The row of a pair, or the first of its type: they share their status.
    pub(crate) fn near(error_type: &str, code: Option<&str>) -> Option<&'static Self> {
        let row = Self::of(error_type, code);
        row.or_else(|| Self::all().find(|row| row.error_type == error_type))
    }

    /// Version 3 has the pairs of v2.0 and some more.
    fn all() -> impl Iterator<Item = &'static Self> {
        ERRORS.iter().chain(v3::ERRORS)
    }
}
