//! The list of an application's connections.
//!
//! Invariant: nothing is sent before the stream is polled.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::Stream;
use smartcar_model::v3::{self, Connection};
use smartcar_model::{Error, Malformed, UserId, VehicleId};

use crate::client::Client;
use crate::dialect::list::{Ask, OnlyConnections};
use crate::listing::{Entries, Filtered, Listed};

/// The application's connections, a stream: [`Client::connections`].
///
/// Pages of 50 are requested when needed. If a page fails, its error is the last item.
/// An unreadable entry is an item with an error of its own for which
/// [`Error::is_list_entry`] is true, and the list continues after it.
#[must_use = "nothing is sent before the stream is polled"]
pub struct Connections {
    list: Filtered<OnlyConnections>,
}

impl Connections {
    /// Only connections of this user.
    pub fn user(mut self, id: UserId) -> Self {
        self.list.only.user = Some(id);
        self
    }

    /// Only connections of this vehicle.
    pub fn vehicle(mut self, id: VehicleId) -> Self {
        self.list.only.vehicle = Some(id);
        self
    }
}

impl Listed for OnlyConnections {
    type Entry = Connection;
    const WHAT: &'static str = "connections";

    fn ask(&self, page: u32) -> Ask<'_> {
        Ask::Connections {
            user: self.user.as_ref(),
            vehicle: self.vehicle.as_ref(),
            page,
        }
    }

    fn read(text: &str) -> Result<Entries<Connection>, Malformed> {
        v3::connections(text)
    }

    fn id(entry: &Connection) -> Option<&str> {
        entry.id.as_deref()
    }
}

impl Stream for Connections {
    type Item = Result<Connection, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.list.poll_next(context)
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}

impl Client {
    /// Lists the application's connections, v3 only: each has a vehicle with its make,
    /// model and powertrain, the user who connected it, and the permissions that were
    /// granted. [`Client::vehicles`] lists the vehicles alone, on both versions.
    ///
    /// With [`ClientBuilder::user`](crate::ClientBuilder::user), only those of this
    /// user; [`Connections::user`] overrides it. On v2.0 the only item is an
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest).
    pub fn connections(&self) -> Connections {
        Connections {
            list: Filtered::new(
                self,
                OnlyConnections {
                    user: self.shared.user.clone(),
                    vehicle: None,
                },
            ),
        }
    }
}
