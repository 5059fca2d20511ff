//! A vehicle to ask.
//!
//! Invariant: nothing is sent before `send`.

use smartcar_model::{UserId, VehicleId};

use crate::client::Client;

/// A vehicle of a client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vehicle {
    pub(crate) client: Client,
    pub(crate) id: VehicleId,
    pub(crate) user: Option<UserId>,
}

impl Vehicle {
    /// Its id.
    pub fn id(&self) -> &VehicleId {
        &self.id
    }

    /// Names the user who connected it, whom version 3 of the API wants to know
    /// for every signal; without it the client's is named
    /// ([`crate::ClientBuilder::user`]). v2.0 has no use for it: there the token
    /// is the user's.
    #[must_use]
    pub fn user(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }
}

impl Client {
    /// A vehicle to ask. Nothing is sent yet. Its user is the client's
    /// ([`crate::ClientBuilder::user`]) until it names its own.
    pub fn vehicle(&self, id: VehicleId) -> Vehicle {
        Vehicle {
            client: self.clone(),
            id,
            user: self.shared.user.clone(),
        }
    }
}
