//! The catalogue of API errors: what each pair of type and code means, and
//! whether a retry makes sense.
//!
//! Invariant: [`crate::ERRORS`] and [`crate::v3::ERRORS`] are generated from the
//! specs, and no pair is in both. This module only defines their rows.

use crate::generated::{ERRORS, v3};

/// A documented pair of error type and code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorInfo {
    /// `type`, such as `VEHICLE_STATE`.
    pub error_type: &'static str,
    /// `code`, such as `ASLEEP`. `None` where the API sends null.
    pub code: Option<&'static str>,
    /// The HTTP status of the response, or the code of the batch item.
    pub status: u16,
    /// `resolution.type`. `None` where the API sends null.
    pub resolution: Option<&'static str>,
    /// Whether and how to retry.
    pub retry: Retry,
    /// What it means.
    pub description: &'static str,
}

/// Whether and how to retry after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// Retry automatically with backoff.
    Auto,
    /// Retry automatically, but only after the time that the API states.
    Wait,
    /// Do not retry automatically. A later request may succeed.
    Later,
    /// Do not retry. The same request fails again.
    No,
}

impl ErrorInfo {
    /// The row of a pair. `None` if the catalogue does not have it.
    pub fn of(error_type: &str, code: Option<&str>) -> Option<&'static Self> {
        Self::all().find(|row| row.error_type == error_type && row.code == code)
    }

    /// The row of a pair, or the first row of its type. All rows of a type have
    /// the same status.
    pub(crate) fn near(error_type: &str, code: Option<&str>) -> Option<&'static Self> {
        let row = Self::of(error_type, code);
        row.or_else(|| Self::all().find(|row| row.error_type == error_type))
    }

    /// Version 3 uses the pairs of v2.0 and some of its own.
    fn all() -> impl Iterator<Item = &'static Self> {
        ERRORS.iter().chain(v3::ERRORS)
    }
}
