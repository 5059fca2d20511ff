//! The sender of webhooks.
//!
//! Invariant: what is sent depends only on the seed, the vehicles, the faults and the
//! simulated clock. Only the answers come from outside.

pub(crate) mod control;
pub(crate) mod event;
pub(crate) mod fault;
mod hooks;
mod known;
mod post;
pub(crate) mod sender;

pub use fault::{WebhookFault, WebhookForm};
pub(crate) use hooks::{Hooks, NewWebhook};
pub use known::{KnownWebhook, RecordedDelivery, Subscription};
