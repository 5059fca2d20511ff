//! The list of vehicles that an access token can access, page by page.
//!
//! Invariant: each page has a new entry, or it is the last. So the list ends whatever
//! the API returns. An unreadable entry does not end the list.

mod page;

use std::collections::HashSet;

use futures_util::stream::Stream;
use smartcar_model::{Error, VehicleId};

use crate::api::Api;
use crate::call;
use crate::client::Client;
use crate::dialect::list::{Ask, List};
use crate::fleet_vehicle::FleetVehicle;
use crate::limits::VEHICLES_LISTED;
use crate::listing::{self, NewEntries, Pages};
use crate::observe;
use crate::options::Options;
use page::{Page, wrong};

impl Client {
    /// Lists the vehicles that the access token can access, in the API's order, each
    /// once.
    ///
    /// Pages of 50 are requested when needed, with the client's retry policy. Each
    /// page draws on the application's rate budget and is free of charge. If a page
    /// fails, its error is the last item.
    ///
    /// An unreadable entry, such as a connection without a vehicle or an invalid
    /// vehicle ID, is an item with an error of its own for which
    /// [`Error::is_list_entry`] is true. The list continues after it. Skip and report
    /// it: `?` or `try_collect` would lose the vehicles that follow.
    ///
    /// On v3 the vehicles come from the application's connections, so each has its
    /// user. If several users connected a vehicle, it is listed with the first one.
    /// With [`ClientBuilder::user`](crate::ClientBuilder::user), only that user's
    /// vehicles are listed. Smartcar's simulated vehicles are listed only with
    /// [`ClientBuilder::vehicle_mode`](crate::ClientBuilder::vehicle_mode).
    ///
    /// ```
    /// use futures_util::{StreamExt, stream};
    /// use smartcar_batch::{FleetVehicle, Odometer};
    /// # use smartcar_batch::{AccessToken, Client};
    /// # use smartcar_simulator::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::start().await?;
    /// # let client = Client::builder()
    /// #     .access_token(AccessToken::new(simulator.token())?)
    /// #     .api_origin(simulator.origin())
    /// #     .build()?;
    /// let mut vehicles: Vec<FleetVehicle> = Vec::new();
    /// let mut listed = client.vehicles();
    /// while let Some(entry) = listed.next().await {
    ///     match entry {
    ///         Ok(vehicle) => vehicles.push(vehicle),
    ///         Err(error) if error.is_list_entry() => eprintln!("skipped: {error}"),
    ///         Err(error) => return Err(error.into()), // the list is incomplete
    ///     }
    /// }
    /// let fleet = client.fleet::<(Odometer,)>().run(stream::iter(vehicles));
    /// # let outcomes: Vec<_> = fleet.collect().await;
    /// # assert!(!outcomes.is_empty() && outcomes.iter().all(|it| it.result.is_ok()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn vehicles(
        &self,
    ) -> impl Stream<Item = Result<FleetVehicle, Error>> + Send + Unpin + use<> {
        listing::entries(Listing::new(self.clone()))
    }
}

/// The progress of the list.
struct Listing {
    client: Client,
    /// The number of pages read and of their entries.
    pages: u32,
    length: u32,
    /// All entries: on v3 a vehicle has one for each of its users.
    entries: HashSet<FleetVehicle>,
    vehicles: HashSet<VehicleId>,
    /// The number of unreadable entries, and the fingerprints of pages that had no
    /// others.
    unreadable: usize,
    pages_unread: HashSet<u64>,
    ended: bool,
}

impl Listing {
    fn new(client: Client) -> Self {
        Self {
            client,
            pages: 0,
            length: 0,
            entries: HashSet::new(),
            vehicles: HashSet::new(),
            unreadable: 0,
            pages_unread: HashSet::new(),
            ended: false,
        }
    }
}

impl Pages for Listing {
    type Entry = FleetVehicle;

    fn has_ended(&self) -> bool {
        self.ended
    }

    async fn next(&mut self) -> NewEntries<FleetVehicle> {
        let client = &*self.client.shared;
        let user = client.user.as_ref();
        let (offset, page) = (self.length, self.pages.saturating_add(1));
        let mut list = match client.api {
            Api::V2 => List::new(Ask::Vehicles { offset }, Page::of_v2),
            Api::V3 => List::new(
                Ask::Connections {
                    user,
                    vehicle: None,
                    page,
                },
                Page::of_v3,
            ),
        };
        let options = Options::default();
        let called = call::run(client, &options, &mut list);
        let called = observe::within(observe::call(1, true), called).await?;
        let (page, request_id) = (called.results, called.told.request_id.as_deref());
        let length = u32::try_from(page.entries.len()).unwrap_or(u32::MAX);
        self.length = self.length.saturating_add(length);
        self.pages = self.pages.saturating_add(1);
        // A page can be shorter than requested, so only the total or an empty page
        // marks the end of the list.
        let total = page.total;
        let is_last = total.is_some_and(|total| u64::from(self.length) >= total) && !page.has_next;
        let goes_on = (total.is_some() || page.has_next) && !is_last;
        let (mut found, mut brings_none, mut reads_none) = (Vec::new(), true, true);
        for entry in page.entries {
            match entry {
                // The list may shift while it is read. Then an entry of the last page
                // is also on the next one.
                Ok(entry) => {
                    reads_none = false;
                    if self.entries.insert(entry.clone()) {
                        brings_none = false;
                        if self.vehicles.insert(entry.id().clone()) {
                            found.push(Ok(entry));
                        }
                    }
                }
                Err(error) => {
                    self.unreadable += 1;
                    found.push(Err(error.with_request_id(request_id)));
                }
            }
        }
        if reads_none && length > 0 {
            // Unreadable entries cannot be compared with those of other pages, but
            // the text of the page can.
            brings_none = !self.pages_unread.insert(page.fingerprint);
        }
        let fault = if brings_none && length > 0 && goes_on {
            Some("made no progress: a page contained only known entries")
        } else if self.entries.len() + self.unreadable > VEHICLES_LISTED {
            found.clear();
            Some("does not end: stopped after 100,000 entries")
        } else {
            None
        };
        self.ended = is_last || brings_none || fault.is_some();
        found.extend(fault.map(|fault| Err(wrong(fault).with_request_id(request_id))));
        Ok(found)
    }
}

#[cfg(test)]
mod tests;
