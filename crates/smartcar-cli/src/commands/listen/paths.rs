//! Checks the requested paths.
//!
//! Invariant: nothing is bound before all paths are valid.

use std::collections::BTreeSet;

use smartcar_batch::BatchPath;

use crate::environment::Refusal;
use crate::unknown;

/// Rejects invalid, duplicate and unknown paths. Unknown signals are accepted: they
/// may be newer than the spec.
pub(super) fn check(paths: &[String], allow_unknown: bool) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for path in paths {
        BatchPath::new(path.as_str())?;
        if !seen.insert(path) {
            return Err(Refusal {
                message: format!("the path {path} is given twice"),
                cure: Some("give each path once"),
            });
        }
    }
    unknown::check(paths, allow_unknown)
}
