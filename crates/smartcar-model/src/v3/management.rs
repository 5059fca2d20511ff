//! Webhooks and subscriptions of the management API.
//!
//! Invariant: an entry that cannot be decoded is an error in its own place.

use super::resource::{self, Page};
use crate::body::text_as;
use crate::generated::v3::{Subscription, Webhook};
use crate::malformed::Malformed;
use crate::text;

/// Reads one page of `GET /webhooks`. Fails if the response has no list.
#[allow(clippy::type_complexity, reason = "each webhook has its own result")]
pub fn webhooks(text: &str) -> Result<(Vec<Result<Webhook, Malformed>>, Page), Malformed> {
    resource::page(text)
}

/// Reads one page of `GET /subscriptions`. Fails if the response has no list.
#[allow(
    clippy::type_complexity,
    reason = "each subscription has its own result"
)]
pub fn subscriptions(
    text: &str,
) -> Result<(Vec<Result<Subscription, Malformed>>, Page), Malformed> {
    resource::page(text)
}

/// Reads a subscription that was created.
pub fn subscription(text: &str) -> Result<Subscription, Malformed> {
    text_as(resource::unwrap(text)?)
}

impl Webhook {
    /// Its name in the dashboard. `None` if the response does not have it.
    pub fn name(&self) -> Option<&str> {
        said(self.attributes.as_ref()?.name.as_deref())
    }

    /// Where it delivers to. `None` if the response does not have it.
    pub fn callback_uri(&self) -> Option<&str> {
        said(self.attributes.as_ref()?.callback_uri.as_deref())
    }

    /// Whether it delivers. `None` if the response does not say.
    pub fn is_enabled(&self) -> Option<bool> {
        self.attributes.as_ref()?.is_enabled
    }

    /// Whether new connections are subscribed to it. `None` if the response does not
    /// say.
    pub fn auto_subscribes(&self) -> Option<bool> {
        self.attributes.as_ref()?.auto_subscribe
    }
}

impl Subscription {
    /// The webhook's ID. `None` if the response does not have it.
    pub fn webhook_id(&self) -> Option<&str> {
        said(self.attributes.as_ref()?.webhook_id.as_deref())
    }

    /// The vehicle's ID. `None` if the response does not have it.
    pub fn vehicle_id(&self) -> Option<&str> {
        said(self.attributes.as_ref()?.vehicle_id.as_deref())
    }

    /// The ID of the user who connected the vehicle. `None` if the response does not
    /// have it.
    pub fn user_id(&self) -> Option<&str> {
        said(self.attributes.as_ref()?.user_id.as_deref())
    }
}

fn said(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text::clean(text).is_empty())
}
