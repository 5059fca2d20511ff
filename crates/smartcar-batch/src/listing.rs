//! A list of v3's management API, page by page.
//!
//! Invariant: each page has a new entry, or it is the last. So the list ends whatever
//! the API returns. An unreadable entry does not end the list.

use std::collections::HashSet;
use std::task::{Context, Poll};

use futures_util::stream::{self, BoxStream, StreamExt};
use smartcar_model::v3::Page;
use smartcar_model::{Error, ErrorKind, ItemError, Malformed};

use crate::api::Api;
use crate::call;
use crate::client::Client;
use crate::dialect::list::{Ask, List};
use crate::limits::VEHICLES_LISTED;
use crate::observe;
use crate::options::Options;
use crate::transport::Reply;

/// The entries of a page, and its position in the list.
pub(crate) type Entries<T> = (Vec<Result<T, Malformed>>, Page);

/// What is listed.
pub(crate) trait Listed: Send + Sync + 'static {
    type Entry: Send + 'static;
    /// `webhooks`, for errors.
    const WHAT: &'static str;

    fn ask(&self, page: u32) -> Ask<'_>;

    fn read(text: &str) -> Result<Entries<Self::Entry>, Malformed>;

    fn id(entry: &Self::Entry) -> Option<&str>;
}

/// The progress of a list.
pub(crate) struct Listing<L> {
    client: Client,
    listed: L,
    page: u32,
    /// The number of entries of all pages so far.
    length: usize,
    seen: HashSet<String>,
    ended: bool,
    /// The number of requests sent.
    pub(crate) requests: u32,
}

/// The new entries of a page, or why it failed.
pub(crate) type NewEntries<T> = Result<Vec<Result<T, Error>>, Error>;

/// A list that is read page by page.
pub(crate) trait Pages: Send + 'static {
    type Entry: Send + 'static;

    /// The new entries of the next page.
    fn next(&mut self) -> impl Future<Output = NewEntries<Self::Entry>> + Send;

    fn has_ended(&self) -> bool;
}

/// The entries of all pages. If a page fails, its error is the last item.
pub(crate) fn entries<P: Pages>(list: P) -> BoxStream<'static, Result<P::Entry, Error>> {
    let pages = stream::unfold(Some(list), |list| async {
        let mut list = list?;
        let page = list.next().await;
        let rest = (page.is_ok() && !list.has_ended()).then_some(list);
        Some((page, rest))
    });
    pages
        .flat_map(|page| stream::iter(page.unwrap_or_else(|error| vec![Err(error)])))
        .fuse()
        .boxed()
}

/// The stream of a list whose filters can be set until it is polled.
pub(crate) struct Filtered<L: Listed> {
    client: Client,
    pub(crate) only: L,
    entries: Option<BoxStream<'static, Result<L::Entry, Error>>>,
}

impl<L: Listed + Clone> Filtered<L> {
    pub(crate) fn new(client: &Client, only: L) -> Self {
        Self {
            client: client.clone(),
            only,
            entries: None,
        }
    }

    pub(crate) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<L::Entry, Error>>> {
        let start = || entries(Listing::new(self.client.clone(), self.only.clone()));
        let entries = self.entries.get_or_insert_with(start);
        entries.poll_next_unpin(context)
    }
}

impl<L: Listed> Listing<L> {
    pub(crate) fn new(client: Client, listed: L) -> Self {
        Self {
            client,
            listed,
            page: 0,
            length: 0,
            seen: HashSet::new(),
            ended: false,
            requests: 0,
        }
    }
}

impl<L: Listed> Pages for Listing<L> {
    type Entry = L::Entry;

    fn has_ended(&self) -> bool {
        self.ended
    }

    async fn next(&mut self) -> NewEntries<L::Entry> {
        require_v3(&self.client)?;
        self.page = self.page.saturating_add(1);
        let read = |_: &Reply, text: &str| L::read(text).map_err(ItemError::Malformed);
        let mut list = List::new(self.listed.ask(self.page), read);
        let options = Options::default();
        let called = call::run(&self.client.shared, &options, &mut list);
        let called = observe::within(observe::call(1, true), called).await?;
        self.requests += called.told.requests;
        let request_id = called.told.request_id.as_deref();
        let (entries, page) = called.results;
        let count = entries.len();
        self.length += count;
        let length = u64::try_from(self.length).unwrap_or(u64::MAX);
        let is_last = page.total.is_some_and(|total| length >= total) && !page.has_next;
        let goes_on = (page.total.is_some() || page.has_next) && !is_last;
        let (mut found, mut brings_none) = (Vec::new(), true);
        for entry in entries {
            match entry {
                Ok(entry) => {
                    let id = L::id(&entry).map(str::to_owned);
                    // The list may shift while it is read.
                    if id.is_none_or(|id| self.seen.insert(id)) {
                        brings_none = false;
                        found.push(Ok(entry));
                    }
                }
                Err(malformed) => {
                    brings_none = false;
                    let error = wrong::<L>("has an unreadable entry").with_source(malformed);
                    found.push(Err(error.of_list_entry().with_request_id(request_id)));
                }
            }
        }
        let fault = if brings_none && count > 0 && goes_on {
            Some("made no progress: a page contained only known entries")
        } else if self.length > VEHICLES_LISTED {
            found.clear();
            Some("does not end: stopped after 100,000 entries")
        } else {
            None
        };
        self.ended = is_last || brings_none || fault.is_some();
        found.extend(fault.map(|fault| Err(wrong::<L>(fault).with_request_id(request_id))));
        Ok(found)
    }
}

fn wrong<L: Listed>(fault: &str) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("the list of {} {fault}", L::WHAT),
    )
}

/// Fails unless the client uses v3.
pub(crate) fn require_v3(client: &Client) -> Result<(), Error> {
    match client.shared.api {
        Api::V3 => Ok(()),
        Api::V2 => Err(Error::new(
            ErrorKind::InvalidRequest,
            "connections, webhooks and subscriptions belong to v3: build the client with `.api(Api::V3)`",
        )),
    }
}
