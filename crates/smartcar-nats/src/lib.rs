#![doc = include_str!("../README.md")]

mod connect;
mod error;
mod gate;
mod job;
mod keeper;
mod letter;
mod pull;
mod queue;
mod settle;
mod shared;
mod slots;
mod state;
mod streams;
mod subject;
mod ticket;
mod verdict;

pub use error::QueueError;
pub use queue::Queue;
pub use state::{Depth, Enqueued, Finished};
pub use subject::{CONSUMER, DEAD, OUTCOMES, VEHICLES};
pub use ticket::Ticket;

// Crates whose types appear in this crate's API.
#[doc(no_inline)]
pub use {async_nats, bytes, smartcar_batch};
