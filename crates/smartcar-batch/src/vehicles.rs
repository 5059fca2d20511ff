//! The vehicles that an access token may reach, page by page.
//!
//! Invariant: each page brings an entry that was not there before, or it is the
//! last; so the list ends whatever the API answers. An entry that cannot be read
//! ends nothing.

mod page;

use std::collections::HashSet;

use futures_util::stream::{self, Stream, StreamExt};

use smartcar_model::{Error, VehicleId};

use crate::api::Api;
use crate::call;
use crate::client::Client;
use crate::dialect::list::{Ask, List};
use crate::fleet_vehicle::FleetVehicle;
use crate::limits::VEHICLES_LISTED;
use crate::observe;
use crate::options::Options;
use page::{Page, wrong};

impl Client {
    /// The vehicles that the access token may reach, in the API's order, each
    /// once.
    ///
    /// Pages of 50 are asked when they are needed, by the same policy as
    /// everything else; each draws on the application's rate budget, and is free
    /// of charge. A page that fails is the last item.
    ///
    /// An entry that cannot be read, such as a connection without a vehicle or an
    /// id that cannot be a vehicle's, is an item of its own: an error with
    /// [`Error::is_list_entry`], after which the list goes on. Skip it and report
    /// it; `?` or `try_collect` would lose the vehicles behind it.
    ///
    /// Version 3 has them in the application's connections, so that each comes
    /// with its user: the first that is named, where several users connected it.
    /// With [`ClientBuilder::user`](crate::ClientBuilder::user) only that user's
    /// are listed. Smartcar's simulated vehicles are among them only after
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
    ///         Err(error) => return Err(error.into()), // the list is not complete
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
        let pages = stream::unfold(Some(Listing::new(self.clone())), |list| async {
            let mut list = list?;
            let page = list.next().await;
            let rest = (page.is_ok() && !list.ended).then_some(list);
            Some((page, rest))
        });
        Box::pin(
            pages
                .flat_map(|page| stream::iter(page.unwrap_or_else(|error| vec![Err(error)])))
                .fuse(),
        )
    }
}

/// How far the list was read.
struct Listing {
    client: Client,
    /// How many pages were read, and how many entries they had.
    pages: u32,
    length: u32,
    /// Every entry: on version 3 a vehicle has one for each of its users.
    entries: HashSet<FleetVehicle>,
    vehicles: HashSet<VehicleId>,
    /// How many entries could not be read, and the pages that had no other.
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

    /// The new vehicles of the next page.
    async fn next(&mut self) -> Result<Vec<Result<FleetVehicle, Error>>, Error> {
        let client = &*self.client.shared;
        let user = client.user.as_ref();
        let (offset, page) = (self.length, self.pages.saturating_add(1));
        let list = match client.api {
            Api::V2 => List::new(Ask::Vehicles { offset }, Page::of_v2),
            Api::V3 => List::new(Ask::Connections { user, page }, Page::of_v3),
        };
        let options = Options::default();
        let called = call::run(client, &options, list);
        let called = observe::within(observe::call(1, true), called).await?;
        let (page, request_id) = (called.results, called.told.request_id.as_deref());
        let length = u32::try_from(page.entries.len()).unwrap_or(u32::MAX);
        self.length = self.length.saturating_add(length);
        self.pages = self.pages.saturating_add(1);
        // A page can be shorter than asked, so that only the total or an empty
        // page says where the list ends.
        let total = page.total;
        let is_last = total.is_some_and(|total| u64::from(self.length) >= total) && !page.has_next;
        let goes_on = (total.is_some() || page.has_next) && !is_last;
        let (mut found, mut brings_none, mut reads_none) = (Vec::new(), true, true);
        for entry in page.entries {
            match entry {
                // The list may shift while it is read: then an entry of the
                // last page is on the next one too.
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
            // Its entries cannot be told from those of other pages, but its
            // text can.
            brings_none = !self.pages_unread.insert(page.fingerprint);
        }
        let fault = if brings_none && length > 0 && goes_on {
            Some("does not go on: a page has none that was not there before")
        } else if self.entries.len() + self.unreadable > VEHICLES_LISTED {
            found.clear();
            Some("does not end: it is given up at the 100,000th")
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
