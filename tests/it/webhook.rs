//! Webhooks, from the simulator that sends them to the batch that is read.

mod receiver;
mod sender;
mod sources;
mod storm;
