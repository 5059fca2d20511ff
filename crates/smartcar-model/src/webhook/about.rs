//! What every event says about itself: IDs, user, vehicle, mode and triggers.
//!
//! Invariant: any of it can be absent, and a part that could not be decoded is
//! reported by the event.

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::parts::{Parts, kept, object, once, unread};
use super::trigger::Trigger;
use crate::generated::webhook::{DeliveryMeta, DeliveryMode, DeliveryUser, DeliveryVehicle};
use crate::ids::{UserId, VehicleId};
use crate::malformed::Malformed;
use crate::text::Text;
use crate::v3::MemberError;

/// What an event says about itself.
#[derive(Debug, Clone, Default)]
pub struct About {
    pub(super) event_id: Option<String>,
    pub(super) meta: DeliveryMeta,
    pub(super) user: DeliveryUser,
    pub(super) user_id: Option<UserId>,
    pub(super) vehicle: DeliveryVehicle,
    pub(super) vehicle_id: Option<VehicleId>,
    pub(super) triggers: Vec<Trigger>,
    pub(super) raw_triggers: Option<Box<RawValue>>,
}

impl About {
    pub(super) fn read(parts: &Parts<'_>, faults: &mut Vec<MemberError>) -> Self {
        if parts.is_data_odd {
            let at = parts.data_at.unwrap_or("/data");
            let why = "expected one object with the data";
            faults.push(unread(Malformed::new(at, why)));
        }
        let word = |name: &str, faults: &mut Vec<MemberError>| {
            let at = format!("/{name}");
            let raw = once(parts.outer(name), &at, faults)?;
            let read: Result<Text<'_>, _> = serde_json::from_str(raw);
            match read {
                Ok(Text(word)) if !word.trim().is_empty() => Some(word.trim().to_owned()),
                Ok(_) => None,
                Err(_) => {
                    faults.push(unread(Malformed::new(at, "expected a string")));
                    None
                }
            }
        };
        let event_id = word("eventId", faults);
        let outer_vehicle = word("vehicleId", faults);
        let meta = once(parts.outer("meta"), "/meta", faults);
        let meta: DeliveryMeta = meta
            .map(|raw| object(raw, "/meta", faults))
            .unwrap_or_default();
        let user = once(parts.inner("user"), &parts.place("user"), faults);
        let user = user.map(|raw| object(raw, &parts.place("user"), faults));
        let user: DeliveryUser = user.unwrap_or_default();
        let vehicle = once(parts.inner("vehicle"), &parts.place("vehicle"), faults);
        let vehicle = vehicle.map(|raw| object(raw, &parts.place("vehicle"), faults));
        let vehicle: DeliveryVehicle = vehicle.unwrap_or_default();
        let inner_vehicle = parts.inner("vehicleId").said();
        let inner_vehicle = inner_vehicle.and_then(|raw| serde_json::from_str(raw).ok());
        let vehicle_text = vehicle.id.clone().or(inner_vehicle).or(outer_vehicle);
        let mut id_fault = |at: String| {
            faults.push(unread(Malformed::new(at, "not a valid ID")));
        };
        let vehicle_id = vehicle_text.and_then(|id| {
            let id = VehicleId::new(id.trim()).map_err(|_| id_fault(parts.place("vehicle/id")));
            id.ok()
        });
        let user_id = user.id.as_deref().and_then(|id| {
            let id = UserId::new(id.trim()).map_err(|_| id_fault(parts.place("user/id")));
            id.ok()
        });
        let triggers = once(parts.outer("triggers"), "/triggers", faults);
        let raw_triggers =
            triggers.or_else(|| once(parts.inner("triggers"), &parts.place("triggers"), faults));
        Self {
            event_id,
            meta,
            user,
            user_id,
            vehicle,
            vehicle_id,
            triggers: raw_triggers.map(Trigger::list).unwrap_or_default(),
            raw_triggers: raw_triggers.and_then(kept),
        }
    }

    /// The event's ID. It is the same over repeats. `None` if it is absent.
    pub fn event_id(&self) -> Option<&str> {
        self.event_id.as_deref()
    }

    /// The delivery's ID. Each repeat has another one. `None` if it is absent.
    pub fn delivery_id(&self) -> Option<&str> {
        self.meta.delivery_id.as_deref()
    }

    /// The ID of the vehicle. `None` if it is absent or not a valid ID.
    pub fn vehicle(&self) -> Option<&VehicleId> {
        self.vehicle_id.as_ref()
    }

    /// What the event says about the vehicle: make, model, year, powertrain. Empty
    /// if it says nothing.
    pub fn about_vehicle(&self) -> &DeliveryVehicle {
        &self.vehicle
    }

    /// The ID of the user who connected the vehicle. `None` if it is absent or not
    /// a valid ID.
    pub fn user(&self) -> Option<&UserId> {
        self.user_id.as_ref()
    }

    /// The ID that the application assigned to the user. `None` if it is absent.
    pub fn external_user_id(&self) -> Option<&str> {
        self.user.external_id.as_deref()
    }

    /// Whether the data are a vehicle's ([`DeliveryMode::Live`]) or invented
    /// ([`DeliveryMode::Test`]): the delivery's mode, otherwise the vehicle's.
    /// `None` if neither is known.
    pub fn mode(&self) -> Option<DeliveryMode> {
        let known = |word: &str| match DeliveryMode::from(word.trim().to_ascii_uppercase().as_str())
        {
            DeliveryMode::Unrecognized(_) => None,
            mode => Some(mode),
        };
        let own = self.meta.mode.as_ref();
        own.and_then(|mode| known(mode.as_str()))
            .or_else(|| known(self.vehicle.mode.as_deref()?))
    }

    /// What caused the delivery. Empty if it does not say.
    pub fn triggers(&self) -> &[Trigger] {
        &self.triggers
    }

    /// What caused the delivery, as received. `None` if it does not say.
    pub fn raw_triggers(&self) -> Option<&RawValue> {
        self.raw_triggers.as_deref()
    }

    /// The position of the event. It breaks ties between times. `None` if it is
    /// absent.
    pub fn sequence(&self) -> Option<i64> {
        self.meta.sequence
    }

    /// When the event was sent. `None` if it is absent or cannot be decoded.
    pub fn delivered_at(&self) -> Option<Timestamp> {
        self.meta.delivered_at.as_ref()?.timestamp()
    }

    /// Webhook, payload version and number of signals, as the delivery says.
    pub fn meta(&self) -> &DeliveryMeta {
        &self.meta
    }
}
