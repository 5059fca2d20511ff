//! One page of the list: vehicles on v2.0, connections on version 3.
//!
//! Invariant: an entry that cannot be read is an error of its own, and costs no
//! other.

use smartcar_model::decode::ItemAnswer;
use smartcar_model::v3::{self, Connection};
use smartcar_model::{ItemError, ListVehicles, Outcomes, RequiredFailed};

use crate::request::Query;
use crate::{Api, Error, ErrorKind, FleetVehicle, UserId, VehicleId};

/// What a page says.
#[derive(Debug)]
pub(crate) struct Page {
    /// Each vehicle, or what is wrong with its entry.
    pub(super) entries: Vec<Result<FleetVehicle, Error>>,
    /// How many entries all pages have, if the answer says so.
    pub(super) total: Option<u64>,
    /// Whether the answer names a next page.
    pub(super) has_next: bool,
}

/// Asks for a page of a version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VehiclesPage(pub(super) Api);

/// Where it is kept.
#[derive(Debug)]
pub(crate) struct PageSlot(Api, Result<Page, ItemError>);

impl Query for VehiclesPage {
    type Items = Page;
    type Outcomes = PageSlot;
    const SINGLE: bool = true;

    fn paths(&self) -> Vec<&str> {
        vec![path(self.0)]
    }
    fn outcomes(&self) -> PageSlot {
        PageSlot(self.0, Err(ItemError::Missing))
    }
    fn items(PageSlot(api, page): PageSlot) -> Result<Page, RequiredFailed> {
        page.map_err(|error| RequiredFailed::new(path(api), error))
    }
}

fn path(api: Api) -> &'static str {
    match api {
        Api::V2 => "/vehicles",
        Api::V3 => "/connections",
    }
}

impl Outcomes for PageSlot {
    fn accept(&mut self, _: usize, answer: &ItemAnswer<'_>) {
        self.1 = match self.0 {
            Api::V2 => {
                let list = answer.read::<ListVehicles>();
                list.map(|list| Page::of_v2(list.into_body()))
            }
            Api::V3 => answer
                .read_raw()
                .and_then(|raw| Page::of_v3(raw.body.get())),
        };
    }

    fn fail(&mut self, _: usize, error: ItemError) {
        self.1 = Err(error);
    }

    fn error(&self, _: usize) -> Option<&ItemError> {
        self.1.as_ref().err()
    }
}

impl Page {
    fn of_v2(list: ListVehicles) -> Self {
        let count = list.paging.and_then(|paging| paging.count);
        let entries = list.vehicles.into_iter();
        Self {
            entries: entries.map(|id| Ok(vehicle(&id)?.into())).collect(),
            total: count.and_then(|count| u64::try_from(count).ok()),
            has_next: false,
        }
    }

    fn of_v3(text: &str) -> Result<Self, ItemError> {
        let (connections, page) = v3::connections(text).map_err(ItemError::Malformed)?;
        let entry = |read: Result<Connection, _>| {
            let unreadable =
                |error| wrong("has a connection that cannot be read").with_source(error);
            connected(&read.map_err(unreadable)?)
        };
        Ok(Self {
            entries: connections.into_iter().map(entry).collect(),
            total: page.total,
            has_next: page.has_next,
        })
    }
}

/// The vehicle of a connection, with its user.
fn connected(connection: &Connection) -> Result<FleetVehicle, Error> {
    let id = connection.vehicle_id();
    let id = vehicle(id.ok_or_else(|| wrong("has a connection without a vehicle"))?)?;
    let user = connection.user_id().map(UserId::new).transpose();
    let user =
        user.map_err(|error| wrong("has an id that cannot be a user's").with_source(error))?;
    Ok((id, user).into())
}

fn vehicle(id: &str) -> Result<VehicleId, Error> {
    let refused = |error| wrong("has an id that cannot be a vehicle's").with_source(error);
    VehicleId::new(id).map_err(refused)
}

pub(super) fn wrong(fault: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the list of vehicles {fault}"))
}
