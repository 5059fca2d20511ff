//! An entry of a fleet's source: a vehicle, with or without a ticket.
//!
//! Invariant: the ticket is only passed on. It never decides what is sent.

use smartcar_model::{UserId, VehicleId};

use crate::fleet_vehicle::FleetVehicle;

/// What [`Fleet::run`](crate::Fleet::run) takes from its source: a vehicle, or a
/// [`FleetVehicle`] with a ticket.
///
/// A ticket is any value that belongs to this one entry, such as the message of a queue
/// that must be acknowledged once the outcome is stored. It comes back in
/// [`FleetOutcome::ticket`](crate::FleetOutcome::ticket). If the stream of outcomes is
/// dropped, the tickets of the entries under way are dropped too. A ticket can therefore
/// give its job back in its `Drop`.
///
/// It is implemented for [`VehicleId`], for a pair of it and a [`UserId`] (or an
/// `Option` of one), and for [`FleetVehicle`], all with the ticket `()`. The pair of a
/// [`FleetVehicle`] and any other value has that value as its ticket.
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use smartcar_batch::{FleetVehicle, Odometer, VehicleId};
/// # use smartcar_batch::{AccessToken, Client};
/// # use smartcar_simulator::Simulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = Simulator::start().await?;
/// # let client = Client::builder()
/// #     .access_token(AccessToken::new(simulator.token())?)
/// #     .api_origin(simulator.origin())
/// #     .build()?;
/// let vehicle = FleetVehicle::from(VehicleId::new("vehicle-1")?);
/// let entries = stream::iter([(vehicle, "row 7 of the report")]);
///
/// let mut outcomes = client.fleet::<(Odometer,)>().run(entries);
/// let outcome = outcomes.next().await.expect("one entry, one outcome");
/// assert_eq!(outcome.ticket, "row 7 of the report");
/// # Ok(())
/// # }
/// ```
pub trait FleetEntry {
    /// What comes back with the outcome.
    type Ticket;

    /// The vehicle to request, and the ticket.
    fn into_parts(self) -> (FleetVehicle, Self::Ticket);
}

impl<K> FleetEntry for (FleetVehicle, K) {
    type Ticket = K;

    fn into_parts(self) -> (FleetVehicle, K) {
        self
    }
}

macro_rules! without_ticket {
    ($($vehicle:ty),*) => {$(
        impl FleetEntry for $vehicle {
            type Ticket = ();

            fn into_parts(self) -> (FleetVehicle, ()) {
                (self.into(), ())
            }
        }
    )*};
}

without_ticket!(
    VehicleId,
    (VehicleId, UserId),
    (VehicleId, Option<UserId>),
    FleetVehicle
);
