//! The vehicles that an access token may reach, page by page.
//!
//! Invariant: each page brings a vehicle that was not there before, or it is the
//! last; so the list ends whatever the API answers.

use std::collections::HashSet;

use futures_util::stream::{self, Stream, StreamExt};
use smartcar_model::ListVehicles;

use crate::limits::VEHICLES_LISTED;
use crate::request::{Options, VehiclesPage};
use crate::send::{self, Subject};
use crate::{Client, Error, ErrorKind, VehicleId};

impl Client {
    /// The vehicles that the access token may reach, in the API's order, each
    /// once.
    ///
    /// Pages of 50 are asked when they are needed, by the same policy as
    /// everything else; each draws on the application's rate budget, and is free
    /// of charge. A page that fails is the last item. An id that cannot be a
    /// vehicle's is an error of its own, and the list goes on. A client of
    /// version 3 refuses: there the application has connections, and no list.
    ///
    /// ```
    /// use futures_util::TryStreamExt;
    /// # use smartcar_batch::{AccessToken, Client, VehicleId};
    /// # use smartcar_simulator::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::start().await?;
    /// # let client = Client::builder()
    /// #     .access_token(AccessToken::new(simulator.token())?)
    /// #     .api_origin(simulator.origin())
    /// #     .build()?;
    /// let vehicles: Vec<VehicleId> = client.vehicles().try_collect().await?;
    /// assert!(!vehicles.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn vehicles(&self) -> impl Stream<Item = Result<VehicleId, Error>> + Send + Unpin + use<> {
        let pages = stream::unfold(Some(List::new(self.clone())), |list| async {
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
struct List {
    client: Client,
    offset: u32,
    seen: HashSet<VehicleId>,
    ended: bool,
}

impl List {
    fn new(client: Client) -> Self {
        Self {
            client,
            offset: 0,
            seen: HashSet::new(),
            ended: false,
        }
    }

    /// The new vehicles of the next page.
    async fn next(&mut self) -> Result<Vec<Result<VehicleId, Error>>, Error> {
        let subject = Subject::Vehicles {
            offset: self.offset,
        };
        let options = Options::default();
        let answered = send::call(&self.client, subject, &VehiclesPage, &options).await?;
        let ListVehicles {
            vehicles, paging, ..
        } = answered.items.into_body();
        let length = u32::try_from(vehicles.len()).unwrap_or(u32::MAX);
        self.offset = self.offset.saturating_add(length);
        // A page can be shorter than asked, so that only the count or an empty
        // page says where the list ends.
        let count = paging.and_then(|paging| paging.count);
        let count = count.filter(|count| *count >= 0);
        let is_last = count.is_some_and(|count| i64::from(self.offset) >= count);
        let mut page = Vec::new();
        for id in vehicles {
            match VehicleId::new(id) {
                // The list may shift while it is read: then a vehicle of the
                // last page is on the next one too.
                Ok(id) => {
                    if self.seen.insert(id.clone()) {
                        page.push(Ok(id));
                    }
                }
                Err(error) => page.push(Err(wrong("has an id that cannot be a vehicle's")
                    .with_source(error)
                    .with_request_id(answered.request_id.as_deref()))),
            }
        }
        let brings_none = !page.iter().any(Result::is_ok);
        self.ended = is_last || brings_none;
        let fault = if brings_none && length > 0 && count.is_some() && !is_last {
            "does not go on: a page has none that was not there before"
        } else if self.seen.len() > VEHICLES_LISTED {
            "does not end: it is given up at the 100,000th"
        } else {
            return Ok(page);
        };
        Err(wrong(fault).with_request_id(answered.request_id.as_deref()))
    }
}

fn wrong(fault: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the list of vehicles {fault}"))
}

#[cfg(test)]
mod tests;
