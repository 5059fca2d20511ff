//! The faults that are waiting, and which of them strike a request.
//!
//! Invariant: of the faults that strike one request no two share a slot; the
//! one added first has it. A fault that did not strike is not spent.

use std::borrow::Cow;

use super::effect::{Effect, Scope, Slot};
use super::{Fault, FaultError, check};
use crate::catalogue::Catalogue;
use crate::oauth;
use crate::validate::with_slash;

/// Which fault it is, for [`Simulator::clear_fault`](crate::Simulator::clear_fault).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use smartcar_simulator::{Fault, FaultId, Simulator};
///
/// let simulator = Simulator::start().await?;
/// let id: FaultId = simulator.fault(Fault::status(502))?;
/// assert!(simulator.clear_fault(id));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FaultId(pub(crate) u64);

/// What a request asks, as far as it was understood.
#[derive(Debug, Default)]
pub(crate) struct Target<'r> {
    pub(crate) vehicle: Option<&'r str>,
    /// The URL's own path, below the vehicle.
    pub(crate) path: Option<&'r str>,
    /// The paths of a batch as they were written.
    pub(crate) batch_paths: &'r [Cow<'static, str>],
    /// The paths of the signals that the answer has.
    pub(crate) signals: &'r [String],
    pub(crate) shape: Shape,
}

/// What an answer is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Shape {
    /// Nothing that an item's fault could change.
    #[default]
    Refused,
    Alone,
    Batch,
    /// The signals of a vehicle.
    Signals,
    /// One of them.
    Signal,
}

impl Target<'_> {
    /// A token endpoint: a client may ask it at any time, so that faults meant
    /// for the API, and counted in its requests, leave it alone.
    fn is_oauth(&self) -> bool {
        self.path.is_some_and(|path| oauth::path_of(path).is_some())
    }

    fn asks(&self, path: &str) -> bool {
        let mut batch_paths = self.batch_paths.iter();
        self.path == Some(path)
            || batch_paths.any(|asked| with_slash(asked) == path)
            || self.signals.iter().any(|asked| asked == path)
    }

    fn has(&self, scope: Scope<'_>) -> bool {
        match (scope, self.shape) {
            (Scope::Any, _)
            | (Scope::Items, Shape::Batch | Shape::Signals)
            | (Scope::BatchItems, Shape::Batch) => true,
            (
                Scope::Endpoint(path),
                Shape::Alone | Shape::Batch | Shape::Signals | Shape::Signal,
            )
            | (Scope::Item(path), Shape::Batch | Shape::Signals) => self.asks(path),
            _ => false,
        }
    }
}

/// A fault that strikes a request.
#[derive(Debug)]
pub(crate) struct Strike {
    pub(crate) fault: Fault,
    /// The how-manieth of the fault's requests it is.
    pub(crate) count: u64,
}

/// All faults, in the order they were added.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    added: u64,
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    id: FaultId,
    fault: Fault,
    /// The requests that it concerned.
    count: u64,
    /// Those of them that it struck.
    struck: u64,
}

impl Faults {
    pub(crate) fn add(
        &mut self,
        fault: Fault,
        catalogue: &Catalogue,
    ) -> Result<FaultId, FaultError> {
        check::check(&fault, catalogue)?;
        self.added += 1;
        let id = FaultId(self.added);
        self.waiting.push(Waiting {
            id,
            fault,
            count: 0,
            struck: 0,
        });
        Ok(id)
    }

    /// Whether it was still there.
    pub(crate) fn remove(&mut self, id: FaultId) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|waiting| waiting.id != id);
        self.waiting.len() < before
    }

    /// How many there were.
    pub(crate) fn clear(&mut self) -> usize {
        let cleared = self.waiting.len();
        self.waiting.clear();
        cleared
    }

    pub(crate) fn all(&self) -> Vec<(FaultId, Fault)> {
        let waiting = self.waiting.iter();
        waiting.map(|it| (it.id, it.fault.clone())).collect()
    }

    /// The faults that strike this request, which are counted thereby.
    pub(crate) fn strike(&mut self, target: &Target<'_>) -> Vec<Strike> {
        let mut due: Vec<&mut Waiting> = Vec::new();
        for waiting in &mut self.waiting {
            if waiting.fault.concerns(target) {
                waiting.count += 1;
                if waiting.fault.when.is_due(waiting.count) {
                    due.push(waiting);
                }
            }
        }
        let mut strikes: Vec<Strike> = Vec::new();
        let is_hidden = hidden_by(&due);
        for waiting in due {
            let effect = &waiting.fault.effect;
            if !is_hidden(effect) && is_free(effect.slot(), &strikes) {
                waiting.struck += 1;
                strikes.push(Strike {
                    fault: waiting.fault.clone(),
                    count: waiting.count,
                });
            }
        }
        self.waiting.retain(|waiting| {
            let when = &waiting.fault.when;
            !when.is_spent(waiting.count, waiting.struck)
        });
        strikes
    }
}

/// A new answer has none of the items that other faults would change.
fn hidden_by(due: &[&mut Waiting]) -> impl Fn(&Effect) -> bool + use<> {
    let effects = due.iter().map(|waiting| &waiting.fault.effect);
    let mut whole = effects.filter(|effect| effect.slot() == Some(Slot::Whole));
    let replaced = whole.next().is_some_and(Effect::replaces_all);
    move |effect| replaced && effect.scope() != Scope::Any
}

fn is_free(slot: Option<Slot<'_>>, strikes: &[Strike]) -> bool {
    let mut taken = strikes.iter().filter_map(|it| it.fault.effect.slot());
    slot.is_none_or(|slot| !taken.any(|taken| taken == slot))
}

impl Fault {
    /// Whether it is about such a request, whatever the count.
    fn concerns(&self, target: &Target<'_>) -> bool {
        let when = &self.when;
        let is_vehicle = |id: &String| target.vehicle == Some(id);
        when.vehicle.as_ref().is_none_or(is_vehicle)
            && match &when.path {
                Some(path) => target.asks(path),
                None => !target.is_oauth(),
            }
            && target.has(self.effect.scope())
    }
}

#[cfg(test)]
#[path = "active_tests.rs"]
mod tests;
