//! What a check found.
//!
//! Invariant: whatever is to be done has a cure in one line.

use serde::Serialize;

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// All well.
    Ok,
    /// Something to do.
    Todo,
    /// It could not be checked.
    Unknown,
    /// Not checked, because an earlier check failed or nothing was given for it.
    Skipped,
}

impl Verdict {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Todo => "to do",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
        }
    }
}

/// One line of the report.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub(super) check: &'static str,
    pub(super) result: Verdict,
    pub(super) says: String,
    pub(super) cure: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self::of(check, Verdict::Ok, says, None)
    }

    pub(super) fn todo(
        check: &'static str,
        says: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self::of(check, Verdict::Todo, says, Some(cure.into()))
    }

    pub(super) fn unknown(check: &'static str, says: impl Into<String>) -> Self {
        Self::of(check, Verdict::Unknown, says, None)
    }

    pub(super) fn skipped(check: &'static str, says: impl Into<String>) -> Self {
        Self::of(check, Verdict::Skipped, says, None)
    }

    fn of(
        check: &'static str,
        result: Verdict,
        says: impl Into<String>,
        cure: Option<String>,
    ) -> Self {
        Self {
            check,
            result,
            says: says.into(),
            cure,
        }
    }
}
