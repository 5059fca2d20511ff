//! The faults of deliveries.
//!
//! Invariant: whether a fault strikes depends only on the seed and the number of the
//! event.

use serde::{Deserialize, Serialize};

use crate::random;

/// What goes wrong with a delivery. [`WebhookFault::chance`] and
/// [`WebhookFault::times`] say how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookFault {
    pub(crate) kind: Kind,
    #[serde(default = "always", skip_serializing_if = "is_always")]
    pub(crate) chance: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) times: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) vehicle: Option<String>,
}

/// A fault of deliveries that never struck; see
/// [`Simulator::unmatched_webhook_faults`](crate::Simulator::unmatched_webhook_faults).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UnmatchedWebhookFault {
    /// The fault.
    pub fault: WebhookFault,
    /// The number of events of its vehicle that its chance spared.
    pub matched: u64,
    /// The number of events of other vehicles.
    pub near_misses: u64,
}

fn always() -> f64 {
    1.0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    clippy::float_cmp,
    reason = "serde passes a reference, and the default is exact"
)]
fn is_always(chance: &f64) -> bool {
    *chance == always()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Duplicate,
    Disorder,
    WrongSignature,
    OtherKey,
    TestMode,
    Dropped,
    VehicleError,
    #[serde(untagged)]
    Form(WebhookForm),
}

/// An irregular form of a delivery. All of them were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookForm {
    /// `triggers` in `data`, with the members of the signal.
    TriggersInData,
    /// The signal of a trigger as text.
    TriggerText,
    /// `fetchedAt` instead of `retrievedAt`.
    FetchedAt,
    /// Times of signals as ISO 8601.
    IsoTimes,
    /// Times of signals as 0.
    ZeroTimes,
    /// An empty `meta` of each signal.
    EmptyMeta,
    /// No `status` on good signals.
    NoStatus,
    /// The status of good signals as text.
    StatusText,
    /// `UNKNOWN` as the status of one signal that was good.
    UnknownStatus,
    /// `signals` as a map with keys such as `TractionBattery.StateOfCharge`.
    SignalMap,
    /// The `values` of doors and windows as an object with the list.
    WrappedValues,
    /// `vehicleId` at the top level, and no ID in the vehicle.
    VehicleIdOutside,
    /// No `version`.
    NoVersion,
    /// A `powertrainType` of null.
    NoPowertrain,
    /// `deliveredAt` as ISO 8601.
    IsoDeliveredAt,
    /// No `mode` in `meta`.
    NoMode,
    /// White space, escapes and `1.0` for `1`.
    Spaced,
}

impl WebhookForm {
    /// All forms.
    pub const ALL: [Self; 17] = [
        Self::TriggersInData,
        Self::TriggerText,
        Self::FetchedAt,
        Self::IsoTimes,
        Self::ZeroTimes,
        Self::EmptyMeta,
        Self::NoStatus,
        Self::StatusText,
        Self::UnknownStatus,
        Self::SignalMap,
        Self::WrappedValues,
        Self::VehicleIdOutside,
        Self::NoVersion,
        Self::NoPowertrain,
        Self::IsoDeliveredAt,
        Self::NoMode,
        Self::Spaced,
    ];
}

impl WebhookFault {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            chance: 1.0,
            times: None,
            vehicle: None,
        }
    }

    /// Sends a delivery twice.
    pub fn duplicate() -> Self {
        Self::new(Kind::Duplicate)
    }

    /// Sends an event after the next one.
    pub fn disorder() -> Self {
        Self::new(Kind::Disorder)
    }

    /// Signs one attempt wrongly. The repeats are signed as they should be.
    pub fn wrong_signature() -> Self {
        Self::new(Kind::WrongSignature)
    }

    /// Signs all attempts of an event with another key.
    pub fn other_key() -> Self {
        Self::new(Kind::OtherKey)
    }

    /// Marks an event as a test, with invented values.
    pub fn test_mode() -> Self {
        Self::new(Kind::TestMode)
    }

    /// Loses one attempt. The repeats are sent.
    pub fn dropped() -> Self {
        Self::new(Kind::Dropped)
    }

    /// Sends errors of the vehicle before a delivery, and their end after it.
    pub fn vehicle_error() -> Self {
        Self::new(Kind::VehicleError)
    }

    /// Sends a delivery in an irregular form.
    pub fn form(form: WebhookForm) -> Self {
        Self::new(Kind::Form(form))
    }

    /// How likely it is for an event, from 0 to 1. The default is 1. The same seed
    /// gives the same events.
    #[must_use]
    pub fn chance(mut self, chance: f64) -> Self {
        self.chance = chance;
        self
    }

    /// How many events it affects at most. By default there is no limit.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// The vehicle whose events it affects. By default all.
    #[must_use]
    pub fn vehicle(mut self, vehicle: impl Into<String>) -> Self {
        self.vehicle = Some(vehicle.into());
        self
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        if (0.0..=1.0).contains(&self.chance) {
            return Ok(());
        }
        Err(format!("`chance` must be from 0 to 1: {}", self.chance))
    }
}

/// An active fault, and what it met.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) fault: WebhookFault,
    /// The number of events that it struck, and of those that its chance spared.
    struck: u32,
    spared: u64,
    near_misses: u64,
}

impl Waiting {
    pub(crate) fn new(fault: WebhookFault) -> Self {
        Self {
            fault,
            struck: 0,
            spared: 0,
            near_misses: 0,
        }
    }

    /// Whether it strikes an event, and counts it.
    pub(crate) fn strikes(&mut self, vehicle: &str, seed: u64, number: u64) -> bool {
        let fault = &self.fault;
        if fault.vehicle.as_deref().is_some_and(|own| own != vehicle) {
            self.near_misses += 1;
            return false;
        }
        if fault.times.is_some_and(|times| times <= self.struck) {
            return false;
        }
        if random::fraction(seed, number) >= fault.chance {
            self.spared += 1;
            return false;
        }
        self.struck = self.struck.saturating_add(1);
        true
    }

    /// What is left of it; `None` if it cannot strike again.
    pub(crate) fn left(&self) -> Option<WebhookFault> {
        let mut fault = self.fault.clone();
        if let Some(times) = &mut fault.times {
            *times = times.saturating_sub(self.struck);
        }
        (fault.times != Some(0)).then_some(fault)
    }

    /// What to say about it if it never struck.
    pub(crate) fn unmatched(&self) -> Option<UnmatchedWebhookFault> {
        (self.struck == 0).then(|| UnmatchedWebhookFault {
            fault: self.fault.clone(),
            matched: self.spared,
            near_misses: self.near_misses,
        })
    }
}
