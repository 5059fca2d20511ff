//! Lists: the vehicles of v2.0, and the connections, webhooks and subscriptions of v3,
//! page by page.
//!
//! Invariant: a page is read completely or the call fails; the caller decides about
//! its entries.

use smallvec::smallvec;
use smartcar_model::{Error, ItemError, Plan, Response, UserId, VehicleId};

use super::{Dialect, Fault, Few, Route, Sent};
use crate::limits::VEHICLES_PAGE;
use crate::transport::{Reply, Role, Wire};

/// The call for one page of a list.
pub(crate) struct List<'a, T> {
    ask: Ask<'a>,
    read: fn(&Reply, &str) -> Result<T, ItemError>,
    page: Option<T>,
}

/// One request.
#[derive(Clone, Copy)]
pub(crate) enum Ask<'a> {
    /// The vehicles that the token can access, starting at an offset.
    Vehicles { offset: u32 },
    /// A page of the connections of one user, or of all users. Pages start at 1.
    Connections {
        user: Option<&'a UserId>,
        vehicle: Option<&'a VehicleId>,
        page: u32,
    },
    /// A page of webhooks. Pages start at 1.
    Webhooks { only: &'a OnlyWebhooks, page: u32 },
    /// A page of subscriptions. Pages start at 1.
    Subscriptions {
        only: &'a OnlySubscriptions,
        page: u32,
    },
}

/// Which webhooks are listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct OnlyWebhooks {
    pub(crate) name: Option<String>,
    pub(crate) callback_uri: Option<String>,
    pub(crate) enabled: Option<bool>,
    pub(crate) auto_subscribe: Option<bool>,
}

/// Which connections are listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct OnlyConnections {
    pub(crate) user: Option<UserId>,
    pub(crate) vehicle: Option<VehicleId>,
}

/// Which subscriptions are listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct OnlySubscriptions {
    pub(crate) user: Option<UserId>,
    pub(crate) webhook: Option<String>,
    pub(crate) vehicle: Option<VehicleId>,
}

impl<'a, T> List<'a, T> {
    /// `read` parses the text of a reply into a page.
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
            Self::Webhooks { .. } => Route::get("/v3/webhooks").at(Role::Webhooks),
            Self::Subscriptions { .. } => Route::get("/v3/subscriptions").at(Role::Webhooks),
            Self::Connections { .. } => Route::get("/v3/connections").at(Role::Connections),
        }
    }

    async fn send(&self, wire: &Wire<'_>) -> Sent {
        let size = Some(i64::from(VEHICLES_PAGE));
        match self {
            Self::Vehicles { offset } => {
                let requests = wire.v2();
                requests.list_vehicles(size, Some((*offset).into())).await
            }
            Self::Webhooks { only, page } => {
                let (auto, enabled) = (only.auto_subscribe, only.enabled);
                let (uri, name) = (only.callback_uri.as_deref(), only.name.as_deref());
                let (client, page) = (wire.v3(), Some((*page).into()));
                client
                    .list_webhooks(auto, uri, enabled, name, page, size)
                    .await
            }
            Self::Subscriptions { only, page } => {
                let user = only.user.as_ref().map(UserId::as_str);
                let vehicle = only.vehicle.as_ref().map(VehicleId::as_str);
                let (webhook, page) = (only.webhook.as_deref(), Some((*page).into()));
                wire.v3()
                    .list_subscriptions(user, wire.mode(), vehicle, webhook, page, size)
                    .await
            }
            Self::Connections {
                user,
                vehicle,
                page,
            } => {
                let (user, page) = (user.map(UserId::as_str), Some((*page).into()));
                let vehicle = vehicle.map(VehicleId::as_str);
                wire.v3()
                    .list_connections(None, user, wire.mode(), vehicle, page, size)
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

    fn open(&mut self) -> Few<Ask<'a>> {
        smallvec![self.ask]
    }

    fn plan(_: &[Ask<'a>]) -> Plan {
        Plan::Endpoint
    }

    fn take(&mut self, replies: Few<(Ask<'a>, Box<Reply>)>, _: bool) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (_, reply) in replies {
            match self.page_of(&reply) {
                Ok(page) => self.page = Some(page),
                Err(error) => faults.push(Fault::Whole(error)),
            }
        }
        faults
    }

    fn finish(&mut self, told: &mut Response<()>) -> Option<T> {
        // A list is not charged, although it counts against the rate limit.
        told.charged = 0;
        self.page.take()
    }
}
