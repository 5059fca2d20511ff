//! A vehicle of a client.
//!
//! Invariant: nothing is sent before `send`.

use smartcar_model::{UserId, VehicleId};

use crate::client::Client;

/// A vehicle of a client: [`Client::vehicle`]. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vehicle {
    pub(crate) client: Client,
    pub(crate) id: VehicleId,
    pub(crate) user: Option<UserId>,
}

impl Vehicle {
    /// The vehicle's ID.
    pub fn id(&self) -> &VehicleId {
        &self.id
    }

    /// The user who connected the vehicle. `None` if neither the vehicle nor the
    /// client has one.
    pub fn user(&self) -> Option<&UserId> {
        self.user.as_ref()
    }

    /// Sets the user who connected the vehicle. v3 needs the user for every signal;
    /// the default is the client's user ([`crate::ClientBuilder::user`]). v2.0
    /// ignores it, because there the token belongs to the user.
    #[must_use]
    pub fn with_user(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }
}

impl Client {
    /// A vehicle by its ID. Sends nothing. The vehicle's user is the client's
    /// ([`crate::ClientBuilder::user`]) until [`Vehicle::with_user`] sets another.
    pub fn vehicle(&self, id: VehicleId) -> Vehicle {
        Vehicle {
            client: self.clone(),
            id,
            user: self.shared.user.clone(),
        }
    }
}
