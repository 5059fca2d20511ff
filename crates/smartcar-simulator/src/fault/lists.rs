//! What faults do to a list, of a batch's items or of signals.
//!
//! Invariant: only what is meant is changed or taken away.

use serde_json::Value;

use super::active::Strike;
use super::effect::Effect;
use crate::random;

/// What the server wrote itself, to be changed.
pub(super) fn tree(text: &str) -> Value {
    serde_json::from_str(text).expect("the server writes json")
}

/// Takes away the meant entries, or changes each of them, and doubles the first.
pub(super) fn change_each(
    list: &mut Vec<Value>,
    effect: Option<&Effect>,
    is_meant: impl Fn(&Value) -> bool,
    change: impl FnMut(&mut Value),
) {
    if matches!(effect, Some(Effect::Missing(_))) {
        list.retain(|one| !is_meant(one));
        return;
    }
    let meant = list.iter_mut().filter(|one| is_meant(one));
    meant.for_each(change);
    if matches!(effect, Some(Effect::Duplicated(_))) {
        let first = list.iter().find(|one| is_meant(one)).cloned();
        list.extend(first);
    }
}

/// Another order of the entries.
pub(super) fn reorder(list: &mut [Value], strike: &Strike) {
    match strike.fault.effect {
        Some(Effect::Reordered(_)) => list.reverse(),
        Some(Effect::Shuffled(seed)) => {
            random::shuffle(list, random::number(seed, strike.count));
        }
        _ => {}
    }
}
