//! The list of an application's webhooks.
//!
//! Invariant: nothing is sent before the stream is polled.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::Stream;
use smartcar_model::v3::{self, Webhook};
use smartcar_model::{Error, Malformed};

use crate::client::Client;
use crate::dialect::list::{Ask, OnlyWebhooks};
use crate::listing::{Entries, Filtered, Listed};

/// The application's webhooks, a stream: [`Client::webhooks`].
///
/// Pages of 50 are requested when needed. If a page fails, its error is the last item.
/// An unreadable entry is an item with an error of its own for which
/// [`Error::is_list_entry`] is true, and the list continues after it.
#[must_use = "nothing is sent before the stream is polled"]
pub struct Webhooks {
    list: Filtered<OnlyWebhooks>,
}

impl Webhooks {
    /// Only webhooks with this name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.list.only.name = Some(name.into());
        self
    }

    /// Only webhooks that deliver to this URI.
    pub fn callback_uri(mut self, uri: impl Into<String>) -> Self {
        self.list.only.callback_uri = Some(uri.into());
        self
    }

    /// Only webhooks that are enabled, or only those that are not.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.list.only.enabled = Some(enabled);
        self
    }

    /// Only webhooks that new connections are subscribed to, or only the others.
    pub fn auto_subscribe(mut self, auto_subscribe: bool) -> Self {
        self.list.only.auto_subscribe = Some(auto_subscribe);
        self
    }
}

impl Listed for OnlyWebhooks {
    type Entry = Webhook;
    const WHAT: &'static str = "webhooks";

    fn ask(&self, page: u32) -> Ask<'_> {
        Ask::Webhooks { only: self, page }
    }

    fn read(text: &str) -> Result<Entries<Webhook>, Malformed> {
        v3::webhooks(text)
    }

    fn id(entry: &Webhook) -> Option<&str> {
        entry.id.as_deref()
    }
}

impl Stream for Webhooks {
    type Item = Result<Webhook, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.list.poll_next(context)
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks")
            .field("only", &self.list.only)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Lists the application's webhooks, v3 only. They are created in the dashboard.
    /// Whether one is verified is not shown by the API.
    ///
    /// On v2.0 the only item is an
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest).
    ///
    /// ```
    /// use futures_util::TryStreamExt;
    /// use smartcar_batch::{AccessToken, Api, Client};
    /// # use smartcar_simulator::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::start().await?;
    /// # simulator.webhook("http://127.0.0.1:8080/", "a-management-token")?;
    /// let client = Client::builder()
    ///     .api(Api::V3)
    ///     .access_token(AccessToken::new(simulator.token())?)
    ///     .api_origin(simulator.origin())
    ///     .build()?;
    /// let mut webhooks = client.webhooks().enabled(true);
    /// while let Some(webhook) = webhooks.try_next().await? {
    ///     println!("{:?} delivers to {:?}", webhook.id, webhook.callback_uri());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn webhooks(&self) -> Webhooks {
        Webhooks {
            list: Filtered::new(self, OnlyWebhooks::default()),
        }
    }
}
