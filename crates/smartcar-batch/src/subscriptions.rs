//! The subscriptions of vehicles to webhooks: listed, created and ended.
//!
//! Invariant: nothing is subscribed without a user. Subscribing or unsubscribing twice
//! is a success, and the result says so.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::Stream;
use serde_json::json;
use smartcar_model::v3::{self, Subscription};
use smartcar_model::{Error, ErrorKind, InvalidReason, Malformed, Response, UserId, VehicleId};

use crate::call;
use crate::client::Client;
use crate::dialect::change::{self, Change, Changed};
use crate::dialect::list::{Ask, OnlySubscriptions};
use crate::listing::{Entries, Filtered, Listed, Listing, Pages, require_v3};
use crate::observe;
use crate::options::Options;
use crate::vehicle::Vehicle;

/// The subscriptions of vehicles to webhooks, a stream: [`Client::subscriptions`].
///
/// Pages of 50 are requested when needed. If a page fails, its error is the last item.
/// An unreadable entry is an item with an error of its own for which
/// [`Error::is_list_entry`] is true, and the list continues after it.
#[must_use = "nothing is sent before the stream is polled"]
pub struct Subscriptions {
    list: Filtered<OnlySubscriptions>,
}

/// What [`Client::subscribe`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subscribed {
    /// Whether the vehicle was not subscribed before (202). False if it was (409).
    pub is_new: bool,
    /// The ID of the new subscription. `None` if the response does not have it.
    pub id: Option<String>,
}

impl Subscriptions {
    /// Only subscriptions to this webhook.
    pub fn webhook(mut self, id: impl Into<String>) -> Self {
        self.list.only.webhook = Some(id.into());
        self
    }

    /// Only subscriptions of this vehicle.
    pub fn vehicle(mut self, id: VehicleId) -> Self {
        self.list.only.vehicle = Some(id);
        self
    }

    /// Only subscriptions of vehicles of this user.
    pub fn user(mut self, id: UserId) -> Self {
        self.list.only.user = Some(id);
        self
    }
}

impl Listed for OnlySubscriptions {
    type Entry = Subscription;
    const WHAT: &'static str = "subscriptions";

    fn ask(&self, page: u32) -> Ask<'_> {
        Ask::Subscriptions { only: self, page }
    }

    fn read(text: &str) -> Result<Entries<Subscription>, Malformed> {
        v3::subscriptions(text)
    }

    fn id(entry: &Subscription) -> Option<&str> {
        entry.id.as_deref()
    }
}

impl Stream for Subscriptions {
    type Item = Result<Subscription, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.list.poll_next(context)
    }
}

impl fmt::Debug for Subscriptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriptions").finish_non_exhaustive()
    }
}

impl Client {
    /// Lists the subscriptions of vehicles to webhooks, v3 only.
    ///
    /// With [`ClientBuilder::vehicle_mode`](crate::ClientBuilder::vehicle_mode), only
    /// those of vehicles of this mode. On v2.0 the only item is an
    /// [`ErrorKind::InvalidRequest`].
    pub fn subscriptions(&self) -> Subscriptions {
        Subscriptions {
            list: Filtered::new(self, OnlySubscriptions::default()),
        }
    }

    /// Subscribes a vehicle to a webhook, by the webhook's ID. One request, v3 only.
    ///
    /// It is a success whether the vehicle is new to the webhook or subscribed to it
    /// already; [`Subscribed::is_new`] tells which. A vehicle's store is empty until it
    /// is subscribed to a webhook that is verified.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`], before anything is sent, on v2.0, for
    /// an empty ID, and for a vehicle without a user: see [`Vehicle::with_user`].
    ///
    /// ```
    /// # use smartcar_batch::{AccessToken, Api, Client, UserId, VehicleId};
    /// # use smartcar_simulator::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::start().await?;
    /// # let webhook = simulator.webhook("http://127.0.0.1:8080/", "a-management-token")?;
    /// # let client = Client::builder()
    /// #     .api(Api::V3)
    /// #     .access_token(AccessToken::new(simulator.token())?)
    /// #     .api_origin(simulator.origin())
    /// #     .build()?;
    /// let vehicle = client
    ///     .vehicle(VehicleId::new("36ab27d0-fd9d-4455-823a-ce30af709ffc")?)
    ///     .with_user(UserId::new("8d6a2c1e-54c0-4b1f-8a57-0f1f5a0f9c11")?);
    /// client.subscribe(&webhook, &vehicle).await?;
    /// assert!(!client.subscribe(&webhook, &vehicle).await?.data.is_new);
    /// assert!(client.unsubscribe_vehicle(&webhook, &vehicle).await?.data);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn subscribe(
        &self,
        webhook: &str,
        vehicle: &Vehicle,
    ) -> Result<Response<Subscribed>, Error> {
        require_v3(self)?;
        require("webhook", webhook)?;
        let user = vehicle.user.as_ref().ok_or_else(|| {
            let why = "a subscription needs the user id of the vehicle: set it with `Vehicle::with_user`, or for all vehicles with `ClientBuilder::user` or SMARTCAR_USER_ID";
            let error = Error::new(ErrorKind::InvalidRequest, why);
            error.with_invalid_reason(InvalidReason::NoUser)
        })?;
        let attributes = json!({
            "webhookId": webhook,
            "userId": user.as_str(),
            "vehicleId": vehicle.id.as_str(),
        });
        let body = json!({"data": {"type": "subscription", "attributes": attributes}});
        let ask = change::Ask::Subscribe(body.to_string().into());
        let (told, Changed { is_new, id }) = self.change(ask).await?;
        Ok(told.with(Subscribed { is_new, id }))
    }

    /// Ends a subscription, by its ID. One request, v3 only. Returns whether there was
    /// one.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`], before anything is sent, on v2.0 and
    /// for an empty ID.
    pub async fn unsubscribe(&self, subscription: &str) -> Result<Response<bool>, Error> {
        require_v3(self)?;
        require("subscription", subscription)?;
        let (told, changed) = self.change(change::Ask::Unsubscribe(subscription)).await?;
        Ok(told.with(changed.is_new))
    }

    /// Ends the subscriptions of a vehicle to a webhook, without their IDs. Returns
    /// whether there was one.
    ///
    /// It lists the vehicle's subscriptions to the webhook first: one request for each
    /// page of 50, usually one in total, and one for each subscription that is found.
    /// [`Response::requests`] has the number that was sent.
    ///
    /// Fails as [`Client::unsubscribe`] does.
    pub async fn unsubscribe_vehicle(
        &self,
        webhook: &str,
        vehicle: &Vehicle,
    ) -> Result<Response<bool>, Error> {
        require("webhook", webhook)?;
        let mut list = Listing::new(
            self.clone(),
            OnlySubscriptions {
                webhook: Some(webhook.to_owned()),
                vehicle: Some(vehicle.id.clone()),
                user: None,
            },
        );
        let mut ids = Vec::new();
        while !list.has_ended() {
            for subscription in list.next().await? {
                let subscription = subscription?;
                // A server may ignore the filters.
                let is_meant = subscription.webhook_id() == Some(webhook)
                    && subscription.vehicle_id() == Some(vehicle.id.as_str());
                ids.extend(subscription.id.filter(|_| is_meant));
            }
        }
        let mut response = Response::nothing();
        response.requests = list.requests;
        let mut response = response.with(false);
        for id in ids {
            let one = self.unsubscribe(&id).await?;
            response.requests += one.requests;
            response.attempts += one.attempts;
            response.request_id = one.request_id;
            response.data |= one.data;
        }
        Ok(response)
    }

    async fn change(&self, ask: change::Ask<'_>) -> Result<(Response<()>, Changed), Error> {
        let options = Options::default();
        let mut change = Change::new(ask);
        let called = call::run(&self.shared, &options, &mut change);
        let called = observe::within(observe::call(1, true), called).await?;
        Ok((called.told, called.results))
    }
}

/// Rejects an ID that would change the URL.
fn require(what: &str, id: &str) -> Result<(), Error> {
    if id.trim().is_empty() || id.contains(char::is_control) {
        let message = format!("the {what} id is empty or not an id");
        return Err(Error::new(ErrorKind::InvalidRequest, message));
    }
    Ok(())
}
