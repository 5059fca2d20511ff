//! Lists: the vehicles of v2.0 and the connections of version 3, page by page.
//!
//! Invariant: a page is read whole, or the call fails; what is in it is the
//! caller's to judge.

use smartcar_model::{Error, ItemError, Plan, Response, UserId, VehicleId};

use super::{Dialect, Fault, Route, Sent};
use crate::limits::VEHICLES_PAGE;
use crate::transport::{Reply, Wire};

/// One page of a list.
pub(crate) struct List<'a, T> {
    ask: Ask<'a>,
    read: fn(&Reply, &str) -> Result<T, ItemError>,
    page: Option<T>,
}

/// One request.
#[derive(Clone, Copy)]
pub(crate) enum Ask<'a> {
    /// The vehicles that the token may reach, from a position on.
    Vehicles { offset: u32 },
    /// A page of the connections of one user, or of all; the first is 1.
    Connections { user: Option<&'a UserId>, page: u32 },
}

impl<'a, T> List<'a, T> {
    /// `read` makes the page of a reply's text.
    pub(crate) fn new(ask: Ask<'a>, read: fn(&Reply, &str) -> Result<T, ItemError>) -> Self {
        Self {
            ask,
            read,
            page: None,
        }
    }

    fn page_of(&self, reply: &Reply) -> Result<T, Error> {
        if !reply.is_success() {
            return Err(reply.error());
        }
        (self.read)(reply, reply.text()?).map_err(|error| reply.unreadable(&error.to_string()))
    }
}

impl super::Ask for Ask<'_> {
    fn cost(&self) -> u32 {
        1
    }

    fn route(&self) -> Route<'_> {
        match self {
            Self::Vehicles { .. } => Route::get("/v2.0/vehicles"),
            Self::Connections { .. } => Route::get("/v3/connections").at_management(),
        }
    }

    async fn send(&self, wire: &Wire<'_>) -> Sent {
        let size = Some(i64::from(VEHICLES_PAGE));
        match self {
            Self::Vehicles { offset } => {
                let requests = wire.v2();
                requests.list_vehicles(size, Some((*offset).into())).await
            }
            Self::Connections { user, page } => {
                let (user, page) = (user.map(UserId::as_str), Some((*page).into()));
                wire.v3()
                    .list_connections(None, user, wire.mode(), None, page, size)
                    .await
            }
        }
    }
}

impl<'a, T> Dialect for List<'a, T> {
    type Ask = Ask<'a>;
    type Results = T;

    fn vehicle(&self) -> Option<&VehicleId> {
        None
    }

    fn left(&self) -> usize {
        usize::from(self.page.is_none())
    }

    fn open(&mut self) -> Vec<Ask<'a>> {
        vec![self.ask]
    }

    fn plan(_: &[Ask<'a>]) -> Plan {
        Plan::Endpoint
    }

    fn take(&mut self, replies: Vec<(Ask<'a>, Reply)>, _: bool) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (_, reply) in replies {
            match self.page_of(&reply) {
                Ok(page) => self.page = Some(page),
                Err(error) => faults.push(Fault::Whole(error)),
            }
        }
        faults
    }

    fn finish(self, told: &mut Response<()>) -> Option<T> {
        // A list is not charged, though it counts against the rate.
        told.charged = 0;
        self.page
    }
}
