//! What the table of signals says, in words.
//!
//! Invariant: a signal without a unit has a dash.

use smartcar_batch::model::v3::SignalInfo;

use crate::age::UNKNOWN;
use crate::fields;

/// The unit, in both systems where they differ.
pub(super) fn unit(info: &SignalInfo) -> String {
    info.unit.map_or_else(
        || UNKNOWN.to_owned(),
        |unit| fields::both(unit.metric, unit.imperial),
    )
}

/// Whether the vendor documents the signal; the others were only seen.
pub(super) fn is_documented(info: &SignalInfo) -> bool {
    info.certainty == "D"
}
