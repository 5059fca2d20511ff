//! Cells of the signal table.
//!
//! Invariant: a signal without a unit is shown with a dash.

use smartcar_batch::model::v3::SignalInfo;

use crate::age::UNKNOWN;
use crate::fields;

/// The unit, in both unit systems if they differ.
pub(super) fn unit(info: &SignalInfo) -> String {
    info.unit.map_or_else(
        || UNKNOWN.to_owned(),
        |unit| fields::both(unit.metric, unit.imperial),
    )
}

/// Whether the vendor documents the signal; the others were only observed.
pub(super) fn is_documented(info: &SignalInfo) -> bool {
    info.certainty == "D"
}
